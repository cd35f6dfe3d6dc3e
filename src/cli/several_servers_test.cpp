// Three real servers on one PostgreSQL.
#include "thimble/cli/running_server_test.hpp"
#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/protocol/messages.hpp"
#include "thimble/store/audit_log.hpp"
#include "thimble/store/jobs.hpp"
#include "thimble/store/scratch_postgresql_test.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <thread>

namespace thimble::cli {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr std::size_t kServers = 3;
constexpr seconds kPatience{30};

/// Whether it comes true in time.
bool comes_true(const std::function<bool()>& is_true, seconds patience = kPatience) {
    const auto end = Steady::now() + patience;
    while (!is_true()) {
        if (Steady::now() > end) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

std::string check_in_body(int sequence) {
    return R"({"inventory":"","boot_id":"b1","agent_version":"0.7","sequence":)"
        + std::to_string(sequence) + "}";
}

/// Three servers, and the administrator signed in once for all.
struct Servers {
    ScratchFolder folder;
    store::ScratchPostgresql postgresql;
    std::vector<std::unique_ptr<RunningServer>> all;

    Servers() {
        for (std::size_t number = 0; number < kServers; ++number) {
            if (number > 0) {
                copy_server_keys(data(0), data(number));
            }
            all.push_back(std::make_unique<RunningServer>(data(number), postgresql.option()));
            if (number == 0) {
                all.front()->let_admin_in();
            } else {
                all.back()->take_session_of(*all.front());
            }
        }
    }
    [[nodiscard]] fs::path data(std::size_t number) const {
        return folder / ("data" + std::to_string(number));
    }
    [[nodiscard]] RunningServer& at(std::size_t number) const { return *all.at(number); }
    [[nodiscard]] std::string enrol(const std::string& name) const {
        return enrol_host(at(0), make_enrolment_token(at(0), false), folder / name);
    }
    [[nodiscard]] std::string port_of(std::size_t number) const {
        return at(number).address().substr(at(number).address().rfind(':'));
    }
    /// The server that leads, as the audit log says; kServers: none that is known.
    [[nodiscard]] std::size_t leader(std::size_t asked) const {
        const TestAnswer log =
            at(asked).as_admin({"GET", "/api/v1/audit?action=server.lead&limit=100"});
        std::size_t leads = kServers;
        std::size_t last = 0;
        for (std::size_t number = 0; number < kServers; ++number) {
            const std::size_t found = log.body.rfind(port_of(number) + "\"");
            if (found != std::string::npos && found >= last) {
                last = found;
                leads = number;
            }
        }
        return leads;
    }
};

std::string why_not_here() {
    return store::why_no_postgresql();
}

/// The question with which the root helper asks for the lease of a job.
std::string lease_question(const std::string& envelope) {
    const auto job = protocol::parse_job(protocol::parse_envelope(envelope)->content);
    return protocol::format_lease_question(
        {.job = job->id, .lease = job->lease, .challenge = "challenge"});
}

std::string envelope_of(const Servers& servers, const std::string& job) {
    auto connection = store::Connection::open(servers.postgresql.address());
    const auto rows = connection->query("SELECT envelope FROM job WHERE id = :id", {job});
    return store::text_at(rows->at(0), 0);
}

TestRequest job_for(const std::string& host) {
    return {"POST", "/api/v1/jobs", R"({"host_id":")" + host + R"(","kind":"reboot"})"};
}

}  // namespace

TEST(SeveralServers, AnyOfThemServesAnyAgent) {
    if (const std::string why = why_not_here(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const Servers servers;
    const std::string host = servers.enrol("host");
    const fs::path identity = servers.folder / "host";

    // At once: none says that it does not know the host.
    for (std::size_t number = kServers; number-- > 0;) {
        const TestAnswer answer = servers.at(number).ask(
            {"POST", "/agent/v1/check-in", check_in_body(static_cast<int>(kServers - number))},
            identity);
        EXPECT_EQ(answer.status, 200) << answer.body;
    }

    // A job that one makes, another gives to the agent that waits there.
    auto waiting = std::async(std::launch::async, [&] {
        return servers.at(1).ask({"GET", "/agent/v1/jobs?wait=20&halt=0"}, identity);
    });
    const auto start = Steady::now();
    const TestAnswer job = servers.at(2).as_admin(job_for(host));
    ASSERT_EQ(job.status, 201) << job.body;
    EXPECT_TRUE(waiting.get().has(job.text("id")));
    EXPECT_LT(Steady::now() - start, seconds(2));

    // Reports to one are known to the others, and taken once.
    const std::string report = R"({"reports":[{"sequence":1,"kind":"job.finished","content":")"
        + job.text("id") + R"("}]})";
    for (std::size_t number = 0; number < kServers; ++number) {
        EXPECT_TRUE(servers.at(number)
                        .ask({"POST", "/agent/v1/reports", report}, identity)
                        .has("\"report_sequence\":1"));
    }
    EXPECT_TRUE(comes_true([&] {
        return servers.at(0).ask({"GET", "/agent/v1/jobs?halt=0"}, identity).has("\"jobs\":[]");
    }));

    // Moved by one, revoked by another, refused by the third.
    EXPECT_EQ(
        servers.at(1).as_admin({"PATCH", "/api/v1/hosts/" + host, R"({"group":"db"})"}).status,
        204);
    EXPECT_EQ(servers.at(2).as_admin({"DELETE", "/api/v1/hosts/" + host}).status, 204);
    EXPECT_TRUE(comes_true(
        [&] { return servers.at(0).ask({"GET", "/agent/v1/jobs"}, identity).status == 403; },
        seconds(2)));
    EXPECT_EQ(servers.at(0).as_admin({"GET", "/api/v1/hosts/" + host}).text("group"), "db");
}

TEST(SeveralServers, AHaltOnOneStopsALeaseOnAnotherAtOnceAndWakesItsAgents) {
    if (const std::string why = why_not_here(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const Servers servers;
    const std::string host = servers.enrol("host");
    const fs::path identity = servers.folder / "host";
    const TestAnswer job = servers.at(0).as_admin(job_for(host));
    const TestRequest lease{
        "POST", "/agent/v1/leases", lease_question(envelope_of(servers, job.text("id")))};
    auto waiting = std::async(std::launch::async, [&] {
        return servers.at(2).ask(
            {"GET", "/agent/v1/jobs?wait=20&halt=0&have=" + job.text("id")}, identity);
    });

    for (int round = 0; round < 10; ++round) {
        EXPECT_TRUE(comes_true([&] { return servers.at(1).ask(lease, identity).status == 200; }));
        ASSERT_EQ(
            servers.at(0).as_admin({"PUT", "/api/v1/halt", R"({"why":"smoke"})"}).status, 200);
        EXPECT_TRUE(servers.at(1).ask(lease, identity).has("server.halted"));
        ASSERT_EQ(servers.at(2).as_admin({"DELETE", "/api/v1/halt"}).status, 200);
    }
    EXPECT_TRUE(waiting.get().has(R"("halt":)"));

    // As is one of a job that another closed, and of a host that another revoked.
    EXPECT_TRUE(comes_true([&] { return servers.at(1).ask(lease, identity).status == 200; }));
    ASSERT_EQ(servers.at(0).as_admin({"DELETE", "/api/v1/hosts/" + host}).status, 204);
    EXPECT_NE(servers.at(1).ask(lease, identity).status, 200);
}

TEST(SeveralServers, PeopleAreServedByAny) {
    if (const std::string why = why_not_here(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const Servers servers;
    const std::string host = servers.enrol("host");

    // What one did is what all tell of, in order.
    const std::string stream = servers.at(1).stream_until(
        {"GET", "/api/v1/events", "", {"Last-Event-ID: 0"}}, "host.enrol");
    EXPECT_NE(stream.find(host), std::string::npos) << stream;

    // A write with a key is done once, whichever server is asked again.
    TestRequest once = job_for(host);
    once.headers = {"Idempotency-Key: 1"};
    const TestAnswer first = servers.at(0).as_admin(once);
    const TestAnswer again = servers.at(1).as_admin(once);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(first.body, again.body);
    TestRequest other = once;
    other.body = R"({"host_id":")" + host + R"(","kind":"inventory"})";
    EXPECT_EQ(servers.at(2).as_admin(other).status, 422);
    const TestRequest secret{
        "POST", "/api/v1/users", R"({"name":"grace","role":"viewer"})", {"Idempotency-Key: 2"}};
    EXPECT_EQ(servers.at(0).as_admin(secret).status, 201);
    EXPECT_TRUE(servers.at(1).as_admin(secret).has("server.answered_elsewhere"));
    EXPECT_EQ(servers.at(0).as_admin(secret).status, 201);

    // Failures to sign in count together.
    const TestRequest wrong{
        "POST", "/api/v1/session", R"({"name":"admin","password":"not this one"})"};
    for (std::size_t attempt = 0; attempt < 5; ++attempt) {
        EXPECT_EQ(servers.at(attempt % kServers).ask(wrong).status, 403);
    }
    EXPECT_EQ(servers.at(2).ask(wrong).status, 429);
}

TEST(SeveralServers, OneWithOtherKeysIsRefused) {
    if (const std::string why = why_not_here(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const Servers servers;
    { const RunningServer alone(servers.folder / "stranger"); }  // makes keys of its own
    for (const char* name : {"fresh", "stranger"}) {
        const TestOutcome refused = run_server_command(
            {"serve",
             "--data",
             (servers.folder / name).string(),
             "--database",
             servers.postgresql.option(),
             "--listen",
             "127.0.0.1:0"});
        EXPECT_NE(refused.status, 0);
        EXPECT_NE(refused.output.find("[server.other_keys]"), std::string::npos) << refused.output;
    }
    EXPECT_FALSE(fs::exists(servers.folder / "fresh/keys/authority.key"));
}

namespace {

/// An agent that reports without a pause and goes to the next server when one does not answer.
class LoadingAgent {
public:
    LoadingAgent(const Servers& servers, const std::string& name, std::size_t server)
        : servers_(servers), server_(server), identity_(servers.folder / name) {
        host_ = servers.enrol(name);
    }
    void run(const std::atomic<bool>& is_over) {
        while (!is_over) {
            const std::int64_t next = acknowledged + 1;
            const TestAnswer answer = servers_.at(server_).ask(
                {"POST",
                 "/agent/v1/reports",
                 R"({"reports":[{"sequence":)" + std::to_string(next)
                     + R"(,"kind":"run","content":"{}"}]})"},
                identity_);
            if (answer.status == 200) {
                acknowledged = next;
            } else {
                EXPECT_TRUE(answer.status == 0 || answer.status == 503) << answer.body;
                server_ = (server_ + 1) % kServers;
            }
        }
    }
    [[nodiscard]] const std::string& host() const { return host_; }

    std::atomic<std::int64_t> acknowledged = 0;

private:
    const Servers& servers_;
    std::size_t server_;
    fs::path identity_;
    std::string host_;
};

/// Makes jobs through whichever server answers.
void make_jobs(
    const Servers& servers,
    const std::string& host,
    const std::atomic<bool>& is_over,
    std::vector<std::string>& acknowledged) {
    for (std::size_t number = 0; !is_over; ++number) {
        const TestAnswer made = servers.at(number % kServers).as_admin(job_for(host));
        if (made.status == 201) {
            acknowledged.push_back(made.text("id"));
        } else {
            EXPECT_TRUE(made.status == 0 || made.status == 503) << made.body;
        }
    }
}

}  // namespace

TEST(SeveralServers, OneThatIsKilledUnderLoadLosesNothingThatWasAcknowledged) {
    if (const std::string why = why_not_here(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const Servers servers;
    std::vector<std::unique_ptr<LoadingAgent>> agents;
    for (std::size_t number = 0; number < 2 * kServers; ++number) {
        agents.push_back(std::make_unique<LoadingAgent>(
            servers, "host" + std::to_string(number), number % kServers));
    }
    std::size_t leader = kServers;
    ASSERT_TRUE(comes_true([&] { return (leader = servers.leader(0)) < kServers; }));
    std::atomic<bool> is_over = false;
    std::vector<std::string> jobs;
    std::vector<std::jthread> threads;
    threads.reserve(agents.size() + 1);
    for (const auto& agent : agents) {
        threads.emplace_back([&] { agent->run(is_over); });
    }
    threads.emplace_back([&] { make_jobs(servers, agents.front()->host(), is_over, jobs); });
    const auto all_have_gone_on = [&] {
        std::vector<std::int64_t> before;
        std::ranges::transform(agents, std::back_inserter(before), [](const auto& agent) {
            return agent->acknowledged.load();
        });
        return comes_true([&] {
            return std::ranges::equal(agents, before, [](const auto& agent, std::int64_t last) {
                return agent->acknowledged >= last + 20;
            });
        });
    };

    EXPECT_TRUE(all_have_gone_on());
    servers.at(leader).kill();
    const auto killed = Steady::now();
    EXPECT_TRUE(all_have_gone_on());
    const std::size_t asked = (leader + 1) % kServers;
    EXPECT_TRUE(comes_true([&] {
        const std::size_t now = servers.leader(asked);
        return now != leader && now < kServers;
    }));
    // Its lead lasts 15 s; a machine that is busy with all of this takes a while longer.
    EXPECT_LT(Steady::now() - killed, seconds(25));
    EXPECT_TRUE(all_have_gone_on());
    is_over = true;
    threads.clear();

    auto connection = store::Connection::open(servers.postgresql.address());
    ASSERT_TRUE(connection);
    for (const auto& agent : agents) {
        const auto rows = connection->query(
            "SELECT COUNT(*), MAX(sequence) FROM report WHERE host_id = :id", {agent->host()});
        ASSERT_TRUE(rows);
        EXPECT_GE(store::number_at(rows->at(0), 0), agent->acknowledged);
        EXPECT_EQ(store::number_at(rows->at(0), 0), store::number_at(rows->at(0), 1));
    }
    EXPECT_GT(jobs.size(), 10U);
    for (const std::string& job : jobs) {
        EXPECT_EQ(connection->query("SELECT id FROM job WHERE id = :id", {job})->size(), 1U);
    }
    const auto verified = store::verify_audit(*connection);
    EXPECT_TRUE(verified) << verified.error().text();
}

TEST(SeveralServers, OneThatStandsStillHoldsNobodyUpForLongAndLeadsNoMoreWhenItGoesOn) {
    if (const std::string why = why_not_here(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const Servers servers;
    const std::string host = servers.enrol("host");
    std::size_t leader = kServers;
    ASSERT_TRUE(comes_true([&] { return (leader = servers.leader(0)) < kServers; }));
    const std::size_t other = (leader + 1) % kServers;
    std::atomic<bool> is_over = false;
    std::jthread load([&] {
        while (!is_over) {  // so that it stands still within its turn, now and then
            [[maybe_unused]] const auto made = servers.at(leader).as_admin(job_for(host));
        }
    });
    EXPECT_TRUE(comes_true([&] {
        return servers.at(other).as_admin({"GET", "/api/v1/jobs?limit=100"}).has("\"id\"");
    }));

    servers.at(leader).send(SIGSTOP);
    is_over = true;
    EXPECT_TRUE(comes_true(
        [&] { return servers.at(other).as_admin(job_for(host)).status == 201; }, seconds(25)));
    EXPECT_TRUE(comes_true([&] {
        const std::size_t now = servers.leader(other);
        return now != leader && now < kServers;
    }));
    servers.at(leader).send(SIGCONT);
    load.join();
    EXPECT_TRUE(
        comes_true([&] { return servers.at(leader).as_admin(job_for(host)).status == 201; }));

    EXPECT_NE(servers.leader(other), leader);
    const TestOutcome check = run_server_command(
        {"server",
         "check",
         "--data",
         servers.data(other).string(),
         "--database",
         servers.postgresql.option()});
    EXPECT_EQ(check.status, 0) << check.output;
    EXPECT_NE(check.output.find("Leads: "), std::string::npos) << check.output;
    EXPECT_EQ(check.output.find(servers.port_of(leader) + "\n"), std::string::npos) << check.output;
}

}  // namespace thimble::cli
