#include "thimble/inventory/listeners.hpp"

#include "thimble/host/local_host.hpp"
#include "thimble/inventory/fake_host_test.hpp"
#include "thimble/model/inventory.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace thimble::inventory {
namespace {

FakeHost one_server() {
    FakeHost host;
    host.files["/proc/net/tcp"] =
        " 0: 00000000:0016 00000000:0000 0A 0:0 00:0 0 0 0 4711 1 0 100 0\n"
        " 1: 0100007F:0019 00000000:0000 0A 0:0 00:0 0 0 0 4712 1 0 100 0\n";
    host.links["/proc/7/fd/3"] = "socket:[4711]";
    host.links["/proc/7/fd/0"] = "/dev/null";
    host.links["/proc/7/exe"] = "/usr/sbin/sshd (deleted)";
    host.files["/proc/7/comm"] = "sshd\n";
    host.links["/proc/9/fd/3"] = "socket:[4711]";
    host.files["/var/lib/dpkg/info/openssh-server.list"] = "/usr/sbin/sshd\n";
    return host;
}

TEST(ReadListeners, NamesProcessAndPackage) {
    FakeHost host = one_server();
    model::Inventory inventory;

    read_listeners(host, inventory);

    ASSERT_EQ(inventory.listeners.size(), 2U);
    EXPECT_EQ(
        inventory.listeners[0],
        (model::Listener{
            .protocol = "tcp",
            .address = "0.0.0.0",
            .port = 22,
            .loopback = false,
            .pid = 7,
            .command = "sshd",
            .package = "openssh-server"}));
    EXPECT_TRUE(inventory.listeners[1].loopback);
    EXPECT_EQ(inventory.listeners[1].pid, 0U);
    EXPECT_TRUE(inventory.listeners_known);
}

TEST(ReadListeners, TellsHiddenOwners) {
    FakeHost host = one_server();
    host.files["/proc/8/comm"] = "smtpd";
    host.denied.insert("/proc/8/fd");
    model::Inventory inventory;

    read_listeners(host, inventory);

    ASSERT_EQ(inventory.gaps.size(), 1U);
    EXPECT_EQ(inventory.gaps.front().code, "inventory.hidden_listeners");
}

TEST(ReadListeners, IsUnknownWithoutTables) {
    FakeHost host;
    model::Inventory inventory;

    read_listeners(host, inventory);

    EXPECT_FALSE(inventory.listeners_known);
    EXPECT_EQ(inventory.gaps.front().code, "inventory.no_listeners");
}

/// The oracle: a real socket of this very process.
TEST(ReadListeners, SeesARealSocket) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(server, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
    ASSERT_EQ(::bind(server, generic, length), 0);
    ASSERT_EQ(::listen(server, 1), 0);
    ASSERT_EQ(::getsockname(server, generic, &length), 0);
    host::LocalHost host;
    model::Inventory inventory;

    read_listeners(host, inventory);
    ::close(server);

    const auto ours =
        std::ranges::find(inventory.listeners, ntohs(address.sin_port), &model::Listener::port);
    ASSERT_NE(ours, inventory.listeners.end());
    EXPECT_EQ(ours->pid, static_cast<std::uint32_t>(::getpid()));
    EXPECT_TRUE(ours->loopback);
}

}  // namespace
}  // namespace thimble::inventory
