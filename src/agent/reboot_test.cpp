#include "thimble/agent/reboot.hpp"

#include "thimble/agent/scratch_folder_test.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/host/root_host.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace thimble::agent {
namespace {

namespace fs = std::filesystem;

/// A root with a boot of its own, and programs that stand for the machine's.
struct Machine {
    ScratchFolder folder;
    std::unique_ptr<host::Host> host;
    RebootMeans means;

    Machine() {
        fs::create_directories(folder / "root/proc/sys/kernel/random");
        boot("one");
        std::ofstream(folder / "root/proc/sys/kernel/osrelease") << "6.1.0-1\n";
        host = *host::RootHost::open((folder / "root").string());
        means.inhibitors = {};
        means.program = script("restart", "echo two >" + boot_file() + "\n");
        means.patience = std::chrono::milliseconds(20);
    }
    [[nodiscard]] std::string boot_file() const {
        return (folder / "root/proc/sys/kernel/random/boot_id").string();
    }
    void boot(const std::string& id) const { std::ofstream(boot_file()) << id << "\n"; }
    [[nodiscard]] std::vector<std::string> script(
        const std::string& name, const std::string& lines) const {
        std::ofstream(folder / name) << "#!/bin/sh\n" << lines;
        fs::permissions(folder / name, fs::perms::owner_all);
        return {(folder / name).string()};
    }
    RebootEnd reboot() { return agent::reboot(*host, means, "job-1", folder / "mark"); }
    RebootEnd rebooted() {
        return agent::rebooted(*host, means.patience, "job-1", folder / "mark");
    }
};

TEST(Reboot, IsProvenByANewBoot) {
    Machine machine;

    const RebootEnd end = machine.reboot();

    EXPECT_TRUE(end.has_restarted) << end.why;
    EXPECT_EQ(end.before, (Boot{"one", "6.1.0-1"}));
    EXPECT_EQ(end.after.id, "two");
}

TEST(Reboot, IsNoneWhileTheMachineIsUpSinceBefore) {
    Machine machine;
    machine.means.program = machine.script("restart", "exit 0\n");

    const RebootEnd end = machine.reboot();

    EXPECT_FALSE(end.has_restarted);
    EXPECT_NE(end.why.find("up since before"), std::string::npos) << end.why;
}

TEST(Reboot, SaysWhyItWasRefused) {
    Machine machine;
    machine.means.program = machine.script("restart", "echo no such unit >&2; exit 4\n");

    const RebootEnd end = machine.reboot();

    EXPECT_FALSE(end.has_restarted);
    EXPECT_EQ(end.exit_status, 4);
    EXPECT_NE(end.why.find("no such unit"), std::string::npos) << end.why;
}

TEST(Reboot, IsNotAskedForWhatIsInhibited) {
    Machine machine;
    machine.means.inhibitors = machine.script("inhibitors", "echo 's \"sleep:shutdown\"'\n");

    EXPECT_NE(machine.reboot().why.find("inhibits"), std::string::npos);
    EXPECT_EQ(read_boot(*machine.host).id, "one");

    machine.means.inhibitors = machine.script("inhibitors", "echo 's \"sleep\"'\n");
    EXPECT_TRUE(machine.reboot().has_restarted);
}

TEST(Reboot, IsNotAskedForWhereItCouldNotBeProven) {
    Machine machine;
    fs::remove(machine.boot_file());

    EXPECT_FALSE(machine.reboot().has_restarted);
    EXPECT_FALSE(fs::exists(machine.boot_file()));
}

TEST(Rebooted, TellsAfterTheRestartByTheMark) {
    Machine machine;
    ASSERT_TRUE(write_state_file(machine.folder / "mark", format_reboot_mark({"job-1", "one"})));
    EXPECT_FALSE(machine.rebooted().has_restarted);

    machine.boot("two");
    EXPECT_TRUE(machine.rebooted().has_restarted);

    ASSERT_TRUE(write_state_file(machine.folder / "mark", format_reboot_mark({"job-2", "one"})));
    EXPECT_FALSE(machine.rebooted().has_restarted) << "of another job";
    fs::remove(machine.folder / "mark");
    EXPECT_FALSE(machine.rebooted().has_restarted);
}

TEST(Reboot, IsNotAskedForWhereLogindDoesNotSayWhatIsInhibited) {
    Machine machine;
    machine.means.inhibitors = machine.script("inhibitors", "exit 1\n");
    fs::create_directories(machine.folder / "root/usr/lib/systemd");
    fs::create_directories(machine.folder / "root/run/systemd/system");
    std::ofstream(machine.folder / "root/usr/lib/systemd/systemd-logind") << "";

    EXPECT_NE(machine.reboot().why.find("cannot be told"), std::string::npos);
    EXPECT_EQ(read_boot(*machine.host).id, "one");

    fs::remove_all(machine.folder / "root/usr");
    EXPECT_TRUE(machine.reboot().has_restarted) << "without logind nothing can inhibit it";
}

}  // namespace
}  // namespace thimble::agent
