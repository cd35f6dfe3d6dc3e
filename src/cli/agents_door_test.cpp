#include "thimble/cli/running_server_test.hpp"
#include "thimble/protocol/messages.hpp"

#include <zstd.h>

#include <chrono>
#include <future>

namespace thimble::cli {
namespace {

std::string compressed(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

std::string sha256_hex(const std::string& text) {
    std::array<unsigned char, 32> digest{};
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string hex;
    for (const unsigned char byte : digest) {
        hex += "0123456789abcdef"[byte >> 4U];
        hex += "0123456789abcdef"[byte & 15U];
    }
    return hex;
}

/// A server with one host.
struct Door {
    ScratchFolder folder;
    RunningServer server{folder / "data"};
    std::filesystem::path identity = folder / "host";
    std::string host_id;

    Door() {
        server.let_admin_in();
        host_id = enrol_host(server, make_enrolment_token(server, true), identity);
    }
    [[nodiscard]] TestAnswer check_in(int sequence, const std::string& digest = "") const {
        return server.ask(
            {"POST",
             "/agent/v1/check-in",
             R"({"inventory":")" + digest + R"(","boot_id":"b1","agent_version":"0.2","sequence":)"
                 + std::to_string(sequence) + "}"},
            identity);
    }
};

}  // namespace

TEST(Enrol, AOneTimeTokenWorksOnceAndAWrongSecretNever) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    const std::string token = make_enrolment_token(server, false);
    const std::string csr = make_certificate_request(folder / "x");
    std::string wrong = token;
    wrong.back() = wrong.back() == 'A' ? 'E' : 'A';

    EXPECT_EQ(server.ask({"POST", "/agent/v1/enrol", enrolment_body(wrong, csr)}).status, 403);
    EXPECT_EQ(server.ask({"POST", "/agent/v1/enrol", enrolment_body(token, "junk")}).status, 400);
    EXPECT_EQ(server.ask({"POST", "/agent/v1/enrol", enrolment_body(token, csr)}).status, 201);
    EXPECT_EQ(server.ask({"POST", "/agent/v1/enrol", enrolment_body(token, csr)}).status, 403);
}

TEST(AgentsDoor, NeedsACertificateOfThisServer) {
    const Door door;
    const ScratchFolder other_folder;
    RunningServer other(other_folder / "data");
    other.let_admin_in();
    enrol_host(other, make_enrolment_token(other, true), other_folder / "host");
    const TestRequest jobs{"GET", "/agent/v1/jobs"};

    EXPECT_EQ(door.server.ask(jobs).status, 401);
    EXPECT_EQ(door.server.ask(jobs, other_folder / "host").status, 0);  // ends in the handshake
    EXPECT_EQ(door.server.ask(jobs, door.identity).status, 200);
    // A host's certificate opens nothing for people.
    EXPECT_EQ(door.server.ask({"GET", "/api/v1/hosts"}, door.identity).status, 401);
}

TEST(AgentsDoor, ARevokedHostIsRefusedAtOnceAndAfterARestart) {
    Door door;
    ASSERT_EQ(door.check_in(1).status, 200);

    EXPECT_EQ(door.server.as_admin({"DELETE", "/api/v1/hosts/" + door.host_id}).status, 204);

    EXPECT_TRUE(door.check_in(2).has("server.revoked"));
    door.server.stop();
    const RunningServer again(door.folder / "data");
    EXPECT_EQ(again.ask({"GET", "/agent/v1/jobs"}, door.identity).status, 403);
}

TEST(CheckIn, AsksForADocumentOnceForAllHosts) {
    const Door door;
    const std::string document = R"({"packages":["curl"]})";
    const std::string digest = sha256_hex(document);
    const TestRequest put{"PUT", "/agent/v1/documents/" + digest, compressed(document)};

    EXPECT_TRUE(door.check_in(1, digest).has("\"needs\":[\"" + digest + "\"]"));
    EXPECT_EQ(door.server.ask(put, door.identity).status, 204);
    EXPECT_TRUE(door.check_in(2, digest).has("\"needs\":[]"));

    const Door second;  // another server knows nothing of it
    EXPECT_FALSE(second.check_in(1, digest).has("\"needs\":[]"));
    const std::filesystem::path twin = door.folder / "twin";
    enrol_host(door.server, make_enrolment_token(door.server, false), twin);
    EXPECT_TRUE(door.server
                    .ask(
                        {"POST",
                         "/agent/v1/check-in",
                         R"({"inventory":")" + digest
                             + R"(","boot_id":"b","agent_version":"1","sequence":1})"},
                        twin)
                    .has("\"needs\":[]"));
}

TEST(CheckIn, WhatItSaidIsInTheDatabaseAfterTheServerEnds) {
    Door door;
    const std::string document = "{}";
    const std::string digest = sha256_hex(document);
    ASSERT_EQ(door.check_in(1, digest).status, 200);
    ASSERT_EQ(
        door.server
            .ask({"PUT", "/agent/v1/documents/" + digest, compressed(document)}, door.identity)
            .status,
        204);
    door.server.stop();

    RunningServer again(door.folder / "data");
    const TestAnswer signed_in = again.ask(
        {"POST", "/api/v1/session", R"({"name":"admin","password":"correct horse battery"})"});
    again.take_session(signed_in);

    const TestAnswer host = again.as_admin({"GET", "/api/v1/hosts/" + door.host_id});
    EXPECT_EQ(host.text("inventory_digest"), digest);
    EXPECT_EQ(host.text("agent_version"), "0.2");
    EXPECT_EQ(host.text("boot_id"), "b1");
    EXPECT_EQ(host.text("group"), "web");
}

TEST(CheckIn, AnOlderOneOfTheSameBootIsRefused) {
    const Door door;
    EXPECT_EQ(door.check_in(2).status, 200);
    EXPECT_EQ(door.check_in(2).status, 409);
    EXPECT_EQ(door.check_in(3).status, 200);
}

TEST(PutDocument, RefusesWhatIsNotWhatItSays) {
    const Door door;
    const std::string digest = sha256_hex("{}");
    const auto put = [&](const std::string& bytes) {
        return door.server.ask({"PUT", "/agent/v1/documents/" + digest, bytes}, door.identity)
            .status;
    };

    EXPECT_EQ(put(compressed("[]")), 400);
    EXPECT_EQ(put("not zstd"), 400);
    EXPECT_EQ(put(compressed("{}") + "x"), 400);
    EXPECT_EQ(put(compressed(std::string(std::size_t{65} << 20U, 'x'))), 400);
    EXPECT_EQ(put(std::string(std::size_t{9} << 20U, 'x')), 413);
    EXPECT_EQ(put(compressed("{}")), 204);
}

TEST(Reports, AreTakenInOrderAndOnce) {
    const Door door;
    const auto report = [&](int sequence) {
        return door.server.ask(
            {"POST",
             "/agent/v1/reports",
             R"({"reports":[{"sequence":)" + std::to_string(sequence)
                 + R"(,"kind":"run","content":"{}"}]})"},
            door.identity);
    };

    EXPECT_TRUE(report(1).has("\"report_sequence\":1"));
    EXPECT_EQ(report(3).status, 409);
    EXPECT_TRUE(report(1).has("\"report_sequence\":1"));
    EXPECT_TRUE(report(2).has("\"report_sequence\":2"));
    EXPECT_TRUE(door.check_in(1).has("\"report_sequence\":2"));
    EXPECT_TRUE(door.server.as_admin({"GET", "/api/v1/reports?limit=1"}).has("\"sequence\":2"));
}

TEST(LongPoll, AJobAndAHaltReachAWaitingAgentWithinASecond) {
    const Door door;
    const auto wait_for_work = [&](const std::string& query) {
        return std::async(std::launch::async, [&door, query] {
            return door.server.ask({"GET", "/agent/v1/jobs?wait=20&" + query}, door.identity);
        });
    };
    const auto seconds_until = [](std::future<TestAnswer>& waiting) {
        const auto start = std::chrono::steady_clock::now();
        waiting.wait();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };

    auto first = wait_for_work("halt=0");
    const TestAnswer job = door.server.as_admin(
        {"POST", "/api/v1/jobs", R"({"host_id":")" + door.host_id + R"(","envelope":"opaque"})"});
    ASSERT_EQ(job.status, 201) << job.body;
    EXPECT_LT(seconds_until(first), 1.0);
    EXPECT_TRUE(first.get().has(job.text("id")));

    auto second = wait_for_work("halt=0&have=" + job.text("id"));
    ASSERT_EQ(door.server.as_admin({"PUT", "/api/v1/halt", R"({"why":"smoke"})"}).status, 200);
    EXPECT_LT(seconds_until(second), 1.0);
    EXPECT_TRUE(second.get().has(R"("halted":true,"halt":1,"jobs":[])"));

    // While it holds, nobody is given anything; then the job is there again, until it is finished.
    EXPECT_TRUE(door.check_in(1).has("\"jobs\":[]"));
    ASSERT_EQ(door.server.as_admin({"DELETE", "/api/v1/halt"}).status, 200);
    EXPECT_TRUE(door.check_in(2).has(job.text("id")));
    ASSERT_EQ(
        door.server
            .ask(
                {"POST",
                 "/agent/v1/reports",
                 R"({"reports":[{"sequence":1,"kind":"job.finished","content":")" + job.text("id")
                     + R"("}]})"},
                door.identity)
            .status,
        200);
    EXPECT_TRUE(door.check_in(3).has("\"jobs\":[]"));
}

TEST(LongPoll, SaysForAHostThatItIsAsItWas) {
    const Door door;
    const std::string facts = protocol::facts_digest(
        {.inventory = "", .packages = "", .boot_id = "b1", .agent_version = "0.2"});
    const auto ask = [&](const std::string& more) {
        return door.server.ask({"GET", "/agent/v1/jobs?halt=0" + more}, door.identity);
    };

    // The server has not heard of it since it began.
    EXPECT_TRUE(ask("&wait=20&facts=" + facts).has(R"("check_in":true)"));
    EXPECT_TRUE(door.check_in(1).has(R"("interval_seconds":900)"));
    EXPECT_TRUE(ask("&wait=20&facts=another").has(R"("check_in":true)"));
    const TestAnswer quiet = ask("&wait=1&facts=" + facts);
    EXPECT_EQ(quiet.status, 204);
    EXPECT_EQ(quiet.body, "");
    auto waiting = std::async(std::launch::async, [&] { return ask("&wait=20&facts=" + facts); });
    const TestAnswer job = door.server.as_admin(
        {"POST", "/api/v1/jobs", R"({"host_id":")" + door.host_id + R"(","envelope":"opaque"})"});
    const TestAnswer told = waiting.get();
    EXPECT_TRUE(told.has(job.text("id"))) << told.body;
    EXPECT_TRUE(told.has(R"("interval_seconds":60,"check_in":false)")) << told.body;
}

TEST(RenewCertificate, GivesANewOneForTheSameHost) {
    const Door door;
    const std::filesystem::path renewed = door.folder / "renewed";
    const std::string csr = make_certificate_request(renewed);

    const TestAnswer answer = door.server.ask(
        {"POST", "/agent/v1/certificate", R"({"csr":")" + csr + R"("})"}, door.identity);

    ASSERT_EQ(answer.status, 200) << answer.body;
    std::ofstream(renewed / "host.crt") << answer.text("certificate");
    EXPECT_EQ(door.server.ask({"GET", "/agent/v1/jobs"}, renewed).status, 200);
}

}  // namespace thimble::cli
