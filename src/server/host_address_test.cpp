#include "thimble/server/host_address.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

TEST(OwnHostAddress, IsKnownWhereBothSidesSayTheSame) {
    EXPECT_EQ(own_host_address("10.0.0.7", "10.0.0.7"), "10.0.0.7");
    EXPECT_EQ(own_host_address("10.0.0.7", "::ffff:10.0.0.7"), "10.0.0.7");
    EXPECT_EQ(own_host_address("2001:db8:0::7", "2001:db8::7"), "2001:db8::7");
}

TEST(OwnHostAddress, IsNotKnownBehindAGatewayOrOfAnAgentThatSaysNone) {
    EXPECT_EQ(own_host_address("192.168.0.7", "203.0.113.1"), "");
    EXPECT_EQ(own_host_address("", "10.0.0.7"), "");
    EXPECT_EQ(own_host_address("10.0.0.7, 10.0.0.8", "10.0.0.7"), "");
    EXPECT_EQ(own_host_address("web1", "web1"), "");
}

TEST(OwnHostAddress, IsNoneThatOthersDoNotReach) {
    for (const char* const address : {"127.0.0.1", "::1", "169.254.1.1", "fe80::1", "0.0.0.0"}) {
        EXPECT_EQ(own_host_address(address, address), "") << address;
    }
}

}  // namespace
}  // namespace thimble::server
