#include "thimble/cli/verify_command.hpp"

#include "thimble/apply/run_lock.hpp"
#include "thimble/cli/kept_runs_test.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace thimble::cli {
namespace {

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
    const auto lock = apply::RunLock::take(root().string());
    if (!lock) {
        GTEST_SKIP() << lock.error().text();
    }

    const std::string text = told(run);

    EXPECT_NE(text.find(R"("at_work":{"run":")" + run), std::string::npos) << text;
    EXPECT_NE(text.find(R"("patches":[])"), std::string::npos) << text;
    EXPECT_FALSE(std::filesystem::exists(state() / "runs" / run / "verification.json"));
}

}  // namespace
}  // namespace thimble::cli
