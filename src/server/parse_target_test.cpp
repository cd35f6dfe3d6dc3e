#include "thimble/server/parse_target.hpp"

#include "thimble/server/parse_listen_address.hpp"

#include <gtest/gtest.h>

namespace thimble::server {

TEST(ParseTarget, ReadsSegmentsAndPairs) {
    const auto target = parse_target("/api/v1/hosts?name=a%20b&x=1+2&&y&name=second");

    ASSERT_TRUE(target);
    EXPECT_EQ(target->segments, (std::vector<std::string>{"api", "v1", "hosts"}));
    EXPECT_EQ(target->query_value("name"), "a b");
    EXPECT_EQ(target->query_value("x"), "1 2");
    EXPECT_EQ(target->query_value("y"), "");
    EXPECT_EQ(target->query.size(), 4U);
    EXPECT_TRUE(parse_target("/")->segments.empty());
}

TEST(ParseTarget, RefusesWhatCouldLeadElsewhere) {
    for (const char* text :
         {"",
          "x",
          "http://a/",
          "//x",
          "/a//b",
          "/a/./b",
          "/a/../b",
          "/a/%2e%2e/b",
          "/%00",
          "/a%0a",
          "/%",
          "/%4",
          "/%zz",
          "/a?x=%"}) {
        EXPECT_EQ(parse_target(text).error().code, "server.bad_target") << text;
    }
    EXPECT_FALSE(parse_target("/" + std::string(2048, 'x')));
    std::string deep;
    for (int segment = 0; segment < 17; ++segment) {
        deep += "/x";
    }
    EXPECT_FALSE(parse_target(deep));
}

TEST(CookieValue, FindsTheNamedOneOnly) {
    EXPECT_EQ(cookie_value("a=1; b=2;c=3", "b"), "2");
    EXPECT_EQ(cookie_value("a=1; b=2;c=3", "c"), "3");
    EXPECT_EQ(cookie_value("ab=1", "b"), "");
    EXPECT_EQ(cookie_value("", "b"), "");
}

TEST(ParseAccept, TakesTheFirstThatWeHave) {
    EXPECT_EQ(parse_accept("text/html, text/csv;q=0.9, application/json"), ListFormat::Csv);
    EXPECT_EQ(parse_accept("application/x-ndjson"), ListFormat::Ndjson);
    EXPECT_EQ(parse_accept("*/*"), ListFormat::Json);
    EXPECT_EQ(parse_accept(""), ListFormat::Json);
}

TEST(ParseListenAddress, ReadsAddressesAndPorts) {
    EXPECT_EQ(*parse_listen_address("127.0.0.1:80"), (ListenAddress{"127.0.0.1", 80}));
    EXPECT_EQ(*parse_listen_address("[::1]:0"), (ListenAddress{"::1", 0}));
    EXPECT_EQ(*parse_listen_address(":443"), (ListenAddress{"0.0.0.0", 443}));
    EXPECT_EQ(*parse_listen_address("8443"), ListenAddress{});
}

TEST(ParseListenAddress, RefusesNamesAndBadPorts) {
    for (const char* text :
         {"",
          ":",
          "x:1",
          "127.0.0.1",
          "127.0.0.1:",
          "1:65536",
          "::1:80",
          "[]:80",
          "[::1]",
          "[127.0.0.1]:80",
          "1.2.3:4",
          "localhost:80",
          "127.0.0.1:80 "}) {
        EXPECT_FALSE(parse_listen_address(text)) << text;
    }
}

}  // namespace thimble::server
