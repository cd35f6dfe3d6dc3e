#include "thimble/inventory/read_inventory.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/ssh_answer.hpp"
#include "thimble/inventory/fake_host_test.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <set>

namespace thimble::inventory {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'700'000'000)};

FakeHost small_debian() {
    FakeHost host;
    host.files["/etc/os-release"] = "ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n";
    host.files["/etc/machine-id"] = "0123456789abcdef0123456789abcdef\n";
    host.files["/var/lib/dpkg/status"] =
        "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.21.22\n";
    return host;
}

TEST(ReadInventory, ReadsASystemInARoot) {
    FakeHost host = small_debian();

    const auto inventory = read_inventory(host, {}, kNow);

    ASSERT_TRUE(inventory.has_value());
    EXPECT_EQ(inventory->os.version_codename, "bookworm");
    EXPECT_EQ(inventory->machine_id, "0123456789abcdef0123456789abcdef");
    EXPECT_EQ(inventory->architecture, "amd64");
    EXPECT_EQ(inventory->taken_at, kNow);
    ASSERT_EQ(inventory->packages.size(), 1U);
    EXPECT_FALSE(inventory->package_manager_interrupted);
}

TEST(ReadInventory, SeesThatDpkgWasInterrupted) {
    FakeHost host = small_debian();
    host.files["/var/lib/dpkg/updates/0003"] = "Package: x\n";

    EXPECT_TRUE(read_inventory(host, {}, kNow)->package_manager_interrupted);
}

TEST(ReadInventory, IgnoresDpkgsOwnScratchFiles) {
    FakeHost host = small_debian();
    host.files["/var/lib/dpkg/updates/tmp.i"] = "";

    EXPECT_FALSE(read_inventory(host, {}, kNow)->package_manager_interrupted);
}

TEST(ReadInventory, ReadsDistrolessImages) {
    FakeHost host;
    host.files["/usr/lib/os-release"] = "ID=debian\n";
    host.files["/var/lib/dpkg/status.d/tzdata"] = "Package: tzdata\nVersion: 2024a-0\n";
    host.files["/var/lib/dpkg/status.d/tzdata.md5sums"] = "0123  usr/x\n";

    const auto inventory = read_inventory(host, {}, kNow);

    ASSERT_TRUE(inventory.has_value());
    EXPECT_EQ(inventory->os.id, "debian");
    ASSERT_EQ(inventory->packages.size(), 1U);
    EXPECT_EQ(inventory->packages.front().name, "tzdata");
}

TEST(ReadInventory, RefusesAFolderThatIsNoSystem) {
    FakeHost host;

    EXPECT_EQ(read_inventory(host, {}, kNow).error().code, "inventory.no_system");
}

TEST(ReadInventory, TellsADatabaseThatMayNotBeRead) {
    FakeHost host = small_debian();
    host.denied.insert("/var/lib/dpkg/status");

    const auto inventory = read_inventory(host, {}, kNow);

    ASSERT_TRUE(inventory.has_value());
    ASSERT_FALSE(inventory->gaps.empty());
    EXPECT_EQ(inventory->gaps.front().code, "inventory.unreadable_packages");
}

TEST(ReadInventory, ComparesTheRunningKernelWithTheNewestBootableOfItsFlavour) {
    FakeHost host = small_debian();
    host.files["/proc/sys/kernel/osrelease"] = "6.1.0-28-amd64\n";
    host.files["/proc/stat"] = "btime 1699000000\n";
    host.files["/boot/vmlinuz-6.1.0-28-amd64"] = "";
    host.files["/boot/vmlinuz-6.1.0-30-amd64"] = "";
    host.files["/boot/vmlinuz-6.1.0-31-cloud-amd64"] = "";
    host.files["/run/reboot-required"] = "";

    const auto inventory = read_inventory(host, {}, kNow);

    EXPECT_EQ(inventory->kernel.running_release, "6.1.0-28-amd64");
    EXPECT_EQ(inventory->kernel.newest_release, "6.1.0-30-amd64");
    EXPECT_EQ(inventory->kernel.booted_at, Instant(std::chrono::seconds(1'699'000'000)));
    EXPECT_FALSE(inventory->kernel.container);
    EXPECT_TRUE(inventory->reboot_required);
}

TEST(ReadInventory, ARootDoesNotTakeTheKernelOfOurMachine) {
    FakeHost host = small_debian();
    host.root = "/srv/image";
    host.files["/proc/sys/kernel/osrelease"] = "6.1.0-28-amd64\n";
    host.files["/boot/vmlinuz-6.1.0-30-amd64"] = "";

    const auto inventory = read_inventory(host, {}, kNow);

    EXPECT_EQ(inventory->kernel.running_release, "");
    EXPECT_EQ(inventory->kernel.newest_release, "6.1.0-30-amd64");
}

TEST(ReadInventory, TheKernelOfAContainerBelongsToSomebodyElse) {
    FakeHost host = small_debian();
    host.files["/.dockerenv"] = "";

    EXPECT_TRUE(read_inventory(host, {}, kNow)->kernel.container);

    host.files["/boot/vmlinuz-6.1.0-30-amd64"] = "";

    EXPECT_FALSE(read_inventory(host, {}, kNow)->kernel.container);
}

TEST(ReadInventory, ReadsAlpine) {
    FakeHost host;
    host.files["/etc/os-release"] = "ID=alpine\nVERSION_ID=3.19.1\n";
    host.files["/lib/apk/db/installed"] = "P:musl\nV:1.2.4-r2\nA:x86_64\n";

    EXPECT_EQ(read_inventory(host, {}, kNow)->packages.front().name, "musl");
}

TEST(ReadInventory, AnRpmDatabaseInARootIsUnknownNotSilence) {
    FakeHost host;
    host.files["/etc/os-release"] = "ID=fedora\n";
    host.files["/var/lib/rpm/rpmdb.sqlite"] = "x";

    const auto inventory = read_inventory(host, {}, kNow);

    ASSERT_EQ(inventory->gaps.size(), 1U);
    EXPECT_EQ(inventory->gaps.front().code, "inventory.rpm_not_read");

    host.on_run = [](const host::Command& command) -> Result<host::Outcome> {
        EXPECT_EQ(command.argv.front(), "rpm");
        return host::Outcome{
            .exit_status = 0,
            .output = "bash\t(none)\t5.1-1\tx86_64\tbash-5.1-1.src.rpm\t(none)\tX\n",
            .errors = {}};
    };
    EXPECT_EQ(read_inventory(host, {}, kNow)->packages.front().type, "rpm");
}

TEST(PathsOfInterest, HoldEveryPathThatARemoteHostIsAskedFor) {
    std::set<std::string, std::less<>> known;
    for (const host::Question& question : paths_of_interest()) {
        known.insert(question.path);
    }
    for (const bool is_debian : {true, false}) {
        FakeHost host = is_debian ? small_debian() : FakeHost();
        host.root = "";
        host.files["/etc/os-release"] = "ID=x\n";

        ASSERT_TRUE(read_inventory(host, {}, kNow).has_value());

        for (const std::string& path : host.asked) {
            EXPECT_TRUE(known.contains(path)) << path;
        }
    }
}

}  // namespace
}  // namespace thimble::inventory
