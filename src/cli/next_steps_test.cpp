#include "thimble/cli/next_steps.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::cli {
namespace {

ScanOptions of_root(std::string root) {
    ScanOptions options;
    options.root = std::move(root);
    return options;
}

ScanOptions of_host(std::string host) {
    ScanOptions options;
    options.host = std::move(host);
    return options;
}

/// A host with one package, and an offered patch of it.
struct OnePatch {
    explicit OnePatch(const std::string& name, const std::string& architecture = "amd64") {
        model::InstalledPackage package;
        package.type = "deb";
        package.name = package.source_name = name;
        package.architecture = architecture;
        inventory.architecture = "amd64";
        inventory.packages.push_back(std::move(package));
        patch.source = name;
        patch.packages = {0};
        patch.offered = true;
    }
    [[nodiscard]] std::string step(const ScanOptions& options) const {
        return install_step(patch, inventory, options);
    }

    model::Inventory inventory;
    model::Patch patch;
};

TEST(TargetArguments, RepeatWhatNamesHostAndData) {
    ScanOptions options = of_root("/mnt/my image");
    options.catalog = "c.cat";
    options.state = "/srv/state";

    EXPECT_EQ(
        target_arguments(options), " --root '/mnt/my image' --catalog c.cat --state /srv/state");
    EXPECT_EQ(target_arguments(of_host("ssh://root@web1")), " --host ssh://root@web1");
    EXPECT_EQ(target_arguments({}), "");
}

TEST(TargetArguments, HideNoCommandInAPath) {
    EXPECT_EQ(target_arguments(of_root("/a;reboot\n'b")), " --root '/a;reboot?'\\''b'");
}

TEST(Aimed, RefreshesTheIndexOfTheHostThatWasScanned) {
    EXPECT_EQ(aimed("apt-get update", {}), "apt-get update");
    EXPECT_EQ(aimed("apt-get update", of_root("/mnt/a b")), "chroot '/mnt/a b' apt-get update");
    EXPECT_EQ(aimed("zypper refresh", of_root("/mnt/x")), "chroot /mnt/x zypper refresh");
    EXPECT_EQ(aimed("apt-get update", of_host("ssh://web1")), "on ssh://web1: apt-get update");
}

TEST(Aimed, RenewsTheCatalogThatWasUsed) {
    ScanOptions state;
    state.state = "/srv/state";
    EXPECT_EQ(aimed("thimble feeds sync kev", state), "thimble feeds sync kev --state /srv/state");

    ScanOptions catalog;
    catalog.catalog = "old.cat";
    EXPECT_EQ(
        aimed("thimble feeds sync", catalog),
        "build it anew: thimble catalog build --feed NAME=FILE --output old.cat");
}

TEST(Aimed, LeavesOtherWordsAlone) {
    EXPECT_EQ(aimed("run as root", of_root("/mnt")), "run as root");
    EXPECT_EQ(
        aimed("dpkg was interrupted: run `dpkg --configure -a`", of_root("/mnt/a b")),
        "dpkg was interrupted: run `chroot '/mnt/a b' dpkg --configure -a`");
}

TEST(AimBlockers, RepairsTheHostThatWasScanned) {
    model::Inventory inventory;
    inventory.offers.resize(1);
    inventory.offers[0].blockers = {
        {.kind = model::BlockerKind::PackageManagerInterrupted,
         .detail = "run `dpkg --configure -a`"}};

    aim_blockers(inventory, of_root("/mnt"));

    EXPECT_EQ(inventory.offers[0].blockers[0].detail, "run `chroot /mnt dpkg --configure -a`");
}

TEST(InstallStep, ChangesOnlyTheHostThatWasScanned) {
    const OnePatch one("curl");

    EXPECT_EQ(one.step({}), "apt-get install --only-upgrade curl");
    EXPECT_EQ(one.step(of_root("/mnt/a b")), "thimble patch plan --root '/mnt/a b' --package curl");
    EXPECT_EQ(
        one.step(of_host("ssh://web1")), "on ssh://web1: apt-get install --only-upgrade curl");
}

TEST(InstallStep, NamesTheArchitectureOfAForeignPackage) {
    EXPECT_EQ(OnePatch("curl", "i386").step({}), "apt-get install --only-upgrade curl:i386");
    EXPECT_EQ(OnePatch("curl", "all").step({}), "apt-get install --only-upgrade curl");
}

TEST(InstallStep, LeavesHostsOfRpmToThePlan) {
    OnePatch one("curl");
    one.inventory.packages[0].type = "rpm";

    EXPECT_EQ(one.step({}), "thimble patch plan --package curl");
    EXPECT_EQ(one.step(of_host("ssh://b")), "on ssh://b: thimble patch plan --package curl");
}

TEST(InstallStep, SaysNothingOfOddNamesAndOfWhatIsNotOffered) {
    EXPECT_EQ(OnePatch("curl;reboot").step({}), "");
    EXPECT_EQ(OnePatch("curl;reboot").step(of_root("/mnt")), "");
    OnePatch odd_source("curl");
    odd_source.patch.source = "$(reboot)";
    EXPECT_EQ(odd_source.step(of_root("/mnt")), "");

    OnePatch not_offered("curl");
    not_offered.patch.offered = false;
    EXPECT_EQ(not_offered.step({}), "");
    OnePatch installed("curl");
    installed.patch.installed = true;
    EXPECT_EQ(installed.step({}), "");
}

}  // namespace
}  // namespace thimble::cli
