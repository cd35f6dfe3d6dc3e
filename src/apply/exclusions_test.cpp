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

    EXPECT_EQ(expanded({"g++", "libssl3"}), (Exclusions{{"g++", "libssl3"}, {}}));
    EXPECT_EQ(known({"linux-.*"}), (Names{"linux-image-6.1.0-30-amd64", "linux-libc-dev"}));
    EXPECT_EQ(known({"linux|openssl"}), (Names{"linux", "openssl"})) << "sources, too";
    EXPECT_EQ(expanded({"ssl"}), (Exclusions{{}, {"ssl"}})) << "a part of a name is none";
    EXPECT_EQ(expanded({"(", "libslip.*", "g++"}), (Exclusions{{"g++"}, {"(", "libslip.*"}}));
    EXPECT_EQ(expanded({std::string(201, '.')}).unknown.size(), 1U);
    EXPECT_EQ(expanded({}), Exclusions());
}

}  // namespace
}  // namespace thimble::apply
