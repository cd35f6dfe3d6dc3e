#pragma once
/// @file A real SSH server for tests, on the loopback interface.

#include "thimble/host/host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/host/ssh_target.hpp"

#include <netinet/in.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::host {

inline constexpr const char* kSshDaemon = "/usr/sbin/sshd";

inline std::uint16_t free_port() {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
    ::bind(server, generic, length);
    ::getsockname(server, generic, &length);
    ::close(server);
    return ntohs(address.sin_port);
}

/// A real SSH server on the loopback interface, with keys that live as long as the test.
class LoopbackServer {
public:
    LoopbackServer() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-ssh-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        for (const char* key : {"host_key", "user_key"}) {
            (void)run_command(Command{
                .argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ / key}});
        }
        std::filesystem::copy_file(folder_ / "user_key.pub", folder_ / "authorized_keys");
        port_ = free_port();
        std::ofstream(folder_ / "config")
            << "Port " << port_ << "\nListenAddress 127.0.0.1\nHostKey "
            << (folder_ / "host_key").string() << "\nAuthorizedKeysFile "
            << (folder_ / "authorized_keys").string()
            << "\nStrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n"
               "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n";
        std::filesystem::create_directories("/run/sshd");
        const std::string config = (folder_ / "config").string();
        std::array<std::string, 5> words{kSshDaemon, "-D", "-q", "-f", config};
        std::array<char*, 6> argv{};
        for (std::size_t at = 0; at < words.size(); ++at) {
            argv[at] = words[at].data();
        }
        ::posix_spawn(&daemon_, kSshDaemon, nullptr, nullptr, argv.data(), environ);
    }
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;
    ~LoopbackServer() {
        ::kill(daemon_, SIGTERM);
        ::waitpid(daemon_, nullptr, 0);
        std::filesystem::remove_all(folder_);
    }

    [[nodiscard]] SshTarget target() const {
        return {.user = ::getpwuid(::geteuid())->pw_name, .name = "127.0.0.1", .port = port_};
    }
    [[nodiscard]] std::vector<std::string> options() const {
        return {
            "-F",
            "none",
            "-i",
            (folder_ / "user_key").string(),
            "-oIdentitiesOnly=yes",
            "-oStrictHostKeyChecking=accept-new",
            "-oConnectionAttempts=20",  // the server may still be starting
            "-oUserKnownHostsFile=" + (folder_ / "known_hosts").string()};
    }
    [[nodiscard]] std::filesystem::path folder() const { return folder_; }

private:
    std::filesystem::path folder_;
    std::uint16_t port_ = 0;
    pid_t daemon_ = 0;
};

/// Why no such server can run here; empty when it can.
inline std::string why_no_ssh_server() {
    if (::access(kSshDaemon, X_OK) != 0) {
        return std::string("skipped: ") + kSshDaemon + " is not installed";
    }
    return ::geteuid() == 0 ? "" : "skipped: an SSH server of our own needs root";
}

}  // namespace thimble::host
