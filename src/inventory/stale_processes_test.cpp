#include "thimble/inventory/stale_processes.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/inventory/fake_host_test.hpp"
#include "thimble/inventory/proc_maps.hpp"
#include "thimble/model/inventory.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace thimble::inventory {
namespace {

FakeHost one_process(const std::string& maps) {
    FakeHost host;
    host.files["/proc/1/stat"] = "1 (init) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 7 1 2\n";
    host.links["/proc/1/exe"] = "/usr/lib/systemd/systemd";
    host.files["/proc/7/stat"] =
        "7 (sshd) S 1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 5000 1 2\n";
    host.files["/proc/7/maps"] = maps;
    host.files["/proc/7/cgroup"] = "0::/system.slice/ssh.service\n";
    host.links["/proc/7/exe"] = "/usr/sbin/sshd";
    return host;
}

host::FileInfo file(std::uint64_t inode, std::uint32_t major) {
    host::FileInfo info;
    info.type = host::FileType::Regular;
    info.inode = inode;
    info.device_major = major;
    info.device_minor = 1;
    return info;
}

model::Inventory read(FakeHost& host) {
    model::Inventory inventory;
    inventory.kernel.booted_at = Instant(std::chrono::seconds(1000));
    read_stale_processes(host, {}, inventory);
    return inventory;
}

TEST(ReadStaleProcesses, LeavesTheFilesOfAChrootToTheSystemInIt) {
    FakeHost host = one_process(
        "1-2 r-xp 0 fe:01 10 /srv/root/usr/lib/libx.so (deleted)\n"
        "3-4 r-xp 0 fe:01 11 /usr/lib/liby.so\n");
    host.links["/proc/7/exe"] = "/srv/root/usr/sbin/sshd (deleted)";
    host.links["/proc/7/root"] = "/srv/root";
    host.links["/proc/7/ns/mnt"] = "mnt:[1]";
    host.links["/proc/self/ns/mnt"] = "mnt:[1]";
    host.infos["/usr/lib/liby.so"] = file(11, 0xfe);
    EXPECT_TRUE(read(host).stale_processes.empty());

    // A service that goes into a chroot maps what it was started with.
    host.files["/proc/7/maps"] = "3-4 r-xp 0 fe:01 11 /usr/lib/liby.so (deleted)\n";
    ASSERT_EQ(read(host).stale_processes.size(), 1U);
    EXPECT_EQ(
        read(host).stale_processes.front().files, std::vector<std::string>{"/usr/lib/liby.so"});
}

TEST(ReadStaleProcesses, FindsADeletedLibraryAndItsUnit) {
    FakeHost host = one_process("1-2 r-xp 0 fe:01 10 /usr/lib/libx.so (deleted)\n");

    const auto inventory = read(host);

    ASSERT_EQ(inventory.stale_processes.size(), 1U);
    const auto& process = inventory.stale_processes.front();
    EXPECT_EQ(process.pid, 7U);
    EXPECT_EQ(process.command, "sshd");
    EXPECT_EQ(process.unit, "ssh.service");
    EXPECT_EQ(process.unit_kind, "service");
    EXPECT_EQ(process.files, (std::vector<std::string>{"/usr/lib/libx.so"}));
    EXPECT_FALSE(process.heuristic);
    EXPECT_TRUE(inventory.processes_known);
}

TEST(ReadStaleProcesses, FindsADeletedProgram) {
    FakeHost host = one_process("");
    host.links["/proc/7/exe"] = "/usr/sbin/sshd (deleted)";

    EXPECT_EQ(
        read(host).stale_processes.front().files, (std::vector<std::string>{"/usr/sbin/sshd"}));
}

TEST(ReadStaleProcesses, LooksAtTheLibrariesOfADeletedProgramToo) {
    FakeHost host = one_process(
        "1-2 r-xp 0 fe:01 9 /usr/sbin/sshd (deleted)\n"
        "3-4 r-xp 0 fe:01 10 /usr/lib/libssl.so.3 (deleted)\n");
    host.links["/proc/7/exe"] = "/usr/sbin/sshd (deleted)";

    EXPECT_EQ(
        read(host).stale_processes.front().files,
        (std::vector<std::string>{"/usr/sbin/sshd", "/usr/lib/libssl.so.3"}));

    host.links["/proc/7/exe"] = "/memfd:runner (deleted)";
    host.files["/proc/7/maps"] =
        "1-2 r-xp 0 00:01 9 /memfd:runner (deleted)\n"
        "3-4 r-xp 0 fe:01 10 /usr/lib/libssl.so.3 (deleted)\n";
    EXPECT_EQ(
        read(host).stale_processes.front().files,
        (std::vector<std::string>{"/usr/lib/libssl.so.3"}));

    host.files["/proc/7/maps"] =
        "1-2 r-xp 0 00:01 9 /memfd:runner (deleted)\n3-4 r-xp 0 fe:01 10 /usr/lib/libssl.so.3\n";
    host.infos["/proc/7/root/usr/lib/libssl.so.3"] = file(10, 0xfe);
    EXPECT_TRUE(read(host).stale_processes.empty()) << "a program in memory is replaced by none";
}

TEST(ReadStaleProcesses, ComparesInodesWithTheFileOnDisk) {
    FakeHost host = one_process("1-2 r-xp 0 fe:01 10 /usr/lib/libx.so\n");

    host.infos["/proc/7/root/usr/lib/libx.so"] = file(10, 0xfe);
    EXPECT_TRUE(read(host).stale_processes.empty());

    host.infos["/proc/7/root/usr/lib/libx.so"] = file(11, 0xfe);
    EXPECT_EQ(read(host).stale_processes.size(), 1U);
}

TEST(ReadStaleProcesses, IgnoresDevicesThatCannotBeCompared) {
    FakeHost virtual_device = one_process("1-2 r-xp 0 00:1f 10 /usr/lib/libx.so\n");
    virtual_device.infos["/proc/7/root/usr/lib/libx.so"] = file(10, 0xfe);
    EXPECT_TRUE(read(virtual_device).stale_processes.empty());

    FakeHost real_device = one_process("1-2 r-xp 0 08:01 10 /usr/lib/libx.so\n");
    real_device.infos["/proc/7/root/usr/lib/libx.so"] = file(10, 0xfe);
    EXPECT_EQ(read(real_device).stale_processes.size(), 1U);
}

TEST(ReadStaleProcesses, PrefersTheMappedFileOverTheNumbersInMaps) {
    FakeHost host = one_process("1-2 r-xp 0 fe:01 99 /usr/lib/libx.so\n");
    host.infos["/proc/7/root/usr/lib/libx.so"] = file(10, 0xfe);
    host.infos["/proc/7/map_files/1-2"] = file(10, 0xfe);

    EXPECT_TRUE(read(host).stale_processes.empty());
}

TEST(ReadStaleProcesses, SkipsKernelThreadsAndProcessesThatAreGone) {
    FakeHost host = one_process("");
    host.files["/proc/2/stat"] =
        "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0\n";
    host.files["/proc/3/maps"] = "";
    host.files["/proc/meminfo"] = "";

    const auto inventory = read(host);

    EXPECT_TRUE(inventory.stale_processes.empty());
    EXPECT_TRUE(inventory.processes_known);
}

TEST(ReadStaleProcesses, CallsAChangedScriptProbable) {
    FakeHost host = one_process("");
    host.links["/proc/7/exe"] = "/usr/bin/python3.11";
    host.links["/proc/7/cwd"] = "/srv";
    host.files["/proc/7/cmdline"] = std::string("python3\0app.py\0", 15);
    auto script = file(5, 0xfe);
    script.changed_at = Instant(std::chrono::seconds(1000 + 50 + 1));  // started 50 s after boot
    host.infos["/proc/7/root/srv/app.py"] = script;

    const auto inventory = read(host);

    ASSERT_EQ(inventory.stale_processes.size(), 1U);
    EXPECT_TRUE(inventory.stale_processes.front().heuristic);

    host.infos["/proc/7/root/srv/app.py"].changed_at = Instant(std::chrono::seconds(1050));
    EXPECT_TRUE(read(host).stale_processes.empty());
}

TEST(ReadStaleProcesses, CountsWhatItMayNotSee) {
    FakeHost host = one_process("");
    host.denied.insert("/proc/7/exe");

    const auto inventory = read(host);

    EXPECT_FALSE(inventory.processes_known);
    ASSERT_EQ(inventory.gaps.size(), 1U);
    EXPECT_EQ(inventory.gaps.front().code, "inventory.hidden_processes");
}

TEST(ReadStaleProcesses, CallsMapsThatCannotBeReadNotKnown) {
    FakeHost host = one_process("");
    host.denied.insert("/proc/7/maps");
    EXPECT_FALSE(read(host).processes_known);

    FakeHost large = one_process(std::string((std::size_t{64} << 20) + 1, ' '));
    EXPECT_FALSE(read(large).processes_known) << "what is too long was not looked at";

    FakeHost gone = one_process("");
    gone.files.erase("/proc/7/maps");
    EXPECT_TRUE(read(gone).processes_known) << "it has ended meanwhile";
}

TEST(ReadStaleProcesses, NamesAProcessThatHasMoreMappedThanIsLookedAt) {
    std::string maps;
    for (std::size_t inode = 1; inode <= kMaxMappings + 1; ++inode) {
        maps += "1-2 r-xp 0 1:2 " + std::to_string(inode) + " /a\n";
    }
    FakeHost host = one_process(maps);

    const auto inventory = read(host);

    EXPECT_FALSE(inventory.processes_known);
    ASSERT_EQ(inventory.gaps.size(), 1U);
    EXPECT_EQ(inventory.gaps.front().code, "inventory.too_many_mappings");
    EXPECT_NE(inventory.gaps.front().detail.find(": 7 ("), std::string::npos)
        << inventory.gaps.front().detail;
}

TEST(ReadStaleProcesses, KnowsThatProcHidesProcesses) {
    FakeHost told = one_process("");
    told.denied.insert("/proc/1/stat");
    EXPECT_FALSE(read(told).processes_known) << "hidepid=1 lists them and tells nothing";
    ASSERT_EQ(read(told).gaps.size(), 1U);
    EXPECT_EQ(read(told).gaps.front().code, "inventory.hidden_processes");

    FakeHost unlisted = one_process("");
    unlisted.files.erase("/proc/1/stat");
    unlisted.links.erase("/proc/1/exe");
    const auto inventory = read(unlisted);
    EXPECT_FALSE(inventory.processes_known) << "hidepid=2 lists our own alone";
    ASSERT_EQ(inventory.gaps.size(), 1U);
    EXPECT_EQ(inventory.gaps.front().code, "inventory.hidden_processes");
}

TEST(ReadStaleProcesses, LooksAtAnotherThreadWhereTheFirstHasEnded) {
    FakeHost host = one_process("");
    host.links.erase("/proc/7/exe");
    EXPECT_TRUE(read(host).stale_processes.empty()) << "nobody has waited for it yet";
    host.files["/proc/7/task/7/comm"] = "sshd";
    host.files["/proc/7/task/9/comm"] = "sshd";
    host.links["/proc/9/exe"] = "/usr/sbin/sshd";
    host.files["/proc/9/maps"] = "1-2 r-xp 0 fe:01 10 /usr/lib/libx.so (deleted)\n";
    host.files["/proc/9/cgroup"] = host.files["/proc/7/cgroup"];

    const auto inventory = read(host);

    ASSERT_EQ(inventory.stale_processes.size(), 1U);
    EXPECT_EQ(inventory.stale_processes.front().pid, 7U);
    EXPECT_EQ(inventory.stale_processes.front().unit, "ssh.service");
    EXPECT_EQ(
        inventory.stale_processes.front().files, (std::vector<std::string>{"/usr/lib/libx.so"}));
}

/// The oracle: this very process maps a copy of a real library, which is then replaced.
TEST(ReadStaleProcesses, SeesARealLibraryBeingReplaced) {
    namespace fs = std::filesystem;
    struct link_map* loaded = nullptr;
    ASSERT_EQ(::dlinfo(::dlopen("libm.so.6", RTLD_NOW), RTLD_DI_LINKMAP, &loaded), 0);
    std::string pattern = (fs::temp_directory_path() / "thimble-stale-XXXXXX").string();
    const fs::path folder = ::mkdtemp(pattern.data());
    const fs::path copy = folder / "libcopy.so";
    fs::copy_file(loaded->l_name, copy);
    void* mapped = ::dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(mapped, nullptr);
    const auto stale_files = [&] {
        host::LocalHost host;
        model::Inventory inventory;
        read_stale_processes(host, {}, inventory);
        const auto self = std::ranges::find(
            inventory.stale_processes,
            static_cast<std::uint32_t>(::getpid()),
            &model::StaleProcess::pid);
        return self == inventory.stale_processes.end() ? std::vector<std::string>() : self->files;
    };

    EXPECT_TRUE(stale_files().empty());

    fs::copy_file(copy, folder / "new");
    fs::rename(folder / "new", copy);

    EXPECT_EQ(stale_files(), (std::vector<std::string>{copy.string()}));
    ::dlclose(mapped);
    fs::remove_all(folder);
}

}  // namespace
}  // namespace thimble::inventory
