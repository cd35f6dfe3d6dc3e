#include "thimble/apply/dpkg_database.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

constexpr const char* kStatus =
    "Package: nginx\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.22.1-9\n"
    "Conffiles:\n /etc/nginx/nginx.conf b1946ac92492d2347c6235b4d2611184\n"
    " /etc/with blank d41d8cd98f00b204e9800998ecf8427e obsolete\n"
    "Description: a server\n and more\n\n"
    "Package: half\nStatus: hold reinstreq half-installed\nArchitecture: all\nVersion: 2\n\n"
    "Package: rest\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 3\n";

TEST(ParseDpkgDatabase, ReadsStatesAndConffiles) {
    const auto entries = parse_dpkg_database(kStatus);

    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 3U);
    const DpkgEntry& nginx = (*entries)[0];
    EXPECT_EQ(nginx.version, "1.22.1-9");
    EXPECT_TRUE(nginx.is_finished());
    ASSERT_EQ(nginx.conffiles.size(), 2U);
    EXPECT_EQ(nginx.conffiles[0].path, "/etc/nginx/nginx.conf");
    EXPECT_EQ(nginx.conffiles[0].md5, "b1946ac92492d2347c6235b4d2611184");
    EXPECT_EQ(nginx.conffiles[1].path, "/etc/with blank");
    EXPECT_TRUE(nginx.conffiles[1].obsolete);
    EXPECT_TRUE((*entries)[1].held);
    EXPECT_TRUE((*entries)[1].reinstall_required);
    EXPECT_FALSE((*entries)[1].is_finished());
    EXPECT_TRUE((*entries)[2].removal_wanted);
    EXPECT_FALSE((*entries)[2].is_present());
}

TEST(ParseDpkgDatabase, KeepsTheStanzaAsItStands) {
    const auto entries = parse_dpkg_database(kStatus);

    EXPECT_TRUE((*entries)[0].stanza.ends_with("Description: a server\n and more\n"));
    EXPECT_TRUE((*entries)[1].stanza.starts_with("Package: half\n"));
}

TEST(ParseDpkgDatabase, RefusesWhatDpkgRefuses) {
    EXPECT_EQ(
        parse_dpkg_database("Package: a\nStatus: install ok sideways\n").error().code,
        "apply.bad_database");
    EXPECT_FALSE(parse_dpkg_database("Status: install ok installed\n"));
    EXPECT_FALSE(parse_dpkg_database("Package: a\nVersion: 1\n"));
    EXPECT_FALSE(parse_dpkg_database("Package: a\nno colon\n"));
}

TEST(ReplayUpdate, PutsTheNewStateInPlace) {
    auto entries = *parse_dpkg_database(kStatus);

    replay_update(
        entries,
        *parse_dpkg_database("Package: half\nStatus: install ok unpacked\nArchitecture: all\n"
                             "Version: 4\n\nPackage: new\nStatus: install ok unpacked\n"));

    ASSERT_EQ(entries.size(), 4U);
    EXPECT_EQ(entries[1].version, "4");
    EXPECT_EQ(entries[1].state, DpkgState::Unpacked);
    EXPECT_EQ(entries[3].name, "new");
}

TEST(ParseAutomaticMarks, ReadsWhatIsMarked) {
    const auto marks = parse_automatic_marks(
        "Package: b\nArchitecture: amd64\nAuto-Installed: 1\n\n"
        "Package: a\nArchitecture: i386\nAuto-Installed: 1\n\n"
        "Package: c\nArchitecture: amd64\nAuto-Installed: 0\n");

    EXPECT_EQ(marks, (std::vector<std::string>{"a:i386", "b:amd64"}));
}

TEST(ParseUcfRegistry, ReadsPackagesAndPaths) {
    EXPECT_EQ(
        parse_ucf_registry("openssh-server \t /etc/ssh/sshd_config\nphp8.2-cli\t/etc/php/a b.ini\n"
                           "no-path\nrelative etc/x\n\n"),
        (std::vector<UcfFile>{
            {"openssh-server", "/etc/ssh/sshd_config"}, {"php8.2-cli", "/etc/php/a b.ini"}}));
}

}  // namespace
}  // namespace thimble::apply
