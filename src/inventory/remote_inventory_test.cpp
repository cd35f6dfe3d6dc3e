// What is read over a real SSH connection is what this machine reads of itself.
#include "thimble/host/local_host.hpp"
#include "thimble/host/loopback_server_test.hpp"
#include "thimble/host/ssh_host.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/model/inventory.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>

namespace thimble::inventory {
namespace {

namespace fs = std::filesystem;

/// A program of ours that runs while its file is replaced.
class ReplacedProgram {
public:
    explicit ReplacedProgram(const fs::path& folder) : file_(folder / "thimble-sleeper") {
        fs::copy_file("/bin/sleep", file_);
        child_ = ::fork();
        if (child_ == 0) {
            ::execl(file_.c_str(), "thimble-sleeper", "60", nullptr);
            ::_exit(127);
        }
        while (!runs()) {}
        fs::remove(file_);
        fs::copy_file("/bin/sleep", file_);
    }
    ReplacedProgram(const ReplacedProgram&) = delete;
    ReplacedProgram& operator=(const ReplacedProgram&) = delete;
    ReplacedProgram(ReplacedProgram&&) = delete;
    ReplacedProgram& operator=(ReplacedProgram&&) = delete;
    ~ReplacedProgram() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    [[nodiscard]] std::uint32_t pid() const { return static_cast<std::uint32_t>(child_); }
    [[nodiscard]] std::string file() const { return file_.string(); }

private:
    [[nodiscard]] bool runs() const {
        std::error_code none;
        return fs::read_symlink("/proc/" + std::to_string(child_) + "/exe", none) == file_;
    }

    fs::path file_;
    pid_t child_ = 0;
};

TEST(RemoteInventory, SeesReplacedFilesAndListenersOverSsh) {
    if (const std::string why = host::why_no_ssh_server(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const host::LoopbackServer server;
    const ReplacedProgram program(server.folder());
    auto ssh = host::SshHost::connect(server.target(), server.options(), paths_of_interest());
    ASSERT_TRUE(ssh.has_value()) << ssh.error().text();
    InventoryOptions wanted;
    wanted.processes = true;
    wanted.listeners = true;

    const auto inventory = read_inventory(**ssh, wanted, Instant{});

    ASSERT_TRUE(inventory.has_value()) << inventory.error().text();
    EXPECT_TRUE(inventory->processes_known);
    const auto stale =
        std::ranges::find(inventory->stale_processes, program.pid(), &model::StaleProcess::pid);
    ASSERT_NE(stale, inventory->stale_processes.end());
    EXPECT_EQ(stale->files, std::vector<std::string>{program.file()});
    EXPECT_TRUE(inventory->listeners_known);
    const auto listener =
        std::ranges::find(inventory->listeners, server.target().port, &model::Listener::port);
    ASSERT_NE(listener, inventory->listeners.end());
    EXPECT_EQ(listener->command, "sshd");
    EXPECT_EQ(listener->package, "openssh-server");
    EXPECT_TRUE(listener->loopback);
}

TEST(RemoteInventory, IsOfferedOverSshWhatTheMachineItselfIsOffered) {
    if (const std::string why = host::why_no_ssh_server(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const host::LoopbackServer server;
    auto ssh = host::SshHost::connect(server.target(), server.options(), paths_of_interest());
    ASSERT_TRUE(ssh.has_value()) << ssh.error().text();
    host::LocalHost local;
    InventoryOptions wanted;
    wanted.offers = true;

    const auto there = read_inventory(**ssh, wanted, Instant{});
    const auto here = read_inventory(local, wanted, Instant{});

    ASSERT_TRUE(there.has_value() && here.has_value());
    EXPECT_EQ(there->index, here->index);
    EXPECT_EQ(there->offers, here->offers);
    EXPECT_TRUE(there->index.asked);
}

}  // namespace
}  // namespace thimble::inventory
