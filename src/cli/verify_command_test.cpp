#include "thimble/cli/verify_command.hpp"

#include "thimble/apply/run_lock.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/kept_runs_test.hpp"
#include "thimble/host/file_access.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace thimble::cli {
namespace {

/// A port of this machine at which a probe asks once, and waits for its answer.
class ProbedPort {
public:
    ProbedPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address_;
        EXPECT_EQ(::bind(socket_.number(), any_address(), length), 0);
        EXPECT_EQ(::getsockname(socket_.number(), any_address(), &length), 0);
        EXPECT_EQ(::listen(socket_.number(), 1), 0);
    }
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)) + "/";
    }
    void answer_after(const std::function<void()>& done) const {
        const host::Descriptor asked(::accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC));
        done();
        const std::string answer = "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n";
        EXPECT_EQ(
            ::send(asked.number(), answer.data(), answer.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(answer.size()));
    }

private:
    sockaddr* any_address() { return static_cast<sockaddr*>(static_cast<void*>(&address_)); }

    host::Descriptor socket_;
    sockaddr_in address_{};
};

class Verify : public KeptRuns {
protected:
    void SetUp() override {
        KeptRuns::SetUp();
        write(root() / "etc/os-release", "ID=debian\nVERSION_ID=12\n");
        write(root() / "var/lib/dpkg/status", kStatus);
        write(root() / "var/lib/dpkg/info/curl.list", "/.\n");
    }
    [[nodiscard]] std::string told(const std::string& run, const std::string& plan = {}) const {
        PatchOptions chosen = options();
        chosen.run = run;
        chosen.plan = plan;
        chosen.json = true;
        std::ostringstream out;
        std::ostringstream err;
        run_verify(chosen, out, err);
        return out.str() + err.str();
    }
    /// A plan that asks whether somebody listens at a port that is nobody's.
    static model::Plan probing_plan() {
        model::Plan plan = plan_of({{"curl", "2"}});
        plan.problems.clear();
        plan.machine_id.clear();
        plan.policy.settle_tries = 1;
        plan.policy.probes = {
            {"web", model::ProbeKind::Tcp, "127.0.0.1:1", {}, std::chrono::seconds(5)}};
        return plan;
    }

    static constexpr const char* kStatus =
        "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2\n\n";
};

TEST_F(Verify, AsksTheProbesOfTheRunsPlan) {
    const std::string run =
        add(1,
            probing_plan(),
            {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "applied"}});

    const std::string text = told(run);

    EXPECT_NE(
        text.find(R"("name":"probe web","verdict":"fail","summary":"passed before, fails now: )"),
        std::string::npos)
        << text;
    EXPECT_NE(text.find(R"("state":"failed_health")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("probe web: passed before, fails now: )"), std::string::npos)
        << "as evidence, too: " << text;
}

TEST_F(Verify, TellsWhoCarriesARunOut) {
    const std::string run =
        add(1,
            plan_of({{"curl", "2"}}),
            {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Applying, "1"}});
    EXPECT_NE(told("").find(R"("at_work":null)"), std::string::npos);
    const auto lock = apply::RunLock::take(root().string(), apply::LockPurpose::Runs);
    if (!lock) {
        GTEST_SKIP() << lock.error().text();
    }

    const std::string text = told(run);

    EXPECT_NE(text.find(R"("at_work":{"run":")" + run), std::string::npos) << text;
    EXPECT_NE(text.find(R"("patches":[])"), std::string::npos) << text;
    EXPECT_FALSE(std::filesystem::exists(state() / "runs" / run / "verification.json"));
}

TEST_F(Verify, DoesNotTakeWhoeverHoldsTheLockForTheRun) {
    add(1,
        plan_of({{"curl", "2"}}),
        {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Applying, "1"}});
    const auto lock = apply::RunLock::take(root().string(), apply::LockPurpose::Other);
    if (!lock) {
        GTEST_SKIP() << lock.error().text();
    }

    const std::string text = told("");
    std::ostringstream out;
    const int status = run_verify(options(), out, out);

    EXPECT_NE(text.find(R"("at_work":null,"lock_holder":{"pid":)"), std::string::npos) << text;
    EXPECT_EQ(status, kSomethingDue);
    EXPECT_NE(out.str().find("holds the lock of the host"), std::string::npos) << out.str();
    EXPECT_NE(out.str().find("Next: thimble patch resume"), std::string::npos) << out.str();
}

TEST_F(Verify, AsksProbesOfThisMachineAsApplyDoes) {
    ::setenv("THIMBLE_STRANGE", "yes", 1);
    model::Plan plan = probing_plan();
    plan.policy.probes = {
        {"own",
         model::ProbeKind::Command,
         "",
         {"sh", "-c", "test -z \"$THIMBLE_STRANGE\" && test \"$(pwd)\" = /"},
         std::chrono::seconds(30)}};
    const std::string run =
        add(1, plan, {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "applied"}}, "/");
    PatchOptions of_machine = options();
    of_machine.root.clear();
    of_machine.run = run;
    of_machine.json = true;
    std::ostringstream out;

    run_verify(of_machine, out, out);

    ::unsetenv("THIMBLE_STRANGE");
    EXPECT_NE(out.str().find(R"("name":"probe own","verdict":"pass")"), std::string::npos)
        << out.str();
}

TEST_F(Verify, TellsOfARunThatHasBegunMeanwhile) {
    ProbedPort port;
    model::Plan plan = probing_plan();
    plan.policy.probes = {
        {"web", model::ProbeKind::Http, port.url(), {}, std::chrono::seconds(30)}};
    const std::string run =
        add(1, plan, {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "applied"}});
    std::optional<apply::RunLock> lock;
    std::string why_not;
    std::string begun;
    std::jthread other([&] {
        port.answer_after([&] {
            auto taken = apply::RunLock::take(root().string(), apply::LockPurpose::Runs);
            if (taken) {
                lock = *std::move(taken);
            } else {
                why_not = taken.error().text();
            }
            begun =
                add(2,
                    plan_of({{"curl", "3"}}),
                    {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Applying, "1"}});
        });
    });

    const std::string text = told(run);

    other.join();
    if (!lock) {
        GTEST_SKIP() << why_not;
    }
    EXPECT_NE(text.find(R"("at_work":{"run":")" + begun), std::string::npos) << text;
    EXPECT_NE(text.find(R"("patches":[])"), std::string::npos) << text;
    EXPECT_FALSE(std::filesystem::exists(state() / "runs" / run / "verification.json"));
}

}  // namespace
}  // namespace thimble::cli
