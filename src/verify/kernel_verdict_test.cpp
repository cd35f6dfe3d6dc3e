#include "thimble/verify/kernel_verdict.hpp"

#include "thimble/verify/verdict.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace thimble::verify {
namespace {

using model::PatchState;

const model::VersionOrder& dpkg() {
    return *model::version_order_named("dpkg");
}

model::Inventory host(std::string running, std::string newest) {
    model::Inventory inventory;
    inventory.kernel.running_release = std::move(running);
    inventory.kernel.newest_release = std::move(newest);
    return inventory;
}

PatchState state(const model::Inventory& inventory, std::vector<std::string> planned) {
    return judge_kernel(inventory, planned, dpkg(), {}, {}).state;
}

TEST(JudgeKernel, IsPendingWhileNoneOfThePlansKernelsRuns) {
    // /boot has not got the new one, so the running one seems to be the newest.
    const model::Inventory old = host("6.1.0-29-amd64", "6.1.0-29-amd64");
    EXPECT_EQ(state(old, {}), PatchState::Verified);

    const std::vector<std::string> planned{"6.1.0-30-amd64"};
    const KernelVerdict verdict = judge_kernel(old, planned, dpkg(), {}, {});

    EXPECT_EQ(verdict.state, PatchState::InstalledPendingReboot);
    EXPECT_EQ(
        verdict.evidence,
        "kernel 6.1.0-29-amd64 runs, 6.1.0-30-amd64 is installed; /boot does not show it: a boot "
        "may not bring it");
    EXPECT_EQ(
        judge_kernel(host("6.1.0-29-amd64", "6.1.0-30-amd64"), planned, dpkg(), {}, {}).evidence,
        "kernel 6.1.0-29-amd64 runs, 6.1.0-30-amd64 is installed");
    EXPECT_EQ(
        state(host("6.1.0-30-cloud-amd64", "6.1.0-30-cloud-amd64"), planned),
        PatchState::InstalledPendingReboot)
        << "another flavour runs";
}

TEST(JudgeKernel, VerifiesAPlannedKernelOrALaterOneOfItsFlavour) {
    EXPECT_EQ(
        state(host("6.1.0-30-amd64", "6.1.0-30-amd64"), {"6.1.0-30-amd64"}), PatchState::Verified);
    EXPECT_EQ(
        state(host("6.12.9+bpo-amd64", "6.12.9+bpo-amd64"), {"6.1.0-30-amd64"}),
        PatchState::Verified);
    EXPECT_EQ(
        state(
            host("6.1.0-30-cloud-amd64", "6.1.0-30-cloud-amd64"),
            {"6.1.0-29-cloud-amd64", "6.1.0-30-amd64", "6.1.0-30-cloud-amd64"}),
        PatchState::Verified)
        << "kernels side by side";
    const std::string red = "5.14.0-503.el9_5.x86_64";
    EXPECT_EQ(state(host(red, red), {"5.14.0-427.el9_4.x86_64", red}), PatchState::Verified);
    EXPECT_EQ(state(host("6.8.12-4-pve", ""), {"6.1.0-30-amd64"}), PatchState::Unknown)
        << "a container that does not seem to be one";
}

/// A kernel of one flavour runs, and a plan brought one of another.
struct TwoLines {
    model::Inventory inventory;
    model::PlannedStep step;
    std::vector<std::string> planned;

    TwoLines(const char* type, std::string running, std::string wanted)
        : inventory(host(running, running)), planned{std::move(wanted)} {
        model::InstalledPackage& own = inventory.packages.emplace_back();
        own.type = type;
        own.architecture = type == std::string_view("rpm") ? "x86_64" : "amd64";
    }

    [[nodiscard]] KernelVerdict verdict() const {
        const model::PlannedStep* const steps[] = {&step};
        const char* order = inventory.packages[0].type == "rpm" ? "rpm" : "dpkg";
        return judge_kernel(inventory, planned, *model::version_order_named(order), steps, {});
    }
};

TEST(JudgeKernel, DoesNotWaitForAFlavourThatTheHostDoesNotRun) {
    const std::string uek = "5.15.0-200.131.27.el9uek.x86_64";
    TwoLines oracle("rpm", uek, "5.14.0-503.el9_5.x86_64");
    oracle.step.name = "kernel-core";
    oracle.step.source_name = "kernel";
    oracle.step.to_version = "5.14.0-503.el9_5";
    EXPECT_EQ(oracle.verdict().state, PatchState::InstalledPendingReboot)
        << "the package of what runs was replaced";
    oracle.inventory.packages[0].name = "kernel-uek-core";
    oracle.inventory.packages[0].source_name = "kernel-uek";
    oracle.inventory.packages[0].version = "5.15.0-200.131.27.el9uek";
    EXPECT_EQ(oracle.verdict().state, PatchState::Verified);
    EXPECT_EQ(
        oracle.verdict().evidence,
        "kernel " + uek + " runs and is the newest installed of its kind; "
            + "5.14.0-503.el9_5.x86_64 is of another, and does not run");
    oracle.inventory.kernel.newest_release = "5.15.0-201.el9uek.x86_64";
    EXPECT_EQ(oracle.verdict().state, PatchState::InstalledPendingReboot);

    TwoLines ubuntu("deb", "6.8.0-1021-aws", "6.8.0-51-generic");
    ubuntu.step.name = "linux-image-6.8.0-51-generic";
    ubuntu.step.source_name = "linux-signed";
    ubuntu.step.to_version = "6.8.0-51.52";
    ubuntu.inventory.packages[0].name = "linux-image-6.8.0-1021-aws";
    ubuntu.inventory.packages[0].source_name = "linux-signed-aws";
    ubuntu.inventory.packages[0].version = "6.8.0-1021.23";
    EXPECT_EQ(ubuntu.verdict().state, PatchState::Verified);
}

TEST(JudgeKernel, WaitsWhereAnOlderFlavourOfTheSameSourceRuns) {
    TwoLines debian("deb", "6.1.0-31-cloud-amd64", "6.1.0-32-amd64");
    debian.step.name = "linux-image-6.1.0-32-amd64";
    debian.step.source_name = "linux-signed-amd64";
    debian.step.to_version = "6.1.129-1";
    debian.inventory.packages[0].name = "linux-image-6.1.0-31-cloud-amd64";
    debian.inventory.packages[0].source_name = "linux-signed-amd64";
    debian.inventory.packages[0].version = "6.1.128-1";
    EXPECT_EQ(debian.verdict().state, PatchState::InstalledPendingReboot)
        << "it has the faults that the plan mends";
    debian.inventory.packages[0].version = "6.1.129-1";
    EXPECT_EQ(debian.verdict().state, PatchState::Verified);
}

TEST(JudgeKernel, WaitsForANewBuildOfTheReleaseThatRuns) {
    model::Inventory inventory = host("6.8.0-51-generic", "6.8.0-51-generic");
    model::PlannedStep image;
    image.name = "linux-image-6.8.0-51-generic";
    const model::PlannedStep* const steps[] = {&image};
    std::vector<PackageFiles> files(1);
    files[0].package = image.name;
    const auto state = [&] {
        const auto planned = planned_releases(steps, files);
        return judge_kernel(inventory, planned, dpkg(), steps, files).state;
    };
    EXPECT_EQ(state(), PatchState::Unknown);
    inventory.kernel.booted_at = Instant(std::chrono::seconds(2000));
    files[0].unpacked_at = Instant(std::chrono::seconds(2000));
    EXPECT_EQ(state(), PatchState::InstalledPendingReboot);
    files[0].unpacked_at = Instant(std::chrono::seconds(1999));
    EXPECT_EQ(state(), PatchState::Verified);
    files[0].unpacked_at = Instant(std::chrono::seconds(2001));
    inventory.kernel.running_version = "6.8.0-51.52";
    EXPECT_EQ(state(), PatchState::Verified) << "Debian's kernels tell it themselves";
}

TEST(ReasonsToBoot, AreThereWhateverWasPatched) {
    VerifyFacts facts;
    facts.inventory = host("6.1.0-29-amd64", "6.1.0-30-amd64");
    EXPECT_EQ(
        reasons_to_boot(facts),
        std::vector<std::string>{"kernel 6.1.0-29-amd64 runs, 6.1.0-30-amd64 is installed"});
    facts.inventory.reboot_required = true;
    EXPECT_EQ(reasons_to_boot(facts).size(), 2U);
    facts.runs = false;
    EXPECT_TRUE(reasons_to_boot(facts).empty()) << "a directory does not boot";
}

TEST(ReasonsToBoot, AreNoneOnAHostThatIsAsItShouldBe) {
    VerifyFacts facts;
    facts.inventory = host("6.1.0-30-amd64", "6.1.0-30-amd64");
    facts.inventory.kernel.running_version = "6.1.124-1";
    facts.inventory.packages.resize(1);
    facts.inventory.packages[0].name = "linux-image-6.1.0-30-amd64";
    facts.inventory.packages[0].version = "6.1.124-1";
    EXPECT_TRUE(reasons_to_boot(facts).empty());
    facts.inventory.packages[0].version = "6.1.124-2";
    EXPECT_EQ(reasons_to_boot(facts).size(), 1U) << "the same release, built anew";
    facts.inventory = host("6.1.0-30-amd64", "6.1.0-29-amd64");
    EXPECT_TRUE(reasons_to_boot(facts).empty()) << "an older one brings nothing";
    facts.inventory = host("6.8.12-4-pve", "");
    EXPECT_TRUE(reasons_to_boot(facts).empty());
    facts.inventory = host("6.1.0-29-amd64", "6.1.0-30-amd64");
    facts.inventory.kernel.container = true;
    EXPECT_TRUE(reasons_to_boot(facts).empty());
}

TEST(PlannedReleases, ReadsThemFromNamesAndFromFiles) {
    std::vector<model::PlannedStep> steps(6);
    steps[0].name = "linux-image-6.1.0-30-amd64";
    steps[1].name = "linux-image-6.1.0-31-cloud-amd64-unsigned";
    steps[2].name = "linux-image-unsigned-5.15.0-164-generic";
    steps[3].name = "linux-image-amd64";
    steps[4].name = "kernel-core";
    steps[5].name = "kernel-modules";
    std::vector<const model::PlannedStep*> all;
    for (const model::PlannedStep& step : steps) {
        all.push_back(&step);
    }
    std::vector<PackageFiles> files(2);
    files[0].package = "kernel-core";
    files[0].paths = {
        "/boot/vmlinuz-5.14.0-427.el9.x86_64",
        "/lib/modules/5.14.0-503.el9.x86_64/vmlinuz",
        "/usr/share/licenses/kernel-core"};
    files[1].package = "kernel-modules";
    files[1].paths = {"/lib/modules/5.14.0-9.el9.x86_64/kernel/x.ko"};

    EXPECT_EQ(
        planned_releases(all, files),
        (std::vector<std::string>{
            "5.14.0-427.el9.x86_64",
            "5.14.0-503.el9.x86_64",
            "5.15.0-164-generic",
            "6.1.0-30-amd64",
            "6.1.0-31-cloud-amd64"}));
}

}  // namespace
}  // namespace thimble::verify
