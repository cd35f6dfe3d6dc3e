#include "thimble/inventory/root_archive.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace thimble::inventory {
namespace {

TEST(UseOfEntry, TakesWhatAptReads) {
    for (const std::string_view path :
         {"etc/apt/",
          "./etc/apt/sources.list.d/debian.sources",
          "var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease",
          "var/lib/apt/extended_states",
          "var/lib/dpkg/status"}) {
        EXPECT_EQ(use_of_entry(path), EntryUse::Data) << path;
    }
    EXPECT_EQ(use_of_entry("etc/apt/apt.conf"), EntryUse::Settings);
    EXPECT_EQ(use_of_entry("etc/apt/apt.conf.d/70debconf"), EntryUse::Settings);
}

TEST(UseOfEntry, RefusesSecretsAndWhatLeadsElsewhere) {
    for (const std::string_view path :
         {"",
          "/etc/apt/sources.list",
          "etc/apt/../../x",
          "../etc/apt/sources.list",
          "etc/apt/..",
          "etc//apt/x",
          "etc/apt/auth.conf",
          "etc/apt/auth.conf.d/90esm",
          "etc/shadow",
          "etc/aptitude",
          "var/lib/dpkg/status-old",
          "etc/apt/./sources.list"}) {
        EXPECT_EQ(use_of_entry(path), EntryUse::Refuse) << path;
    }
    EXPECT_EQ(use_of_entry(std::string("etc/apt/a\0b", 11)), EntryUse::Refuse);
}

TEST(IncludesOtherFiles, SeesTheDirectiveInAnyCase) {
    EXPECT_TRUE(includes_other_files("A \"b\";\n#Include \"/etc/shadow\";\n"));
    EXPECT_TRUE(includes_other_files("#include /x"));
    EXPECT_FALSE(includes_other_files("APT::Install-Recommends \"false\"; # in clude\n"));
    EXPECT_FALSE(includes_other_files(""));
}

TEST(IncludedPath, IsThatOfALineWhichSaysNothingElse) {
    EXPECT_EQ(included_path(R"(#include "/etc/apt/more.conf";)"), "/etc/apt/more.conf");
    EXPECT_EQ(included_path("\t#include  \"/etc/apt/more.d/\" ;\r"), "/etc/apt/more.d/");
    for (const char* line :
         {"#include /etc/passwd;",
          R"(#include "/etc/passwd")",
          R"(#include "etc/passwd";)",
          R"(#include "/etc/../etc/passwd";)",
          R"(#include "/a"; #include "/b";)",
          R"(#include "/a b";)",
          R"(#include "";)",
          R"(#include ";)",
          R"(A "b"; #include "/etc/passwd";)",
          R"(#clear "/a";)",
          ""}) {
        EXPECT_EQ(included_path(line), "") << line;
    }
}

}  // namespace
}  // namespace thimble::inventory
