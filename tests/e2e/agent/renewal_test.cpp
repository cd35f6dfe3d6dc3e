// The certificate of a real agent comes to its end, at a real server.
#include "fleet_of_one.hpp"
#include "thimble/agent/host_key.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/server/authority.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace thimble {
namespace {

namespace fs = std::filesystem;
using cli::contents_of;
using cli::TestOutcome;
using cli::TestProgram;
using e2e::Fleet;

constexpr const char* kStrace = "/usr/bin/strace";

/// A host that has enrolled, and whose certificate is as old as a test wants it.
struct Member {
    Fleet fleet;
    std::string host;

    Member() {
        const TestOutcome enrolled = fleet.enrol(cli::make_enrolment_token(fleet.server, false));
        EXPECT_EQ(enrolled.status, 0) << enrolled.output;
        static const std::string kSays = "This host is ";
        host = enrolled.output.substr(kSays.size(), 32);
    }
    [[nodiscard]] fs::path certificate_file() const { return fleet.state / "host.crt"; }
    [[nodiscard]] std::string certificate() const { return contents_of(certificate_file()); }
    [[nodiscard]] long long days_left() const {
        const auto validity = agent::validity_of(certificate());
        const auto now = host::SystemClock().now().time_since_epoch().count();
        return validity ? (validity->until - now) / 86400 : -1;
    }
    /// The host gets the certificate that the server would have given it then.
    void age_certificate(Days age) const {
        const Instant then = host::SystemClock().now() - age;
        const auto authority = server::Authority::load_or_make(fleet.folder / "data/keys", then);
        const auto request = agent::signing_request_of(contents_of(fleet.state / "host.key"));
        const auto issued = authority->issue_host_certificate(*request, host, then);
        std::ofstream(certificate_file()) << issued->pem;
    }
    /// A copy of who the host is now.
    [[nodiscard]] fs::path identity_copy() const {
        fs::path copy = fleet.folder / "before";
        fs::create_directories(copy);
        for (const char* name : {"host.crt", "host.key"}) {
            fs::copy_file(fleet.state / name, copy / name);
        }
        return copy;
    }
    void revoke() const {
        ASSERT_EQ(
            fleet.server.as_admin({"DELETE", "/api/v1/hosts/" + host + "?why=lost"}).status, 204);
    }
    /// Checks in and is killed at the n-th call of that name.
    [[nodiscard]] TestOutcome check_in_killed_at(const std::string& call, int count) const {
        return TestProgram({kStrace,
                            "-o",
                            "/dev/null",
                            "-e",
                            "trace=" + call,
                            "-e",
                            "inject=" + call + ":signal=KILL:when=" + std::to_string(count),
                            THIMBLE_AGENT,
                            "check-in",
                            "--root",
                            fleet.root.string(),
                            "--state",
                            fleet.state.string()})
            .rest();
    }
};

TEST(Renewal, IsNotAskedForWhileAThirdOfTheTimeIsLeft) {
    const Member member;
    member.age_certificate(Days(59));
    const std::string before = member.certificate();

    ASSERT_EQ(member.fleet.check_in().status, 0);

    EXPECT_EQ(member.certificate(), before);
}

TEST(Renewal, ComesWithACheckInOnceLessIsLeft) {
    Member member;
    member.age_certificate(Days(61));
    const fs::path before = member.identity_copy();
    const std::string key = contents_of(member.fleet.state / "host.key");

    const TestOutcome renewed = member.fleet.check_in();

    ASSERT_EQ(renewed.status, 0) << renewed.output;
    EXPECT_GE(member.days_left(), 89);
    EXPECT_EQ(contents_of(member.fleet.state / "host.key"), key);
    const std::string first = member.certificate();
    EXPECT_EQ(member.fleet.check_in().status, 0);
    EXPECT_EQ(member.certificate(), first);
    // The one before stays good until it ends (docs/adr/0021).
    EXPECT_EQ(member.fleet.server.ask({"GET", "/agent/v1/jobs"}, before).status, 200);
    EXPECT_TRUE(member.fleet.server.as_admin({"GET", "/api/v1/audit"}).has("certificate.renew"));
    const auto now = host::SystemClock().now();
    EXPECT_GT(member.fleet.host_after_stop().certificate_expires_at, now + Days(89));
}

TEST(Renewal, IsDoneByAnAgentThatRuns) {
    const Member member;
    member.age_certificate(Days(61));
    const host::Descriptor watch(::inotify_init1(IN_CLOEXEC));
    ASSERT_GE(::inotify_add_watch(watch.number(), member.fleet.state.c_str(), IN_MOVED_TO), 0);
    const TestProgram agent(
        {THIMBLE_AGENT,
         "run",
         "--root",
         member.fleet.root.string(),
         "--state",
         member.fleet.state.string(),
         "--helper",
         (member.fleet.folder / "none").string()});

    while (member.days_left() < 89) {
        pollfd change{.fd = watch.number(), .events = POLLIN, .revents = 0};
        ASSERT_GT(::poll(&change, 1, 60'000), 0) << "nothing has changed in a minute";
        std::array<char, 4096> block{};
        ASSERT_GT(::read(watch.number(), block.data(), block.size()), 0);
    }
}

TEST(Renewal, IsRefusedToAHostThatWasRevoked) {
    const Member member;
    member.age_certificate(Days(61));
    const std::string before = member.certificate();
    const fs::path identity = member.identity_copy();
    member.revoke();

    const TestOutcome refused = member.fleet.check_in();
    const std::string csr = cli::make_certificate_request(member.fleet.folder / "fresh");
    const auto asked = member.fleet.server.ask(
        {"POST", "/agent/v1/certificate", R"({"csr":")" + csr + R"("})"}, identity);

    EXPECT_EQ(refused.status, 77) << refused.output;
    EXPECT_NE(refused.output.find("server.revoked"), std::string::npos) << refused.output;
    EXPECT_EQ(member.certificate(), before);
    EXPECT_EQ(asked.status, 403);
    EXPECT_EQ(asked.text("code"), "server.revoked");
}

TEST(Renewal, ComesTooLateForACertificateThatHasEnded) {
    const Member member;
    member.age_certificate(Days(91));

    const TestOutcome refused = member.fleet.check_in();

    EXPECT_EQ(refused.status, 77) << refused.output;
    EXPECT_NE(refused.output.find("agent.certificate_refused"), std::string::npos)
        << refused.output;
    EXPECT_NE(refused.output.find("enrol this host again"), std::string::npos) << refused.output;
}

/// Each write to the disk is a sync and a rename: the agent dies at each of them in turn.
TEST(Renewal, HealsWhereverTheAgentIsKilled) {
    if (!fs::exists(kStrace)) {
        GTEST_SKIP() << "needs strace";
    }
    constexpr int kMoreThanThereAre = 40;
    constexpr int kKilled = 128 + SIGKILL;
    const Member member;
    for (const char* call : {"fsync", "rename"}) {
        bool was_renewed = false;
        int kills = 0;
        for (int count = 1; count < kMoreThanThereAre; ++count) {
            member.age_certificate(Days(61));
            const TestOutcome cut = member.check_in_killed_at(call, count);
            was_renewed = was_renewed || member.days_left() >= 89;
            if (cut.status != kKilled) {
                ASSERT_EQ(cut.status, 0) << cut.output;
                break;
            }
            ++kills;

            const TestOutcome healed = member.fleet.check_in();
            ASSERT_EQ(healed.status, 0) << call << " " << count << ": " << healed.output;
            ASSERT_GE(member.days_left(), 89) << call << " " << count;
        }
        EXPECT_TRUE(was_renewed);
        // The memory of check-ins, the certificate, the authority.
        EXPECT_GE(kills, 3) << call;
    }
}

}  // namespace
}  // namespace thimble
