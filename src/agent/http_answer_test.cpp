#include "thimble/agent/http_answer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace thimble::agent {
namespace {

constexpr std::size_t kMost = 100;

Result<std::optional<HttpAnswer>> parsed(std::string_view text) {
    return parse_http_answer(text, kMost);
}

TEST(ParseHttpAnswer, ReadsStatusAndBody) {
    const auto answer =
        parsed("HTTP/1.1 403 Forbidden\r\nContent-Type: a/b\r\ncontent-length:  4 \r\n\r\n{\"\"}");

    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ(**answer, (HttpAnswer{403, "{\"\"}", false}));
}

TEST(ParseHttpAnswer, KnowsAnswersWithoutBody) {
    const auto answer = parsed("HTTP/1.1 204 No Content\r\nConnection: Close\r\n\r\n");

    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ(**answer, (HttpAnswer{204, "", true}));
}

TEST(ParseHttpAnswer, PassesOverWhatComesBeforeTheAnswer) {
    const auto answer =
        parsed("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");

    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ(**answer, (HttpAnswer{200, "x", false}));
}

TEST(ParseHttpAnswer, KeepsNoConnectionOnWhichMoreCameThanTheAnswer) {
    EXPECT_TRUE((*parsed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy"))->is_last);
    EXPECT_TRUE((*parsed("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"))->is_last);
}

RC_GTEST_PROP(ParseHttpAnswer, WaitsForAllOfIt, ()) {
    const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nServer: t\r\n\r\n{\"a\": 12}";
    const auto size = *rc::gen::inRange<std::size_t>(0, text.size());

    const auto answer = parsed(std::string_view(text).substr(0, size));

    RC_ASSERT(answer && !*answer);
}

TEST(ParseHttpAnswer, RefusesWhatItCannotBeSureOf) {
    const std::string much(std::size_t{17} << 10, 'a');
    for (const std::string& text : std::initializer_list<std::string>{
             "SSH-2.0-OpenSSH\r\n\r\n",
             "HTTP/2 200\r\n\r\n",
             "HTTP/1.1 20 OK\r\nContent-Length: 1\r\n\r\nx",
             "HTTP/1.1 2000 OK\r\nContent-Length: 1\r\n\r\nx",
             "HTTP/1.1 +20 OK\r\nContent-Length: 1\r\n\r\nx",
             "HTTP/1.1 200 OK\r\n\r\nx",
             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
             "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
             "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx",
             "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
             "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 0\r\n\r\n",
             "HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n",
             much,
             "HTTP/1.1 200 OK\r\nA: " + much + "\r\n\r\n"}) {
        const auto answer = parsed(text);
        ASSERT_FALSE(answer) << text;
        EXPECT_EQ(answer.error().code, "agent.odd_answer");
    }
    std::string interim;
    for (int count = 0; count < 9; ++count) {
        interim += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    EXPECT_FALSE(parsed(interim));
}

}  // namespace
}  // namespace thimble::agent
