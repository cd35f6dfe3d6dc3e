#include "thimble/verify/verdict_facts_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::verify {
namespace {

using model::PatchState;

TEST(JudgePatches, WaitsForAReboot) {
    VerifyFacts facts = good_facts();
    facts.inventory.stale_processes.push_back(
        process("dbus.service", "service", "/usr/lib/libx.so.1"));
    EXPECT_EQ(state_of(facts), PatchState::InstalledPendingReboot);

    model::Plan plan;
    plan.manager = "apt";
    plan.patches.push_back({"linux", "6.1.1-1", "6.1.2-1", {}});
    plan.steps.push_back(step("linux-image-6.1.0-2-amd64", "linux-signed-amd64", "6.1.2-1"));
    facts = good_facts();
    facts.inventory.packages[0].name = "linux-image-6.1.0-2-amd64";
    facts.inventory.packages[0].version = "6.1.2-1";
    facts.files[0].package = "linux-image-6.1.0-2-amd64";
    facts.inventory.kernel.newest_release = "6.1.0-2-amd64";
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::InstalledPendingReboot);
    facts.inventory.kernel.running_release = "6.1.0-2-amd64";
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Unknown)
        << "nobody tells which build of it runs";
    facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(2000));
    facts.files[0].unpacked_at = Instant(std::chrono::seconds(1000));
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Verified);
    // The same release, built anew.
    facts.inventory.kernel.running_version = "6.1.1-1";
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::InstalledPendingReboot);
    facts.inventory.kernel.running_version = "6.1.2-1";
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Verified);
    facts.inventory.kernel.newest_release.clear();
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Unknown);
    facts.inventory.kernel.running_release.clear();
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Unknown);
}

TEST(JudgePatches, TakesTheNewestOfKernelsThatAreInstalledBesideEachOther) {
    model::Plan plan;
    plan.manager = "dnf";
    plan.patches.push_back({"kernel", "5.14.0-427.el9", "5.14.0-503.el9", {}});
    plan.steps.push_back(step("kernel-core", "kernel", "5.14.0-503.el9"));
    VerifyFacts facts = good_facts();
    facts.inventory.packages[0].name = "kernel-core";
    facts.inventory.packages[0].version = "5.14.0-427.el9";
    facts.inventory.packages.push_back(facts.inventory.packages[0]);
    facts.inventory.packages[1].version = "5.14.0-503.el9";
    facts.files[0].package = "kernel-core";
    facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(2000));
    facts.files[0].unpacked_at = Instant(std::chrono::seconds(1000));
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Verified);

    facts.files[0].paths = {"/lib/modules/5.14.0-503.el9.x86_64/vmlinuz"};
    facts.inventory.kernel.running_release = "5.14.0-427.el9.x86_64";
    facts.inventory.kernel.newest_release = "5.14.0-427.el9.x86_64";
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::InstalledPendingReboot)
        << "/boot does not show the new one, and it does not run";
    facts.inventory.kernel.running_release = "5.14.0-503.el9.x86_64";
    facts.inventory.kernel.newest_release = "5.14.0-503.el9.x86_64";
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Verified);

    plan.steps.push_back(step("kernel-modules", "kernel", "5.14.0-503.el9"));
    facts.inventory.packages.push_back(facts.inventory.packages[1]);
    facts.inventory.packages.back().name = "kernel-modules";
    facts.files.push_back(facts.files[0]);
    facts.files.back().package = "kernel-modules";
    facts.files.back().paths = {"/lib/modules/5.14.0-503.el9/x.ko"};
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Verified)
        << "the kernel that runs is that of the modules";
}

TEST(JudgePatches, WantsABootAfterModulesAndFirmware) {
    VerifyFacts facts = good_facts();
    facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(1000));
    facts.files[0].unpacked_at = Instant(std::chrono::seconds(2000));
    EXPECT_EQ(state_of(facts), PatchState::Verified);
    for (const char* path :
         {"/lib/modules/6.1.0-1-amd64/updates/nvidia.ko",
          "/usr/lib/firmware/brcm/x.bin",
          "/boot/xen-4.17-amd64.gz"}) {
        facts.files[0].paths = {path};
        EXPECT_EQ(state_of(facts), PatchState::InstalledPendingReboot) << path;
        EXPECT_TRUE(depends_on_time(plan_of_libx().steps[0], facts.files[0]));
    }
    facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(3000));
    EXPECT_EQ(state_of(facts), PatchState::Verified);
    facts.inventory.kernel.container = true;
    facts.inventory.kernel.booted_at.reset();
    EXPECT_EQ(state_of(facts), PatchState::Verified) << "a container loads none";
}

TEST(JudgePatches, WantsABootAfterMicrocode) {
    model::Plan plan;
    plan.manager = "apt";
    plan.patches.push_back({"intel-microcode", "1-1", "1-2", {}});
    plan.steps.push_back(step("libx1", "intel-microcode", "1-2"));
    VerifyFacts facts = good_facts();
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Unknown);
    facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(1000));
    facts.files[0].unpacked_at = Instant(std::chrono::seconds(2000));
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::InstalledPendingReboot);
    facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(3000));
    facts.boot.made_at = Instant(std::chrono::seconds(2500));
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Verified);
}

/// A plan whose only patch is microcode, on a host that was booted after it came.
struct BootedMicrocode {
    model::Plan plan;
    VerifyFacts facts = good_facts();

    BootedMicrocode() {
        plan.manager = "apt";
        plan.patches.push_back({"intel-microcode", "1-1", "1-2", {}});
        plan.steps.push_back(step("libx1", "intel-microcode", "1-2"));
        facts.files[0].unpacked_at = Instant(std::chrono::seconds(2000));
        facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(3000));
    }

    void made_at(int seconds) {
        facts.boot.initial_files = "/boot/initrd.img-6.1.0-1-amd64";
        facts.boot.made_at = Instant(std::chrono::seconds(seconds));
    }
    [[nodiscard]] PatchVerdict verdict() const { return judge_patches(plan, facts).front(); }
    [[nodiscard]] bool says(std::string_view words) const {
        return std::ranges::any_of(verdict().evidence, [words](const std::string& sentence) {
            return sentence.contains(words);
        });
    }
};

TEST(JudgePatches, WantsMicrocodeInTheInitialFileSystemThatBooted) {
    BootedMicrocode host;
    EXPECT_EQ(host.verdict().state, PatchState::Unknown);
    EXPECT_TRUE(host.says(
        "/boot has no initial file system of the kernel that runs, which would have a copy: with "
        "what the host has booted is not known"));
    host.made_at(2500);
    EXPECT_EQ(host.verdict().state, PatchState::Verified);
    host.made_at(3500);
    EXPECT_EQ(host.verdict().state, PatchState::Unknown);
    EXPECT_TRUE(host.says(
        "/boot/initrd.img-6.1.0-1-amd64 was made anew after the last boot: what that began with "
        "cannot be seen any more, and the next one settles it"));
    host.made_at(1500);
    EXPECT_EQ(host.verdict().state, PatchState::Unknown);
    EXPECT_TRUE(host.says(
        "/boot/initrd.img-6.1.0-1-amd64 was not made anew since: run update-initramfs -u -k "
        "6.1.0-1-amd64, and boot"));
    host.facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(1800));
    EXPECT_EQ(host.verdict().state, PatchState::InstalledPendingReboot);
    EXPECT_TRUE(host.says("update-initramfs -u -k")) << "a boot alone brings the old one again";
    host.facts.inventory.kernel.newest_release = "6.1.0-2-amd64";
    EXPECT_FALSE(host.says("update-initramfs -u -k")) << "a boot brings another kernel";
    host.facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(3000));
    host.facts.boot = {};
    host.facts.boot.initial_files_unread = "denied";
    EXPECT_EQ(host.verdict().state, PatchState::Unknown);
    host.facts.inventory.kernel.container = true;
    EXPECT_EQ(host.verdict().state, PatchState::Verified);
}

TEST(JudgePatches, AsksTheInitialFileSystemForNothingElse) {
    BootedMicrocode host;
    host.plan.patches[0].source = "ours";
    host.plan.steps[0].source_name = "ours";
    host.facts.files[0].paths = {"/lib/firmware/x.bin"};
    host.made_at(1500);
    EXPECT_EQ(host.verdict().state, PatchState::Verified);
    host.plan.steps[0].name = host.facts.files[0].package = "firmware-x";
    host.facts.inventory.packages[0].name = "firmware-x";
    EXPECT_EQ(host.verdict().state, PatchState::Verified) << "few of these make it anew";
}

TEST(JudgePatches, WaitsForABootThatAPackageOfThePatchAsksFor) {
    VerifyFacts facts = good_facts();
    facts.boot.askers = {"libc6"};
    EXPECT_EQ(state_of(facts), PatchState::Verified) << "another package asks";
    facts.boot.askers.emplace_back("libx1");
    const PatchVerdict verdict = judge_patches(plan_of_libx(), facts).front();
    EXPECT_EQ(verdict.state, PatchState::InstalledPendingReboot);
    EXPECT_EQ(verdict.evidence.back(), "libx1 asks for a boot in /run/reboot-required.pkgs");
    facts.runs = false;
    EXPECT_EQ(state_of(facts), PatchState::Verified);
    facts = good_facts();
    facts.boot.askers_unread = "denied";
    EXPECT_EQ(state_of(facts), PatchState::Unknown);
}

TEST(JudgePatches, WantsABootAfterModulesOfAVersionedSource) {
    model::Plan plan = plan_of_libx();
    plan.steps[0].name = "nvidia-dkms-535";
    VerifyFacts facts = good_facts();
    facts.inventory.packages[0].name = "nvidia-dkms-535";
    facts.files[0].package = "nvidia-dkms-535";
    facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(1000));
    facts.files[0].unpacked_at = Instant(std::chrono::seconds(2000));
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::InstalledPendingReboot);
}

/// A host of Proxmox: its kernels have names and sources of their own, and a meta package leads to them.
struct Proxmox {
    model::Plan plan;
    VerifyFacts facts = good_facts();

    Proxmox() {
        facts.inventory.packages.clear();
        facts.files.clear();
        facts.inventory.kernel.running_release = "6.8.12-3-pve";
        facts.inventory.kernel.newest_release = "6.8.12-4-pve";
        facts.inventory.kernel.booted_at = Instant(std::chrono::seconds(3000));
        plan.manager = "apt";
        add("proxmox-kernel-6.8", "proxmox-kernel-6.8", {"/usr/share/doc/x/copyright"});
        add("proxmox-kernel-6.8.12-4-pve-signed",
            "proxmox-kernel-signed-6.8",
            {"/boot/vmlinuz-6.8.12-4-pve", "/lib/modules/6.8.12-4-pve/kernel/x.ko"});
        for (const model::PlannedStep& step : plan.steps) {
            plan.patches.push_back({step.source_name, "1-1", "1-2", {}});
        }
    }

    void add(std::string name, std::string source, std::set<std::string> paths) {
        plan.steps.push_back(step(name, source, "1-2"));
        plan.steps.back().source_version = "1-2";
        model::InstalledPackage package = good_facts().inventory.packages[0];
        package.name = name;
        package.source_name = std::move(source);
        package.source_version = "1-2";
        facts.inventory.packages.push_back(package);
        PackageFiles files = good_facts().files[0];
        files.package = std::move(name);
        files.paths = std::move(paths);
        files.unpacked_at = Instant(std::chrono::seconds(2000));
        facts.files.push_back(files);
    }

    [[nodiscard]] std::vector<PatchState> states() const {
        std::vector<PatchState> states;
        for (const PatchVerdict& verdict : judge_patches(plan, facts)) {
            states.push_back(verdict.state);
        }
        return states;
    }
};

TEST(JudgePatches, KnowsAKernelByItsFilesAndByWhatLeadsToIt) {
    const std::vector<PatchState> pending(2, PatchState::InstalledPendingReboot);
    const std::vector<PatchState> verified(2, PatchState::Verified);
    Proxmox host;
    EXPECT_EQ(host.states(), pending) << "the boot since has brought an older one";
    host.facts.inventory.kernel.running_release = "6.8.12-4-pve";
    EXPECT_EQ(host.states(), verified);
    EXPECT_TRUE(depends_on_time(host.plan.steps[1], host.facts.files[1]));
    host.facts.files[1].unpacked_at = Instant(std::chrono::seconds(4000));
    EXPECT_EQ(host.states(), pending) << "the same release, built anew";

    Proxmox older;
    older.facts.inventory.kernel.running_release = "6.8.12-4-pve";
    older.add(
        "proxmox-kernel-6.8.12-3-pve-signed",
        "proxmox-kernel-signed-6.8",
        {"/boot/vmlinuz-6.8.12-3-pve"});
    older.plan.steps.pop_back();
    older.facts.inventory.packages.back().version = "1-1";
    older.facts.inventory.packages.back().source_version = "1-1";
    EXPECT_EQ(older.states(), verified) << "the kernel before stands beside it";

    Proxmox other;
    other.plan.steps[0].name = other.facts.files[0].package = "fonts";
    other.facts.inventory.packages[0].name = "fonts";
    EXPECT_EQ(other.states().front(), PatchState::Verified) << "it leads to no kernel";
}

TEST(JudgePatches, WantsWhatBootsToBeOfItsPackage) {
    model::Plan plan;
    plan.manager = "apt";
    plan.patches.push_back({"grub2", "1-1", "1-2", {}});
    plan.steps.push_back(step("libx1", "grub2", "1-2"));
    VerifyFacts facts = good_facts();
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Verified)
        << "a directory or a container, which does not boot";
    facts.boot_loaders.push_back({"libx1", {"/boot/grub/i386-pc"}, {}, "", {}});
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Verified);
    facts.boot_loaders[0] = {"libx1", {}, {}, "no shimx64.efi is there", {}};
    EXPECT_EQ(judge_patches(plan, facts).front().state, PatchState::Unknown);
    facts.boot_loaders[0] = {"libx1", {}, {"/boot/grub/i386-pc"}, "", {}};
    const PatchVerdict verdict = judge_patches(plan, facts).front();
    EXPECT_EQ(verdict.state, PatchState::InstalledPendingRestart);
    EXPECT_EQ(verdict.restarts, pending_restarts(facts));
    ASSERT_EQ(verdict.restarts.size(), 1U);
    EXPECT_EQ(verdict.restarts[0].unit, "boot loader");
    EXPECT_EQ(verdict.restarts[0].safety, RestartSafety::Careful);
    EXPECT_EQ(
        verdict.restarts[0].why, "/boot/grub/i386-pc is not of libx1: run grub-install DEVICE");
    facts.boot_loaders[0] = {"libx1", {}, {}, "", {"/boot/grub2/i386-pc"}};
    const PatchVerdict old = judge_patches(plan, facts).front();
    EXPECT_EQ(old.state, PatchState::Verified);
    const std::string words =
        "/boot/grub2/i386-pc is not of libx1, and no package renews it: grub2-install DEVICE does";
    EXPECT_NE(std::ranges::find(old.evidence, words), old.evidence.end());
}

}  // namespace
}  // namespace thimble::verify
