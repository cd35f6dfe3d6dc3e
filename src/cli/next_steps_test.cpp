#include "thimble/cli/next_steps.hpp"

#include "thimble/base/result.hpp"
#include "thimble/cli/taken_back_memory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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
    [[nodiscard]] std::vector<std::string> lifts(const ScanOptions& options) const {
        std::vector<std::string> words;
        for (const LiftingStep& step : lifting_steps(patch, inventory, options)) {
            words.push_back(step.words);
        }
        return words;
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

    EXPECT_EQ(one.step({}), "thimble patch plan --package curl");
    EXPECT_EQ(one.step(of_root("/mnt/a b")), "thimble patch plan --root '/mnt/a b' --package curl");
    EXPECT_EQ(
        one.step(of_host("ssh://web1")), "on ssh://web1: apt-get install --only-upgrade curl");
}

TEST(InstallStep, NamesTheArchitectureOfAForeignPackage) {
    const ScanOptions far = of_host("ssh://b");

    EXPECT_EQ(
        OnePatch("curl", "i386").step(far), "on ssh://b: apt-get install --only-upgrade curl:i386");
    EXPECT_EQ(OnePatch("curl", "all").step(far), "on ssh://b: apt-get install --only-upgrade curl");
}

TEST(InstallStep, LeavesHostsOfRpmToThePlan) {
    OnePatch one("curl");
    one.inventory.packages[0].type = "rpm";

    EXPECT_EQ(one.step({}), "thimble patch plan --package curl");
    EXPECT_EQ(one.step(of_host("ssh://b")), "on ssh://b: thimble patch plan --package curl");
}

TEST(LiftingSteps, AreOfTheVeryPackagesThatAreHeld) {
    OnePatch one("libcurl4");
    one.patch.source = "curl";
    one.inventory.packages.push_back(one.inventory.packages.front());
    one.inventory.packages.back().architecture = "i386";
    one.patch.packages = {0, 1};
    one.patch.blockers = {{model::BlockerKind::Hold, "held by dpkg's selection"}};
    for (const char* architecture : {"amd64", "i386"}) {
        model::Offer& offer = one.inventory.offers.emplace_back();
        offer.name = "libcurl4";
        offer.architecture = architecture;
    }
    one.inventory.offers[1].blockers = one.patch.blockers;
    const auto steps = [&one](const ScanOptions& options) {
        return one.lifts(options);
    };

    EXPECT_EQ(held_packages(one.patch, one.inventory), std::vector<std::string>{"libcurl4:i386"});
    EXPECT_EQ(steps({}), std::vector<std::string>{"apt-mark unhold libcurl4:i386"});
    EXPECT_EQ(
        steps(of_root("/mnt/a b")),
        std::vector<std::string>{"chroot '/mnt/a b' apt-mark unhold libcurl4:i386"});
    EXPECT_EQ(
        steps(of_host("ssh://web1")),
        std::vector<std::string>{"on ssh://web1: apt-mark unhold libcurl4:i386"});
}

TEST(LiftingSteps, AllowAgainWhatARunTookBack) {
    OnePatch one("curl");
    model::Offer& offer = one.inventory.offers.emplace_back();
    offer.source_name = "curl";
    offer.source_version = "2";
    block_taken_back(
        std::vector<TakenBackPatch>{
            {.root = "/", .source = "curl", .version = "2", .run = "20261201T100000Z-00"}},
        "/",
        one.inventory);
    one.patch.blockers = offer.blockers;
    ScanOptions options;
    options.state = "/srv/state";

    EXPECT_EQ(
        one.lifts(options),
        std::vector<std::string>{
            "thimble patch unblock --state /srv/state 20261201T100000Z-00 --reason TEXT"});
    EXPECT_EQ(one.step(options), "thimble patch plan --state /srv/state --package curl")
        << "after that";
}

TEST(LiftingSteps, SayWhereAPinIsThatNoCommandTakesAway) {
    OnePatch one("curl");
    one.patch.to_version = "2";
    one.patch.blockers = {{model::BlockerKind::Pin, "apt prefers 1"}};

    EXPECT_EQ(
        lifting_steps(one.patch, one.inventory, of_root("/mnt")),
        (std::vector<LiftingStep>{
            {"let apt prefer curl 2: change the pin in /mnt/etc/apt/preferences or "
             "/mnt/etc/apt/preferences.d",
             false}}));
    EXPECT_TRUE(one.lifts(of_host("ssh://a")).front().starts_with("on ssh://a: let apt prefer"));
    EXPECT_EQ(one.step(of_root("/mnt")), "thimble patch plan --root /mnt --package curl");
}

TEST(LiftingSteps, SetUpWhatWasInterruptedOnce) {
    OnePatch one("curl");
    one.patch.blockers = {
        {model::BlockerKind::PackageManagerInterrupted, "dpkg was interrupted"},
        {model::BlockerKind::PackageManagerInterrupted, "and once more"}};

    EXPECT_EQ(
        one.lifts(of_root("/mnt")),
        std::vector<std::string>{"thimble patch resume --root /mnt; where no run is unfinished: "
                                 "chroot /mnt dpkg --configure -a"});
}

TEST(LiftingSteps, AreNoneWhereNobodyHasSetTheBlocker) {
    OnePatch one("curl");
    one.patch.blockers = {
        {model::BlockerKind::Phased, "draw 73 > 40 %"},
        {model::BlockerKind::TakenBack, "in another way"}};
    EXPECT_TRUE(one.lifts({}).empty());

    one.patch.blockers = {{model::BlockerKind::Hold, "locked by zypper: cu*"}};
    EXPECT_EQ(one.lifts({}), std::vector<std::string>{"zypper removelock 'cu*'"});
}

TEST(LiftingSteps, DeleteALockOfDnf) {
    OnePatch one("curl", "x86_64");
    one.inventory.architecture = "x86_64";
    one.inventory.packages[0].type = "rpm";
    one.patch.blockers = {{model::BlockerKind::Hold, "locked by dnf versionlock"}};
    model::Offer& offer = one.inventory.offers.emplace_back();
    offer.name = "curl";
    offer.architecture = "x86_64";
    offer.blockers = one.patch.blockers;

    EXPECT_EQ(one.lifts({}), std::vector<std::string>{"dnf versionlock delete curl"});
}

TEST(InstallStep, IsNoneWhereThatWouldLeaveThePatchOut) {
    for (const model::BlockerKind kind :
         {model::BlockerKind::Phased,
          model::BlockerKind::Excluded,
          model::BlockerKind::OriginNotAllowed,
          model::BlockerKind::DependencyConflict}) {
        OnePatch one("curl");
        one.patch.blockers = {{kind, "so it is"}};
        EXPECT_EQ(one.step({}), "") << static_cast<int>(kind);
        EXPECT_EQ(one.step(of_root("/mnt")), "") << static_cast<int>(kind);
    }
    OnePatch phased("curl");
    phased.patch.blockers = {
        {model::BlockerKind::Hold, "locked by zypper: cu*"}, {model::BlockerKind::Phased, "73"}};
    EXPECT_EQ(phased.step({}), "") << "one of them stands";
}

TEST(InstallStep, OvercomesWhatItMay) {
    OnePatch one("curl");
    one.patch.blockers = {{model::BlockerKind::NeedsNewPackages, "brand-new"}};
    EXPECT_EQ(one.step(of_root("/mnt")), "thimble patch plan --root /mnt --package curl");

    one.patch.blockers = {{model::BlockerKind::NeedsRemovals, "victim"}};
    EXPECT_EQ(
        one.step(of_root("/mnt")),
        "thimble patch plan --root /mnt --package curl --level full --allow-removals");
}

TEST(StepOfCatalog, BuildsTheCatalogThatWasNamed) {
    const Error missing = failure(ErrorKind::NotFound, "catalog.missing", "there is none");
    ScanOptions options;
    EXPECT_EQ(step_of_catalog(missing, options), "") << "the usual step will do";
    options.catalog = "my.cat";
    EXPECT_EQ(
        step_of_catalog(missing, options),
        "build it anew: thimble catalog build --feed NAME=FILE --output my.cat");
    EXPECT_EQ(step_of_catalog(failure(ErrorKind::Denied, "host.system", "no"), options), "");
}

TEST(StepOfCatalog, WritesOverNothingThatIsNoCatalog) {
    ScanOptions options;
    options.catalog = "/etc/passwd";
    for (const char* const code : {"catalog.no_catalog", "catalog.unreadable"}) {
        const std::string step = step_of_catalog(failure(ErrorKind::Corrupt, code, ""), options);
        EXPECT_TRUE(step.starts_with("Is the path right")) << step;
        EXPECT_FALSE(step.contains("passwd")) << step;
    }
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
