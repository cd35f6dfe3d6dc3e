#include "thimble/cli/explain_command.hpp"

#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <sstream>
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

TEST(RunExplain, RefusesWhatCanBeNoName) {
    ScanOptions options;
    options.root = "/nonexistent";  // nothing is read of it
    for (const char* const wrong : {"", "foo bar", "-x", " ", "curl\n"}) {
        std::ostringstream out;
        std::ostringstream err;
        EXPECT_EQ(run_explain(options, wrong, out, err), kUsage) << wrong;
        EXPECT_TRUE(err.str().contains("[cli.bad_subject]")) << err.str();
    }
    for (const char* const name : {"curl", ".build-deps", "CVE-2024-3094", "libstdc++6:amd64"}) {
        std::ostringstream out;
        std::ostringstream err;
        EXPECT_NE(run_explain(options, name, out, err), kUsage) << name << ": " << err.str();
    }
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
