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

    EXPECT_EQ(expanded({"g++", "libssl3"}), (Names{"g++", "libssl3"}));
    EXPECT_EQ(expanded({"linux-.*"}), (Names{"linux-image-6.1.0-30-amd64", "linux-libc-dev"}));
    EXPECT_EQ(expanded({"linux|openssl"}), (Names{"linux", "openssl"})) << "sources, too";
    EXPECT_EQ(expanded({"ssl"}), Names{"ssl"}) << "a part of a name is none";
    EXPECT_EQ(expanded({"(", "libslip.*"}), (Names{"(", "libslip.*"})) << "the caller says so";
    EXPECT_EQ(expanded({std::string(201, '.')}), Names{std::string(201, '.')});
    EXPECT_EQ(expanded({}), Names{});
}

}  // namespace
}  // namespace thimble::apply
