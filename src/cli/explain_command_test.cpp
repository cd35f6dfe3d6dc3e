#include "thimble/cli/explain_command.hpp"

#include "thimble/catalog/advisory_builder_test.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/host/scratch_folder_test.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
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

void write(const std::filesystem::path& file, std::string_view text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

TEST(RunExplain, SaysWhichDistributionCallsItUnimportantAndThatNothingFollows) {
    using catalog::AnAdvisory;
    const auto tracker = [](const std::string& id, const std::string& source) {
        return AnAdvisory(id)
            .by(model::Authority::Tracker)
            .about({"CVE-2023-44487"})
            .affects("Debian:12", source, "0", "");
    };
    const catalog::ACatalog catalog(
        {tracker("DEBIAN-CVE-2023-44487", "nginx").calls_unimportant(),
         tracker("CVE-2023-44487", "h2o")});
    const host::ScratchFolder folder;
    const std::filesystem::path root = folder.path + "/root";
    write(folder.path + "/catalog", catalog.text());
    write(root / "etc/os-release", "ID=debian\nVERSION_ID=12\n");
    std::string status;
    for (const std::string name : {"nginx", "h2o"}) {
        status += "Package: " + name + "\nStatus: install ok installed\nArchitecture: amd64\n"
            + "Version: 1.22.1-9\nMaintainer: Debian <a@debian.org>\n\n";
    }
    write(root / "var/lib/dpkg/status", status);
    ScanOptions options;
    options.root = root;
    options.catalog = folder.path + "/catalog";
    options.no_offers = true;
    options.now = *parse_instant("2026-11-01");
    std::ostringstream out;
    std::ostringstream err;

    EXPECT_EQ(run_explain(options, "CVE-2023-44487", out, err), kSomethingDue) << err.str();

    const std::string text = out.str();
    EXPECT_TRUE(text.contains(
        "nginx 1.22.1-9 (source nginx 1.22.1-9): affected no fix\n"
        "  Debian calls it unimportant for nginx; priority and due date stay as they are\n"
        "  because test DEBIAN-CVE-2023-44487"))
        << text;
    EXPECT_TRUE(
        text.contains("  record test DEBIAN-CVE-2023-44487 (no date): affected, no fix, called\n"
                      "    unimportant; decides\n"))
        << text;
    EXPECT_TRUE(
        text.contains("h2o 1.22.1-9 (source h2o 1.22.1-9): affected no fix\n"
                      "  because test CVE-2023-44487"))
        << text;
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
