#include "thimble/agent/server_address.hpp"

#include <gtest/gtest.h>

namespace thimble::agent {
namespace {

TEST(ParseServerAddress, ReadsNamesAddressesAndPorts) {
    EXPECT_EQ(
        *parse_server_address("https://patch.example:8443"),
        (ServerAddress{"patch.example", "8443"}));
    EXPECT_EQ(
        *parse_server_address("https://patch.example/"), (ServerAddress{"patch.example", "443"}));
    EXPECT_EQ(*parse_server_address("https://10.0.0.1:8443/"), (ServerAddress{"10.0.0.1", "8443"}));
    EXPECT_EQ(*parse_server_address("https://[fe80::1]:8443"), (ServerAddress{"fe80::1", "8443"}));
    EXPECT_EQ(*parse_server_address("https://[::1]"), (ServerAddress{"::1", "443"}));
}

TEST(ParseServerAddress, RefusesWhatIsNoAddress) {
    for (const char* url :
         {"",
          "http://a:1",
          "https://",
          "https://:1",
          "https://a:",
          "https://a:b",
          "https://a:123456",
          "https://u@a:1",
          "https://a:1/path",
          "https://a:1?q",
          "https://a b",
          "https://[::1",
          "https://[::1]x",
          "https://[]:1",
          "https://a\r\nb:1",
          "https://[a.example]:1",
          "https://a:1//"}) {
        const auto parsed = parse_server_address(url);
        ASSERT_FALSE(parsed) << url;
        EXPECT_EQ(parsed.error().code, "agent.bad_url");
    }
}

TEST(HostField, HasBracketsAroundAnAddressWithColons) {
    EXPECT_EQ(host_field({"::1", "8443"}), "[::1]:8443");
    EXPECT_EQ(host_field({"patch.example", "443"}), "patch.example:443");
}

}  // namespace
}  // namespace thimble::agent
