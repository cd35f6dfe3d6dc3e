#include "thimble/cli/patch_folders.hpp"

#include "thimble/cli/kept_runs_test.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace thimble::cli {
namespace {

class PatchFolders : public KeptRuns {};

TEST_F(PatchFolders, TellOfRunsThatMayBeInTheMiddleOfSomething) {
    using enum apply::RunPhase;
    add_ended(1, {{"curl", "2"}}, "applied");
    const std::string unfinished =
        add(2, plan_of({{"curl", "3"}}), {{Begun, "apply"}, {Applying, "1"}});
    const std::string damaged = add(3, plan_of({{"curl", "4"}}), {{Begun, "apply"}});
    std::filesystem::remove(state() / "runs" / damaged / "plan.json");
    add(4, plan_of({{"bash", "2"}}), {{Begun, "apply"}}, "/another/root");
    add(5, plan_of({{"bash", "2"}}), {});

    const auto open = open_runs(list_runs(state()), root().string());

    ASSERT_EQ(open.size(), 2U);
    EXPECT_EQ(open[0].run, unfinished);
    EXPECT_EQ(open[0].problem, "");
    EXPECT_EQ(open[1].run, damaged);
    EXPECT_NE(open[1].problem, "");
    ASSERT_TRUE(write_unblocking(state(), damaged, {.at = kBegin, .reason = "looked at"}));
    EXPECT_EQ(open_runs(list_runs(state()), root().string()).size(), 1U);
}

TEST_F(PatchFolders, DoNotTakeUpAWayBackWithoutTheRunThatItTakesBack) {
    using enum apply::RunPhase;
    const std::string taken = add_ended(1, {{"curl", "2"}}, "applied");
    const std::string back =
        add(2, plan_of({{"curl", "2"}}), {{Begun, "rollback"}, {RollingBack, "1"}});
    write(state() / "runs" / back / "takes_back", taken);
    EXPECT_EQ(list_runs(state()).back().problem, "");
    write(state() / "runs" / taken / "journal", "damaged\ndamaged\n");

    const std::vector<KeptRun> damaged = list_runs(state());
    EXPECT_NE(damaged.back().problem.find(taken), std::string::npos);
    EXPECT_TRUE(damaged.back().is_unread());

    std::filesystem::remove_all(state() / "runs" / taken);
    EXPECT_NE(
        list_runs(state()).back().problem.find("there is no run " + taken), std::string::npos);
    ASSERT_TRUE(write_unblocking(state(), back, {.at = kBegin, .reason = "looked at"}));
    EXPECT_TRUE(open_runs(list_runs(state()), root().string()).empty());
}

TEST_F(PatchFolders, RememberAFailedWayBackUntilARunChangesSomething) {
    const std::string failed = add_ended(1, {{"curl", "2"}}, "rollback_failed");
    for (const char* result : {"skipped", "unchanged"}) {
        add_ended(2, {{"curl", "2"}}, result);
        const auto found = failed_return(list_runs(state()), root().string());
        ASSERT_TRUE(found) << result;
        EXPECT_EQ(found->run, failed);
    }
    ASSERT_TRUE(write_unblocking(state(), failed, {.at = kBegin, .reason = "mended by hand"}));
    EXPECT_FALSE(failed_return(list_runs(state()), root().string())) << "somebody has looked";
    std::filesystem::remove(state() / "runs" / failed / "unblocked.json");
    add_ended(3, {{"curl", "2"}}, "rolled_back");
    EXPECT_FALSE(failed_return(list_runs(state()), root().string()));
}

TEST_F(PatchFolders, AreNotTakenForEmptyWhereTheyCannotBeListed) {
    EXPECT_TRUE(check_state(state(), StateUse::Look)) << "there are none yet";
    write(state() / "runs", "no folder");
    std::filesystem::permissions(state() / "runs", std::filesystem::perms::owner_all);

    const auto usable = check_state(state(), StateUse::Look);

    ASSERT_FALSE(usable.has_value());
    EXPECT_EQ(usable.error().code, "cli.state_closed");
}

}  // namespace
}  // namespace thimble::cli
