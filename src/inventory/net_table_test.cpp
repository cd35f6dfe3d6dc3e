#include "thimble/inventory/net_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::inventory {
namespace {

TEST(ParseNetTable, TakesListeningTcpSockets) {
    const auto sockets = parse_net_table(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
        "timeout inode\n"
        "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        "
        "0 100 1 0 100 0\n"
        "   1: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        "
        "0 101 1 0 100 0\n"
        "   2: 0100007F:0016 0100007F:C000 01 00000000:00000000 00:00000000 00000000     0        "
        "0 102 1 0 100 0\n",
        "tcp");

    ASSERT_EQ(sockets.size(), 2U);
    EXPECT_EQ(
        sockets[0],
        (ListeningSocket{
            .protocol = "tcp",
            .address = "127.0.0.1",
            .port = 22,
            .loopback = true,
            .inode = 100}));
    EXPECT_EQ(sockets[1].address, "0.0.0.0");
    EXPECT_EQ(sockets[1].port, 443);
    EXPECT_FALSE(sockets[1].loopback);
}

TEST(ParseConnections, TellsPeersOfWhatIsEstablished) {
    const auto connections = parse_connections(
        "  sl  local_address rem_address   st\n"
        "   0: 0100007F:0016 00000000:0000 0A 0:0 00:0 0 0 0 100\n"
        "   1: 0202000A:1F90 0700020A:C000 01 0:0 00:0 0 0 0 101\n"
        "   2: 0000000000000000FFFF00000202000A:1F90 0000000000000000FFFF00000700020A:C001 01 0:0 "
        "00:0 0 0 0 102\n"
        "   3: 0100007F:1F90 0100007F:C002 01 0:0 00:0 0 0 0 103\n"
        "   4: nonsense\n");

    ASSERT_EQ(connections.size(), 3U);
    EXPECT_EQ(connections[0], (Connection{.port = 8080, .peer = "10.2.0.7", .loopback = false}));
    EXPECT_EQ(connections[1], connections[0]) << "IPv4 in IPv6";
    EXPECT_TRUE(connections[2].loopback);
}

std::string row(const std::string& local) {
    return " 0: " + local
        + ":0050 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 7 1 0 100 0\n";
}

TEST(ParseNetTable, WritesIpv6AsPeopleDo) {
    const auto address = [](const std::string& local) {
        return parse_net_table(row(local), "tcp").at(0);
    };

    EXPECT_EQ(address("00000000000000000000000000000000").address, "::");
    EXPECT_EQ(address("00000000000000000000000001000000").address, "::1");
    EXPECT_TRUE(address("00000000000000000000000001000000").loopback);
    EXPECT_EQ(address("B80D0120000000000000000001000000").address, "2001:db8::1");
    EXPECT_EQ(address("000080FE00000000FF00000001000000").address, "fe80::ff:0:1");
    EXPECT_EQ(address("0000000000000000FFFF00000100007F").address, "::ffff:127.0.0.1");
    EXPECT_TRUE(address("0000000000000000FFFF00000100007F").loopback);
    EXPECT_EQ(address("B80D0120010002000300040005000600").address, "2001:db8:2:1:4:3:6:5");
}

TEST(ParseNetTable, TakesUdpSocketsWithoutAPeer) {
    const auto sockets = parse_net_table(
        "  1: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 5 2 0 0\n"
        "  2: 0100007F:1234 0100007F:0035 07 00000000:00000000 00:00000000 00000000 0 0 6 2 0 0\n",
        "udp");

    ASSERT_EQ(sockets.size(), 1U);
    EXPECT_EQ(sockets[0].port, 68);
    EXPECT_EQ(sockets[0].protocol, "udp");
}

TEST(ParseNetTable, SurvivesNonsense) {
    EXPECT_TRUE(parse_net_table("", "tcp").empty());
    EXPECT_TRUE(
        parse_net_table("0: 1:2 3:4 0A\n0: XX00007F:0016 00000000:0000 0A\n", "tcp").empty());
    EXPECT_TRUE(parse_net_table("0: 0100007F:0016 00000000:0000 0A 0:0\n", "tcp").empty());
}

}  // namespace
}  // namespace thimble::inventory
