#include "thimble/verify/patch_steps.hpp"

#include "thimble/verify/verdict.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace thimble::verify {
namespace {

using model::PatchState;

/// A host on which multi-a of source multi was patched from 1.0 to 2.0.
struct Patched {
    model::Plan plan;
    VerifyFacts facts;

    explicit Patched(std::string manager = "apt") {
        plan.manager = std::move(manager);
        plan.patches.push_back({"multi", "1.0", "2.0", {"CVE-2026-0001"}});
        step("multi-a", "multi", "2.0", "2.0");
        install("multi-a", "multi", "2.0", "2.0");
        facts.inventory.processes_known = true;
    }

    void step(
        std::string name, std::string source, std::string version, std::string source_version) {
        model::PlannedStep made;
        made.name = name;
        made.architecture = "amd64";
        made.to_version = std::move(version);
        made.source_name = std::move(source);
        made.source_version = std::move(source_version);
        plan.steps.push_back(made);
        files(std::move(name), "amd64", {"/usr/bin/x"});
    }

    model::InstalledPackage& install(
        std::string name, std::string source, std::string version, std::string source_version) {
        model::InstalledPackage package;
        package.type = "deb";
        package.name = std::move(name);
        package.version = std::move(version);
        package.architecture = "amd64";
        package.source_name = std::move(source);
        package.source_version = std::move(source_version);
        facts.inventory.packages.push_back(package);
        return facts.inventory.packages.back();
    }

    void files(std::string name, std::string architecture, std::set<std::string> paths) {
        PackageFiles read;
        read.package = std::move(name);
        read.architecture = std::move(architecture);
        read.paths = std::move(paths);
        read.digests_known = true;
        facts.files.push_back(std::move(read));
    }

    [[nodiscard]] PatchVerdict verdict() const { return judge_patches(plan, facts).front(); }
};

TEST(LeftBehind, IsMissingWhileAPackageOfTheSameSourceStaysBehind) {
    Patched host;
    EXPECT_EQ(host.verdict().state, PatchState::Verified);
    host.install("multi-b", "multi", "1.0", "1.0");

    const PatchVerdict verdict = host.verdict();

    EXPECT_EQ(verdict.state, PatchState::Missing);
    EXPECT_EQ(
        verdict.evidence.back(),
        "multi-b 1.0 of the same source is installed, and the plan brings no newer one");
    ASSERT_EQ(packages_left(host.plan, host.facts.inventory).size(), 1U);
    EXPECT_EQ(packages_left(host.plan, host.facts.inventory)[0].name, "multi-b");
    host.facts.inventory.packages.back().version = "2.0";
    host.facts.inventory.packages.back().source_version = "2.0";
    EXPECT_EQ(host.verdict().state, PatchState::Verified) << "it came by another plan";
}

TEST(LeftBehind, SeesAnArchitectureWithoutAnIndexOfItsOwn) {
    Patched host;
    host.install("multi-a", "multi", "1.0", "1.0").architecture = "i386";
    EXPECT_EQ(host.verdict().state, PatchState::Missing);
}

TEST(LeftBehind, ComparesTheVersionsOfTheSourceAndNotThoseOfItsBinaries) {
    Patched host;
    host.install("multi-rebuilt", "multi", "2.0+b1", "2.0");
    host.install("multi-defaults", "multi", "4:0.5-1", "2.0");
    EXPECT_EQ(host.verdict().state, PatchState::Verified);

    host.plan.patches[0].from_version = "1.0+b2";
    host.install("multi-old", "multi", "4:0.4-1+b1", "1.0");
    EXPECT_EQ(host.verdict().state, PatchState::Missing) << "its source is the one before";
}

TEST(LeftBehind, LeavesOutWhatHasALineOfItsOwn) {
    Patched host;
    host.plan.patches[0].from_version = "1.0";
    host.install("multi-stable", "multi", "0.7-1+deb12u9", "0.7-1+deb12u9");
    EXPECT_EQ(host.verdict().state, PatchState::Verified) << "the plan claims nothing of it";
}

TEST(LeftBehind, LeavesOutWhatOnlyLeadsToItsNewName) {
    Patched host;
    host.install("multi-b", "multi", "1.0", "1.0");
    host.files(
        "multi-b",
        "amd64",
        {"/.",
         "/usr",
         "/usr/share",
         "/usr/share/doc",
         "/usr/share/doc/multi-b",
         "/usr/share/doc/multi-b/copyright"});
    EXPECT_EQ(host.verdict().state, PatchState::Verified);
    host.facts.files.back().paths.insert("/usr/lib/multi/b.so");
    EXPECT_EQ(host.verdict().state, PatchState::Missing);
    host.facts.files.back().paths.clear();
    host.facts.files.back().unread = "denied";
    EXPECT_EQ(host.verdict().state, PatchState::Missing) << "nobody knows what it has";
}

TEST(LeftBehind, LetsKernelsStandBesideEachOther) {
    Patched host;
    host.plan.patches[0] = {"linux", "6.1.1-1", "6.1.2-1", {}};
    host.plan.steps.clear();
    host.step("linux-image-6.1.0-2-amd64", "linux-signed-amd64", "6.1.2-1", "6.1.2+1");
    host.install("linux-image-6.1.0-2-amd64", "linux-signed-amd64", "6.1.2-1", "6.1.2+1");
    host.install("linux-image-6.1.0-1-amd64", "linux-signed-amd64", "6.1.1-1", "6.1.1+1");
    host.install("linux-headers-6.1.0-1-common", "linux", "6.1.1-1", "6.1.1-1");
    EXPECT_TRUE(packages_left(host.plan, host.facts.inventory).empty());

    Patched red("dnf");
    red.plan.patches[0] = {"kernel", "5.14.0-1.el9", "5.14.0-2.el9", {}};
    red.plan.steps.clear();
    red.step("kernel-tools", "kernel", "5.14.0-2.el9", "5.14.0-2.el9");
    red.install("kernel-tools", "kernel", "5.14.0-2.el9", "5.14.0-2.el9");
    red.install("kernel-core", "kernel", "5.14.0-1.el9", "5.14.0-1.el9");
    red.install("kernel-core", "kernel", "5.14.0-2.el9", "5.14.0-2.el9");
    EXPECT_TRUE(packages_left(red.plan, red.facts.inventory).empty());
}

TEST(LeftBehind, TakesTheVersionOfTheVerySource) {
    Patched ubuntu;
    ubuntu.plan.patches[0] = {"linux", "6.8.0-50.51", "6.8.0-51.52", {}};
    ubuntu.plan.steps.clear();
    ubuntu.step("linux-tools-common", "linux", "6.8.0-51.52", "6.8.0-51.52");
    ubuntu.step("linux-firmware", "linux-firmware", "20240318.git3b128b60", "20240318.git3b128b60");
    ubuntu.install("bpftool", "linux", "7.4.0+6.8.0-51.52", "6.8.0-51.52");
    EXPECT_TRUE(packages_left(ubuntu.plan, ubuntu.facts.inventory).empty())
        << "firmware counts in dates";
    ubuntu.install("hyperv-daemons", "linux", "6.8.0-50.51", "6.8.0-50.51");
    EXPECT_EQ(packages_left(ubuntu.plan, ubuntu.facts.inventory).size(), 1U);

    Patched debian;
    debian.plan.patches[0] = {"linux", "6.1.128-1", "6.1.129-1", {}};
    debian.plan.steps.clear();
    debian.step("linux-image-6.1.0-32-amd64", "linux-signed-amd64", "6.1.129-1", "6.1.129+1");
    debian.install("usbip", "linux", "2.0+6.1.129-1", "6.1.129-1");
    debian.install("bpftool", "linux", "7.1.0+6.1.128-1", "6.1.128-1");
    EXPECT_TRUE(packages_left(debian.plan, debian.facts.inventory).empty())
        << "nothing tells what they should be at";
    debian.step("linux-libc-dev", "linux", "6.1.129-1", "6.1.129-1");
    ASSERT_EQ(packages_left(debian.plan, debian.facts.inventory).size(), 1U);
    EXPECT_EQ(packages_left(debian.plan, debian.facts.inventory)[0].name, "bpftool");
}

TEST(LeftBehind, SeesAKernelThatNoStepReplaces) {
    Patched host;
    host.plan.patches[0] = {"linux", "6.1.1-1", "6.1.2-1", {}};
    host.plan.steps.clear();
    host.step("linux-libc-dev", "linux", "6.1.2-1", "6.1.2-1");
    host.install("linux-libc-dev", "linux", "6.1.2-1", "6.1.2-1");
    EXPECT_EQ(host.verdict().state, PatchState::Verified) << "a container has no kernel";
    host.install("linux-image-6.1.0-1-amd64", "linux-signed-amd64", "6.1.1-1", "6.1.1+1");
    EXPECT_EQ(host.verdict().state, PatchState::Missing);
    host.install("linux-image-6.1.0-2-amd64", "linux-signed-amd64", "6.1.2-1", "6.1.2+1");
    EXPECT_EQ(host.verdict().state, PatchState::Verified) << "the newest of its kind counts";
}

}  // namespace
}  // namespace thimble::verify
