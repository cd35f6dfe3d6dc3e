#include "thimble/shield/segmentation_proposal.hpp"

#include <gtest/gtest.h>

namespace thimble::shield {
namespace {

using mitigate::Transport;

model::Listener listener(std::uint16_t port, const std::string& package, std::uint32_t pid) {
    return {
        .protocol = "tcp",
        .address = "0.0.0.0",
        .port = port,
        .loopback = false,
        .pid = pid,
        .command = package,
        .package = package};
}

const std::vector<model::Listener> kListeners{
    listener(22, "openssh-server", 1),
    listener(8080, "tomcat10", 2),
    listener(8009, "tomcat10", 2)};

TEST(ProposeSegmentation, GuardsWhatListensAndLetsInWhoIsConnected) {
    const auto settings = propose_segmentation(
        kListeners,
        {{8080, "10.0.0.7", false},
         {8080, "10.0.0.7", false},
         {8080, "127.0.0.1", true},
         {22, "10.9.9.9", false}},
        {.package = "tomcat10", .port = 8080},
        {{Transport::Tcp, "192.0.2.5", 8443}});

    ASSERT_TRUE(settings.has_value());
    EXPECT_EQ(settings->listeners, (std::vector<mitigate::GuardedPort>{{Transport::Tcp, 8080}}));
    EXPECT_EQ(settings->allow, std::vector<std::string>{"10.0.0.7"});
    EXPECT_EQ(settings->keep.size(), 1U);
}

TEST(ProposeSegmentation, SaysWhenNothingCanBeReached) {
    std::vector<model::Listener> inside = kListeners;
    inside[1].loopback = true;

    EXPECT_EQ(
        propose_segmentation(inside, {}, {.package = "tomcat10", .port = 8080}, {}).error().code,
        "shield.nothing_listens");
}

TEST(OtherSockets, AreThoseOfTheSameProcessThatOthersReach) {
    EXPECT_EQ(other_sockets(kListeners, 8080, {}), std::vector{kListeners[2]});
    EXPECT_TRUE(other_sockets(kListeners, 8080, {8009}).empty()) << "asked anyway";
    EXPECT_TRUE(other_sockets(kListeners, 22, {}).empty());
    std::vector<model::Listener> inside = kListeners;
    inside[2].loopback = true;
    EXPECT_TRUE(other_sockets(inside, 8080, {}).empty());
}

TEST(UnguardedPorts, AreThoseOfTheSameProcess) {
    mitigate::Segmentation settings;
    settings.listeners = {{Transport::Tcp, 8080}};

    EXPECT_EQ(
        unguarded_ports(kListeners, settings),
        std::vector<std::string>{"tcp port 8009 of tomcat10 is not guarded"});
    settings.listeners.push_back({Transport::Tcp, 8009});
    EXPECT_TRUE(unguarded_ports(kListeners, settings).empty());
}

}  // namespace
}  // namespace thimble::shield
