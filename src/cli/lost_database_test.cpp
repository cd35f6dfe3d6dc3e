// The database restarts under a running server.
#include "thimble/cli/running_server_test.hpp"
#include "thimble/store/scratch_postgresql_test.hpp"

#include <chrono>
#include <thread>

namespace thimble::cli {
namespace {

constexpr std::chrono::seconds kPatience{20};

/// Asks until the answer is another than 503.
TestAnswer ask_until_ready(const RunningServer& server, const TestRequest& request) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    TestAnswer answer;
    do {
        std::this_thread::yield();
        answer = server.as_admin(request);
    } while (answer.status == 503 && std::chrono::steady_clock::now() < end);
    return answer;
}

std::string check_in_body(int sequence) {
    return R"({"inventory":"","boot_id":"b1","agent_version":"0.7.)" + std::to_string(sequence)
        + R"(","sequence":)" + std::to_string(sequence) + "}";
}

}  // namespace

TEST(LostDatabase, IsFoundAgainAndNothingThatWasAnsweredIsLost) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const ScratchFolder folder;
    const store::ScratchPostgresql postgresql;
    ASSERT_TRUE(postgresql.is_running());
    RunningServer server(folder / "data", postgresql.option());
    server.let_admin_in();
    const std::string token = make_enrolment_token(server, true);
    const std::string kept = enrol_host(server, token, folder / "kept");
    const std::string revoked = enrol_host(server, token, folder / "revoked");
    const TestRequest hosts{"GET", "/api/v1/hosts"};
    const TestRequest revoke{"DELETE", "/api/v1/hosts/" + revoked};

    ASSERT_TRUE(postgresql.stop());
    const TestAnswer away = server.as_admin(revoke);
    EXPECT_EQ(away.status, 503) << away.body;
    EXPECT_TRUE(away.has("store.unavailable")) << away.body;
    EXPECT_NE(away.headers.find("Retry-After: "), std::string::npos) << away.headers;
    // Agents are served from memory meanwhile.
    EXPECT_EQ(
        server.ask({"POST", "/agent/v1/check-in", check_in_body(1)}, folder / "kept").status, 200);
    ASSERT_TRUE(postgresql.start());

    EXPECT_EQ(ask_until_ready(server, hosts).status, 200);
    EXPECT_TRUE(server.as_admin(hosts).has(kept));
    EXPECT_EQ(server.as_admin(revoke).status, 204);
    EXPECT_EQ(
        server.ask({"POST", "/agent/v1/check-in", check_in_body(1)}, folder / "revoked").status,
        403);
    EXPECT_EQ(server.stop(), 0);
    // What the check-in said while the database was away.
    auto connection = store::Connection::open(postgresql.address());
    ASSERT_TRUE(connection);
    const auto version = connection->query("SELECT agent_version FROM host WHERE id = :id", {kept});
    ASSERT_TRUE(version);
    EXPECT_EQ(store::text_at(version->front(), 0), "0.7.1");
}

TEST(LostDatabase, WhatItSaysWhenItIsBackIsWhatTheServerKnows) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const ScratchFolder folder;
    const store::ScratchPostgresql postgresql;
    ASSERT_TRUE(postgresql.is_running());
    RunningServer server(folder / "data", postgresql.option());
    server.let_admin_in();
    const std::string host =
        enrol_host(server, make_enrolment_token(server, true), folder / "host");
    EXPECT_EQ(
        server.ask({"POST", "/agent/v1/check-in", check_in_body(1)}, folder / "host").status, 200);

    // As when a revocation was committed and the connection broke before the server heard of it.
    ASSERT_TRUE(postgresql.stop());
    ASSERT_TRUE(postgresql.start());
    {
        auto connection = store::Connection::open(postgresql.address());
        ASSERT_TRUE(connection);
        ASSERT_TRUE(connection->execute("UPDATE host SET revoked_at = 1 WHERE id = :id", {host}));
    }
    EXPECT_EQ(ask_until_ready(server, {"GET", "/api/v1/hosts"}).status, 200);

    EXPECT_EQ(
        server.ask({"POST", "/agent/v1/check-in", check_in_body(2)}, folder / "host").status, 403);
}

}  // namespace thimble::cli
