#include "thimble/host/ssh_host.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/host/ssh_answer.hpp"
#include "thimble/host/ssh_target.hpp"

#include <gtest/gtest.h>
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
namespace {

namespace fs = std::filesystem;

constexpr const char* kDaemon = "/usr/sbin/sshd";

std::uint16_t free_port() {
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
        std::string pattern = (fs::temp_directory_path() / "thimble-ssh-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        for (const char* key : {"host_key", "user_key"}) {
            (void)run_command(Command{
                .argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ / key}});
        }
        fs::copy_file(folder_ / "user_key.pub", folder_ / "authorized_keys");
        port_ = free_port();
        std::ofstream(folder_ / "config")
            << "Port " << port_ << "\nListenAddress 127.0.0.1\nHostKey "
            << (folder_ / "host_key").string() << "\nAuthorizedKeysFile "
            << (folder_ / "authorized_keys").string()
            << "\nStrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n"
               "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n";
        fs::create_directories("/run/sshd");
        const std::string config = (folder_ / "config").string();
        std::array<std::string, 5> words{kDaemon, "-D", "-q", "-f", config};
        std::array<char*, 6> argv{};
        for (std::size_t at = 0; at < words.size(); ++at) {
            argv[at] = words[at].data();
        }
        ::posix_spawn(&daemon_, kDaemon, nullptr, nullptr, argv.data(), environ);
    }
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;
    ~LoopbackServer() {
        ::kill(daemon_, SIGTERM);
        ::waitpid(daemon_, nullptr, 0);
        fs::remove_all(folder_);
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
    [[nodiscard]] fs::path folder() const { return folder_; }

private:
    fs::path folder_;
    std::uint16_t port_ = 0;
    pid_t daemon_ = 0;
};

class SshHostTest : public testing::Test {
protected:
    void SetUp() override {
        if (::access(kDaemon, X_OK) != 0) {
            GTEST_SKIP() << "skipped: " << kDaemon << " is not installed";
        }
        if (::geteuid() != 0) {
            GTEST_SKIP() << "skipped: an SSH server of our own needs root";
        }
    }
};

TEST_F(SshHostTest, ReadsListsAndRunsOverARealConnection) {
    const LoopbackServer server;
    const fs::path odd = server.folder() / "it's $(odd)";
    std::ofstream(odd) << std::string("bytes\0with\nall", 14);
    const std::vector<Question> questions{{.path = "/etc/os-release"}, {.path = "/no/such/file"}};

    const auto host = SshHost::connect(server.target(), server.options(), questions);

    ASSERT_TRUE(host.has_value()) << host.error().text();
    EXPECT_NE((*host)->read_file("/etc/os-release", 1 << 20)->find("ID="), std::string::npos);
    EXPECT_EQ((*host)->read_file("/no/such/file", 10).error().kind, ErrorKind::NotFound);
    EXPECT_EQ((*host)->read_file("/etc/os-release", 1).error().code, "host.too_big");
    EXPECT_EQ((*host)->read_file(odd.string(), 100).value(), std::string("bytes\0with\nall", 14));
    EXPECT_EQ((*host)->look(odd.string(), Follow::Yes)->size, 14U);
    EXPECT_EQ(
        (*host)->run(Command{.argv = {"printf", "%s|", "$(id)", "a b", "'"}})->output,
        "$(id)|a b|'|");
    EXPECT_EQ((*host)->run(Command{.argv = {"sh", "-c", "exit 3"}})->exit_status, 3);
    EXPECT_EQ((*host)->run(Command{.argv = {"no-such-program"}}).error().kind, ErrorKind::NotFound);
    EXPECT_EQ((*host)->local_root(), "");
}

TEST(SshHost, TellsWhyThereIsNoConnection) {
    if (::access("/usr/bin/ssh", X_OK) != 0) {
        GTEST_SKIP() << "skipped: ssh is not installed";
    }

    const auto host = SshHost::connect(
        {.user = "", .name = "127.0.0.1", .port = free_port()}, {"-F", "none"}, {});

    ASSERT_FALSE(host.has_value());
    EXPECT_EQ(host.error().code, "host.no_connection");
    EXPECT_NE(host.error().message.find("refused"), std::string::npos);
}

}  // namespace
}  // namespace thimble::host
