#include "thimble/verify/old_files.hpp"

#include "thimble/host/root_host.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace thimble::verify {
namespace {

namespace fs = std::filesystem;

TEST(OldFiles, ComeFromTheListsOfWhatThePlanChanges) {
    std::string pattern = testing::TempDir() + "thimble-old-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    const fs::path root = pattern;
    fs::create_directories(root / "var/lib/dpkg/info");
    std::ofstream(root / "var/lib/dpkg/info/zold.list")
        << "/.\n/usr/bin/zold\n/usr/bin/tool\n/usr/share/doc/zold/copyright\n";
    std::ofstream(root / "var/lib/dpkg/diversions") << "/usr/bin/tool\n/usr/bin/tool.real\nother\n";
    model::Plan plan;
    plan.manager = "apt";
    plan.steps.resize(3);
    plan.steps[0].name = "zold";
    plan.steps[0].architecture = "amd64";
    plan.steps[0].from_version = "1.0";
    plan.steps[1].name = "new";
    plan.steps[2].name = "not-to-be-read";
    plan.steps[2].from_version = "1.0";
    const auto host = host::RootHost::open(root.string());

    const std::vector<OldFiles> files = read_old_files(**host, plan);

    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].package, "zold");
    EXPECT_EQ(
        files[0].paths,
        (std::set<std::string>{"/.", "/usr/bin/tool", "/usr/bin/tool.real", "/usr/bin/zold"}));
    const auto again = parse_old_files(format_old_files(files));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(*again, files);
    EXPECT_EQ(parse_old_files("{}").error().code, "verify.bad_old_files");
    fs::remove_all(root);
}

}  // namespace
}  // namespace thimble::verify
