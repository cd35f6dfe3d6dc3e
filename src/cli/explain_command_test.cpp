#include "thimble/cli/explain_command.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::cli {
namespace {

model::Inventory with_curl() {
    model::Inventory inventory;
    model::InstalledPackage& package = inventory.packages.emplace_back();
    package.name = package.source_name = "curl";
    return inventory;
}

TEST(NothingKnown, NamesTheNearestPackageOfTheVeryHost) {
    EXPECT_TRUE(nothing_known("crul", with_curl(), {}).text().ends_with(": thimble explain curl"));

    ScanOptions options;
    options.host = "ssh://root@web1";
    options.catalog = "my.cat";
    const std::string words = nothing_known("crul", with_curl(), options).text();
    EXPECT_TRUE(words.contains("no such package is installed on ssh://root@web1,")) << words;
    EXPECT_TRUE(words.ends_with(
        "nearest is curl: thimble explain --host ssh://root@web1 --catalog my.cat curl"))
        << words;
}

TEST(NothingKnown, SendsToTheScanOfTheVeryHostWhereNothingIsNear) {
    ScanOptions options;
    options.host = "ssh://web1";

    const std::string words = nothing_known("no-such-package", with_curl(), options).text();

    EXPECT_TRUE(words.ends_with("; `thimble scan --host ssh://web1` names what is to be known"))
        << words;
}

}  // namespace
}  // namespace thimble::cli
