#include "thimble/cli/patch_folders.hpp"

#include "thimble/cli/kept_runs_test.hpp"
#include "thimble/cli/taken_back_memory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

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

TEST_F(PatchFolders, TellOfNoDamageWhereARunWasNotBegun) {
    const std::string run = add(1, plan_of({{"curl", "2"}}), {});
    const std::filesystem::path kept = state() / "runs" / run;
    std::filesystem::remove(kept / "journal");
    for (const char* file : {"plan.json", "root"}) {
        std::filesystem::remove(kept / file);
        const std::vector<KeptRun> runs = list_runs(state());
        EXPECT_EQ(runs.front().problem, "") << "its folder has no " << file;
        EXPECT_FALSE(runs.front().has_ended());
        EXPECT_TRUE(open_runs(runs, root().string()).empty());
    }
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

TEST_F(PatchFolders, TellOfTheRunsOfAHostByWhateverPath) {
    using enum apply::RunPhase;
    const std::filesystem::path link = folder / "link";
    const std::filesystem::path copy = folder / "copy";
    std::filesystem::create_directory_symlink(root(), link);
    std::filesystem::create_directory(copy);
    const std::string failed = add_ended(1, {{"curl", "2"}}, "rollback_failed");
    const std::string open =
        add(2,
            plan_of({{"bash", "2"}}),
            {{Begun, "apply"}, {Applying, "1"}},
            (folder / "link").string());
    const std::vector<KeptRun> runs = list_runs(state());

    for (const std::string& path : {root().string(), link.string()}) {
        ASSERT_EQ(earlier_runs(runs, path).size(), 1U) << path;
        const auto found = failed_return(runs, path);
        ASSERT_TRUE(found) << path;
        EXPECT_EQ(found->run, failed) << path;
        ASSERT_EQ(open_runs(runs, path).size(), 1U) << path;
        EXPECT_EQ(open_runs(runs, path).front().run, open) << path;
    }
    EXPECT_TRUE(earlier_runs(runs, copy).empty());
    EXPECT_FALSE(failed_return(runs, copy));
    EXPECT_TRUE(open_runs(runs, copy).empty());
}

TEST_F(PatchFolders, RememberWhatIsBlockedByThePathOfItsRun) {
    const std::filesystem::path link = folder / "link";
    std::filesystem::create_directory_symlink(root(), link);
    const std::string run = add_ended(1, {{"curl", "2"}, {"bash", "2"}}, "rolled_back");
    add(2,
        plan_of({{"bash", "2"}}),
        {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "applied"}},
        link.string());

    ASSERT_TRUE(remember_taken_back(state(), list_runs(state())));

    const TakenBackMemory memory = read_taken_back(state());
    EXPECT_EQ(memory.patches, (std::vector<TakenBackPatch>{{root().string(), "curl", "2", run}}));
    model::Inventory inventory;
    inventory.offers.resize(1);
    inventory.offers[0].name = "curl";
    inventory.offers[0].source_name = "curl";
    inventory.offers[0].source_version = "2";
    block_taken_back(memory.patches, link.string(), inventory);
    EXPECT_EQ(inventory.offers[0].blockers.size(), 1U) << "by the other path, too";
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
