#include "thimble/apply/apk_steps.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

using Words = std::vector<std::string>;

model::PlannedStep step(std::string name, std::string to) {
    model::PlannedStep made;
    made.name = std::move(name);
    made.to_version = std::move(to);
    return made;
}

TEST(ApkFetch, NamesEachVersionAfter) {
    const std::vector steps{
        step("busybox", "1.36.1-r7"), step("gone", ""), step("libstdc++", "13.2.1_git20231014-r0")};

    const auto argv = apk_fetch(steps, "/kept");

    ASSERT_TRUE(argv.has_value());
    EXPECT_EQ(
        *argv,
        (Words{
            "apk",
            "fetch",
            "--no-progress",
            "--output",
            "/kept",
            "--",
            "busybox=1.36.1-r7",
            "libstdc++=13.2.1_git20231014-r0"}));
}

TEST(ApkChange, IsOneTransactionOfExactVersionsAndAbsences) {
    const std::vector steps{step("busybox", "1.36.1-r7"), step("gone", "")};

    const auto argv = apk_change(steps, std::chrono::seconds(30));

    ASSERT_TRUE(argv.has_value());
    EXPECT_EQ(
        *argv,
        (Words{"apk", "add", "--no-progress", "--wait", "30", "--", "busybox=1.36.1-r7", "!gone"}));
}

TEST(ApkChange, RefusesWhatCouldBeAnOptionOrAnotherCondition) {
    for (const auto& [name, version] : std::vector<std::pair<std::string, std::string>>{
             {"--root", "1-r0"},
             {"", "1-r0"},
             {"!x", "1-r0"},
             {"x>1", "1-r0"},
             {"x y", "1-r0"},
             {"x@edge", "1-r0"},
             {".apk", "1-r0"},
             {"x/../y.apk", "1-r0"},
             {"x", "1 2"},
             {"x", "@edge"},
             {"!x", ""}}) {
        const std::vector steps{step(name, version)};
        EXPECT_FALSE(apk_change(steps, std::chrono::seconds(1)).has_value()) << name << version;
        EXPECT_FALSE(apk_fetch(steps, "/f").has_value()) << name << version;
    }
}

TEST(ApkRepair, AsksNoNetwork) {
    EXPECT_EQ(apk_repair(), (Words{"apk", "fix", "--no-progress", "--no-network"}));
}

}  // namespace
}  // namespace thimble::apply
