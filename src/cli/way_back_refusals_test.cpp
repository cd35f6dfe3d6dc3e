#include "thimble/cli/way_back_refusals.hpp"

#include "thimble/apply/plan_builder_test.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/kept_runs_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

model::Plan plan_of_curl(const std::string& from, const std::string& to) {
    model::Plan plan = plan_of({{"curl", to}});
    plan.steps = {apply::upgrade_step("curl", from, to)};
    return plan;
}

class WayBackRefusals : public KeptRuns {
protected:
    [[nodiscard]] std::string refusal(
        const std::string& run, const std::string& curl_installed) const {
        const std::vector<KeptRun> runs = list_runs(state());
        const auto taken = std::ranges::find(runs, run, &KeptRun::id);
        std::vector<apply::PackageVersion> installed;
        if (!curl_installed.empty()) {
            installed.push_back({"curl", "amd64", curl_installed});
        }
        const auto allowed = refuse_moved_on(*taken, runs, installed);
        return allowed ? "" : allowed.error().text();
    }
};

TEST_F(WayBackRefusals, NameTheLaterRunThatWouldBeLost) {
    using enum apply::RunPhase;
    const std::vector<std::pair<apply::RunPhase, std::string>> applied{
        {Begun, "apply"}, {Applying, "1"}, {Ended, "applied"}};
    const std::string first = add(1, plan_of_curl("1", "2"), applied);
    const std::string second = add(2, plan_of_curl("2", "3"), applied);

    EXPECT_EQ(refusal(second, "3"), "");
    EXPECT_EQ(refusal(first, "2"), "") << "the second was taken back";
    EXPECT_EQ(refusal(first, "1"), "") << "nothing is left to do";
    EXPECT_NE(refusal(first, "3").find("thimble patch rollback " + second), std::string::npos)
        << refusal(first, "3");
    EXPECT_NE(refusal(second, "4").find("by hand"), std::string::npos) << refusal(second, "4");
    EXPECT_NE(refusal(second, "").find("not installed any more"), std::string::npos);
}

TEST_F(WayBackRefusals, AreForRunsThatChangedNothing) {
    using enum apply::RunPhase;
    for (const char* result : {"unchanged", "skipped"}) {
        add(1, plan_of_curl("1", "2"), {{Begun, "apply"}, {Applying, "1"}, {Ended, result}});
        const auto runs = list_runs(state());
        const auto refused = refuse_to_take_back(runs.front(), runs, root().string());
        ASSERT_FALSE(refused.has_value()) << result;
        EXPECT_EQ(refused.error().code, "apply.nothing_kept");
    }
}

TEST_F(WayBackRefusals, NameNoLaterRunThatCannotBeTakenBack) {
    using enum apply::RunPhase;
    const std::vector<std::pair<apply::RunPhase, std::string>> applied{
        {Begun, "apply"}, {Applying, "1"}, {Ended, "applied"}};
    const auto words_of = [&](const std::vector<std::pair<apply::RunPhase, std::string>>& later) {
        const std::string first = add(1, plan_of_curl("1", "2"), applied);
        add(2, plan_of_curl("2", "3"), later);
        return refusal(first, "3");
    };

    EXPECT_NE(words_of(applied).find("thimble patch rollback " + id_of(2)), std::string::npos);
    for (const char* result : {"rolled_back", "skipped", "unchanged"}) {
        const std::string said = words_of({{Begun, "apply"}, {Applying, "1"}, {Ended, result}});
        EXPECT_NE(said.find("by hand"), std::string::npos) << said;
    }
    EXPECT_NE(words_of({{Begun, "apply"}, {Ended, "failed"}}).find("by hand"), std::string::npos);
    EXPECT_NE(words_of({}).find("by hand"), std::string::npos) << "it was killed before it began";

    EXPECT_NE(words_of(applied).find("rollback"), std::string::npos);
    write(state() / "runs" / id_of(2) / "archives_pruned", "2026-11-25T00:00:00Z");
    EXPECT_NE(refusal(id_of(1), "3").find("by hand"), std::string::npos) << "its archives are gone";
}

TEST_F(WayBackRefusals, NameTheRunThatBroughtThePackageToWhereItIs) {
    using enum apply::RunPhase;
    const std::vector<std::pair<apply::RunPhase, std::string>> applied{
        {Begun, "apply"}, {Applying, "1"}, {Ended, "applied"}};
    const std::string first = add(1, plan_of_curl("1", "2"), applied);
    const std::string second = add(2, plan_of_curl("2", "3"), applied);
    const std::string third = add(3, plan_of_curl("3", "4"), applied);
    const std::string back =
        add(4,
            plan_of_curl("3", "4"),
            {{Begun, "rollback"}, {RollingBack, "1"}, {Ended, "rolled_back"}});
    write(state() / "runs" / back / "takes_back", third);

    EXPECT_NE(refusal(first, "3").find("rollback " + second), std::string::npos)
        << refusal(first, "3");
    EXPECT_NE(refusal(first, "4").find("by hand"), std::string::npos)
        << "the third was taken back, and yet it is there: by whom nobody knows";
}

TEST_F(WayBackRefusals, TellOfARunThatChangedNothing) {
    using enum apply::RunPhase;
    const std::string run = add(1, plan_of_curl("1", "2"), {{Begun, "apply"}, {Ended, "skipped"}});
    const std::vector<KeptRun> runs = list_runs(state());
    const auto taken = std::ranges::find(runs, run, &KeptRun::id);

    EXPECT_EQ(
        refuse_to_take_back(*taken, runs, root().string()).error().code, "apply.nothing_kept");
}

TEST_F(WayBackRefusals, NameTheRootThatARunHasChanged) {
    using enum apply::RunPhase;
    const std::string id =
        add(1, plan_of_curl("1", "2"), {{Begun, "apply"}, {Applying, "1"}, {Ended, "applied"}});
    std::vector<KeptRun> runs = list_runs(state());
    const Error error = refuse_to_take_back(runs.front(), runs, "/another").error();

    EXPECT_EQ(error.code, "apply.other_host");
    EXPECT_TRUE(
        error.text().contains("; thimble patch rollback " + id + " --root " + root().string()))
        << error.text();

    runs.front().root = "/";
    const std::string words = refuse_to_take_back(runs.front(), runs, "/another").error().text();
    EXPECT_TRUE(words.ends_with("this machine; take it back without --root")) << words;
}

TEST_F(WayBackRefusals, SayWhatToDoWhereTheVersionsBeforeAreBack) {
    using enum apply::RunPhase;
    const std::string run =
        add(1, plan_of_curl("1", "2"), {{Begun, "apply"}, {Applying, "1"}, {Ended, "rolled_back"}});
    const std::vector<KeptRun> runs = list_runs(state());

    const std::string step = "thimble verify " + run + " tells what does not work all the same";
    const auto refused = refuse_to_take_back(runs.front(), runs, root().string());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "cli.already_back");
    EXPECT_EQ(
        refused.error().text(),
        "run " + run + " was taken back already, and the versions before came back; " + step);
    EXPECT_EQ(step_in(refused.error().text()), step);
}

}  // namespace
}  // namespace thimble::cli
