#include "thimble/inventory/kernel.hpp"

#include "thimble/base/instant.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace thimble::inventory {
namespace {

using Names = std::vector<std::string>;

TEST(CompareReleases, ComparesNumbersAsNumbers) {
    EXPECT_TRUE(compare_releases("6.1.0-9-amd64", "6.1.0-30-amd64") < 0);
    EXPECT_TRUE(compare_releases("6.1.0-30-amd64", "6.1.0-030-amd64") == 0);
    EXPECT_TRUE(compare_releases("5.14.0-503.11.1.el9.x86_64", "5.14.0-427.el9.x86_64") > 0);
    EXPECT_TRUE(compare_releases("6.1.0", "6.1.0-1") < 0);
}

TEST(CompareReleases, IsAnOrder) {
    EXPECT_TRUE(rc::check([](const std::string& a, const std::string& b, const std::string& c) {
        RC_ASSERT(std::is_lt(compare_releases(a, b)) == std::is_gt(compare_releases(b, a)));
        RC_ASSERT(std::is_eq(compare_releases(a, a)));
        if (std::is_lteq(compare_releases(a, b)) && std::is_lteq(compare_releases(b, c))) {
            RC_ASSERT(std::is_lteq(compare_releases(a, c)));
        }
    }));
}

TEST(FlavourOf, IsWhatFollowsTheVersion) {
    EXPECT_EQ(flavour_of("6.1.0-30-amd64"), "amd64");
    EXPECT_EQ(flavour_of("6.1.0-30-cloud-amd64"), "cloud-amd64");
    EXPECT_EQ(flavour_of("6.1.0-30-rt-amd64"), "rt-amd64");
    EXPECT_EQ(flavour_of("5.15.0-164-generic"), "generic");
    EXPECT_EQ(flavour_of("6.12.9+bpo-amd64"), "amd64");
    EXPECT_EQ(flavour_of("6.12.9+deb13-amd64"), "amd64");
    EXPECT_EQ(flavour_of("5.14.0-427.el9.x86_64"), "x86_64");
    EXPECT_EQ(flavour_of("5.14.0-427.13.1.el9_4.x86_64"), "x86_64");
    EXPECT_EQ(flavour_of("5.14.0-503.11.1.el9_5.aarch64+rt"), "aarch64+rt");
    EXPECT_EQ(flavour_of("5.15.0-200.131.27.el9uek.x86_64"), "uek.x86_64");
    EXPECT_EQ(flavour_of("6.8.5-301.fc40.x86_64"), "x86_64");
    EXPECT_EQ(flavour_of("6.1.79-99.164.amzn2023.x86_64"), "x86_64");
    EXPECT_EQ(flavour_of(".x86_64"), "x86_64");
    EXPECT_EQ(flavour_of("5.14.21-150500.55.39-default"), "default");
    EXPECT_EQ(flavour_of("6.6.7-0-lts"), "lts");
    EXPECT_EQ(flavour_of("6.18.44"), "");
    EXPECT_EQ(flavour_of(""), "");
}

TEST(BootableReleases, TakesImagesOnly) {
    const Names boot{
        "System.map-6.1.0-30-amd64",
        "config-6.1.0-30-amd64",
        "grub",
        "initrd.img-6.1.0-30-amd64",
        "vmlinuz-0-rescue-0123",
        "vmlinuz-6.1.0-28-amd64",
        "vmlinuz-6.1.0-30-amd64",
        "vmlinuz-6.1.0-31-amd64.dpkg-new"};

    EXPECT_EQ(bootable_releases(boot), (Names{"6.1.0-28-amd64", "6.1.0-30-amd64"}));
}

TEST(NewestRelease, StaysWithinTheFlavour) {
    const Names releases{"6.1.0-9-amd64", "6.1.0-30-amd64", "6.1.0-31-cloud-amd64"};

    EXPECT_EQ(newest_release(releases, "6.1.0-9-amd64"), "6.1.0-30-amd64");
    EXPECT_EQ(newest_release(releases, "6.1.0-9-rt-amd64"), "");
    EXPECT_EQ(newest_release(releases, ""), "6.1.0-31-cloud-amd64");
    // A distribution's next minor release is of the same line, another line is not.
    const Names rpm{
        "5.14.0-427.13.1.el9_4.x86_64",
        "5.14.0-503.11.1.el9_5.x86_64",
        "5.15.0-200.131.27.el9uek.x86_64",
        "6.8.5-301.fc40.x86_64.debug"};
    EXPECT_EQ(newest_release(rpm, rpm[0]), rpm[1]);
    EXPECT_EQ(
        newest_release(
            Names{"6.8.5-301.fc40.x86_64", "6.9.1-100.fc39.x86_64"}, "6.8.5-301.fc40.x86_64"),
        "6.9.1-100.fc39.x86_64");
    EXPECT_EQ(newest_release(Names{}, ""), "");
}

TEST(RunningPackageVersion, IsInTheBuild) {
    EXPECT_EQ(
        running_package_version(
            "Linux version 6.1.0-30-amd64 (debian-kernel@example.org) (gcc-12 (Debian 12.2.0-14) "
            "12.2.0, GNU ld) #1 SMP PREEMPT_DYNAMIC Debian 6.1.124-1 (2025-01-12)\n"),
        "6.1.124-1");
    EXPECT_EQ(running_package_version("Linux version 6.18.44 #1 SMP\n"), "");
}

TEST(ParseBootTime, ReadsBtime) {
    EXPECT_EQ(
        parse_boot_time("cpu 1 2\nbtime 1700000000\nprocesses 3\n"),
        Instant(std::chrono::seconds(1'700'000'000)));
    EXPECT_EQ(parse_boot_time("btime x\n"), std::nullopt);
    EXPECT_EQ(parse_boot_time("btime 99999999999999999999\n"), std::nullopt);
}

TEST(IsContainerCgroup, KnowsTheEngines) {
    EXPECT_TRUE(is_container_cgroup("0::/system.slice/docker-0123.scope\n"));
    EXPECT_TRUE(is_container_cgroup("0::/docker/0123\n"));
    EXPECT_TRUE(is_container_cgroup("0::/kubepods.slice/x\n"));
    EXPECT_FALSE(is_container_cgroup("0::/init.scope\n"));
}

}  // namespace
}  // namespace thimble::inventory
