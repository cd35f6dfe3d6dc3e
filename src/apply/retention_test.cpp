#include "thimble/apply/retention.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

using Ids = std::vector<std::string>;
constexpr Instant kNow{std::chrono::days(20'000)};
constexpr Retention kTwo{.newest = 2};

RetainedRun run(std::string id, int days_ago) {
    return {
        .id = std::move(id),
        .at = kNow - std::chrono::days(days_ago),
        .is_open = false,
        .blocks = false,
        .takes_back = {},
        .patches = {}};
}

TEST(PrunableRuns, KeepsTheNewestAndThoseWithinTheBounds) {
    const std::vector<RetainedRun> runs{
        run("a", 900), run("b", 400), run("c", 399), run("d", 30), run("e", 29), run("f", 1)};

    const Prunable prunable = prunable_runs(runs, kTwo, kNow);

    EXPECT_EQ(prunable.archives, (Ids{"a", "b", "c", "d"}));
    EXPECT_EQ(prunable.records, (Ids{"a", "b"}));
    EXPECT_EQ(prunable_runs(runs, {.newest = 6}, kNow), Prunable{}) << "all are among the newest";
    EXPECT_EQ(
        prunable_runs(std::vector{run("a", 29), run("b", 1), run("c", 1)}, {.newest = 0}, kNow),
        Prunable{});
}

TEST(PrunableRuns, KeepsWhatIsOpenAndWhatItTakesBack) {
    std::vector<RetainedRun> runs{run("a", 900), run("b", 900), run("c", 900), run("d", 0)};
    runs[1].is_open = true;
    runs[3].is_open = true;
    runs[3].takes_back = "a";

    const Prunable prunable = prunable_runs(runs, {.newest = 1}, kNow);

    EXPECT_EQ(prunable.archives, Ids{"c"});
    EXPECT_EQ(prunable.records, Ids{"c"});
}

TEST(PrunableRuns, KeepsTheRecordOfWhatIsBlocked) {
    std::vector<RetainedRun> runs{run("a", 900)};
    runs[0].blocks = true;

    const Prunable prunable = prunable_runs(runs, {.newest = 0}, kNow);

    EXPECT_EQ(prunable.archives, Ids{"a"});
    EXPECT_EQ(prunable.records, Ids{});
}

TEST(PrunableRuns, KeepsTheRecordOfWhatHasEndedABlock) {
    std::vector<RetainedRun> runs{
        run("other", 900), run("a", 900), run("b", 900), run("c", 900), run("d", 900)};
    runs[0].patches = {{"curl", "2"}};
    runs[1].patches = {{"curl", "2"}, {"nginx", "2"}};
    runs[1].blocks = true;
    runs[2].patches = {{"curl", "2"}, {"bash", "2"}};
    runs[3].patches = {{"bash", "2"}};
    runs[4].patches = {{"curl", "3"}, {"nginx", "3"}};

    const Prunable prunable = prunable_runs(runs, {.newest = 0}, kNow);

    EXPECT_EQ(prunable.archives, (Ids{"other", "a", "b", "c", "d"}));
    EXPECT_EQ(prunable.records, (Ids{"other", "d"}));
}

TEST(RetiredSnapshots, AreThoseThatAreOldOrManyAndOfNoOpenRun) {
    std::vector<RetainedRun> runs{run("a", 20), run("b", 9), run("c", 3), run("d", 2), run("e", 0)};
    EXPECT_EQ(retired_snapshots(runs, {}, kNow), (Ids{"a", "b"}));
    runs[0].is_open = true;
    EXPECT_EQ(retired_snapshots(runs, {}, kNow), Ids{"b"});
    EXPECT_EQ(retired_snapshots(std::vector{run("a", 14)}, {}, kNow), Ids{"a"});
    EXPECT_EQ(retired_snapshots(std::vector{run("a", 13)}, {}, kNow), Ids{});
}

}  // namespace
}  // namespace thimble::apply
