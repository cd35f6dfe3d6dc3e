#include "thimble/apply/exclusions.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::apply {
namespace {

using Names = std::vector<std::string>;

TEST(ExpandExclusions, TakesNamesAsTheyAreAndTheRestAsExpressions) {
    model::Inventory inventory;
    for (const auto& [name, source] :
         {std::pair("g++", "gcc-defaults"),
          std::pair("linux-image-6.1.0-30-amd64", "linux"),
          std::pair("linux-libc-dev", "linux"),
          std::pair("libssl3", "openssl")}) {
        model::InstalledPackage package;
        package.name = name;
        package.source_name = source;
        inventory.packages.push_back(package);
    }
    const auto expanded = [&](const Names& words) {
        return expand_exclusions(inventory, words);
    };

    const auto known = [&](const Names& words) {
        return expanded(words).names;
    };

    EXPECT_EQ(expanded({"g++", "libssl3"}), (Exclusions{{"g++", "libssl3"}, {}, {}}));
    EXPECT_EQ(known({"linux-.*"}), (Names{"linux-image-6.1.0-30-amd64", "linux-libc-dev"}));
    EXPECT_EQ(known({"linux|openssl"}), (Names{"linux", "openssl"})) << "sources, too";
    EXPECT_EQ(expanded({"ssl"}), (Exclusions{{}, {"ssl"}, {}})) << "a part of a name is none";
    EXPECT_EQ(expanded({"libslip.*", "g++"}), (Exclusions{{"g++"}, {"libslip.*"}, {}}));
    EXPECT_EQ(expanded({}), Exclusions());
}

TEST(ExpandExclusions, SaysWhereAnExpressionIsInvalid) {
    const auto said = [](const std::string& word) {
        const Exclusions expanded = expand_exclusions({}, std::vector{word});
        EXPECT_TRUE(expanded.names.empty() && expanded.unknown.empty()) << word;
        return expanded.invalid.empty() ? "" : expanded.invalid.front();
    };

    EXPECT_EQ(
        said("linux-[a"),
        "the regular expression 'linux-[a' is invalid from its character 7 on, '[a': a [ is not "
        "closed");
    EXPECT_TRUE(
        said("lib(ssl|x").contains("character 4 on, '(ssl|x': a bracket ( or ) has no other"))
        << said("lib(ssl|x");
    EXPECT_TRUE(said("ab)c").contains("character 3 on, ')c': a bracket")) << said("ab)c");
    EXPECT_TRUE(said("*ssl").contains("character 1 on, '*ssl': there is nothing to repeat"));
    EXPECT_TRUE(said("lib{2").contains("character 4 on, '{2': a { is not closed")) << said("lib{2");
    EXPECT_TRUE(said("a[z-b]").contains("character 2 on, '[z-b]': a range ends before it begins"));
    EXPECT_TRUE(said("lib\\").contains("character 4 on, '\\'")) << said("lib\\");
    EXPECT_TRUE(said(std::string(201, '.')).contains("longer than 200 characters"));
}

TEST(ExpandExclusions, TakesWhatCouldBeANameForOne) {
    for (const char* name : {"libstdc++6", "g++", "a++b"}) {
        EXPECT_EQ(
            expand_exclusions({}, std::vector<std::string>{name}), (Exclusions{{}, {name}, {}}));
    }
}

}  // namespace
}  // namespace thimble::apply
