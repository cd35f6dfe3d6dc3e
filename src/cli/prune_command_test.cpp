#include "thimble/cli/prune_command.hpp"

#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/kept_runs_test.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace thimble::cli {
namespace {

namespace fs = std::filesystem;

class Prune : public KeptRuns {
protected:
    void SetUp() override {
        KeptRuns::SetUp();
        host = {.root = root(), .packages = std::string(64, 'b')};
    }
    /// In which all is older than the bound but what is among the newest.
    Pruned prune(std::uint32_t newest) const {
        const apply::Retention bounds{
            .newest = newest,
            .archives = std::chrono::days(0),
            .records = std::chrono::days(1'000'000)};
        return prune_state(state(), host, bounds, kLater).value();
    }
    [[nodiscard]] fs::path archive(const std::string& name) const {
        return state() / "archives" / (name + "_2_amd64.deb");
    }

    PrunedHost host;

    /// Files are of today.
    static constexpr Instant kLater{std::chrono::days(200'000)};
};

TEST_F(Prune, KeepsTheArchivesThatAWayBackReads) {
    add_ended(1, {{"old", "2"}}, "applied");
    add_ended(2, {{"curl", "2"}}, "applied");
    add(3,
        plan_of({{"other", "2"}}),
        {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "applied"}},
        "/another/root");
    for (const char* name : {"old", "curl", "other", "nobody"}) {
        write(archive(name), "deb");
    }

    EXPECT_EQ(prune(1).archives, std::vector{id_of(1)});

    EXPECT_TRUE(fs::exists(archive("curl"))) << "its run can be taken back";
    EXPECT_TRUE(fs::exists(archive("other"))) << "so can that of another host";
    EXPECT_FALSE(fs::exists(archive("old")));
    EXPECT_FALSE(fs::exists(archive("nobody")));
}

TEST_F(Prune, KeepsWhatAFailedWayBackNeeds) {
    add_ended(1, {{"curl", "2"}}, "rollback_failed");
    add_ended(2, {{"bash", "2"}}, "applied");

    EXPECT_EQ(prune(0).archives, std::vector{id_of(2)});
}

TEST_F(Prune, KeepsWhatAWayBackNeedsThatFailedByAnotherPath) {
    const std::string taken = add_ended(1, {{"curl", "2"}}, "applied");
    add_ended(2, {{"bash", "2"}}, "applied");
    const std::string link = root().string() + "-link";
    fs::create_directory_symlink(root(), link);
    const std::string back =
        add(3,
            plan_of({{"curl", "2"}}),
            {{apply::RunPhase::Begun, "rollback"}, {apply::RunPhase::Ended, "rollback_failed"}},
            link);
    write(state() / "runs" / back / "takes_back", taken);

    EXPECT_EQ(prune(0).archives, std::vector{id_of(2)});
    fs::remove(link);
}

TEST_F(Prune, RemovesWhatAnEarlierTimeHasLeft) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "applied");
    const fs::path kept = state() / "runs" / run / "kept";
    EXPECT_EQ(prune(0).archives, std::vector{run});
    const auto pruned_at = archives_pruned_at(kept.parent_path());
    write(kept / "curl_1_amd64.deb", "deb");
    write(kept / "configuration-before.json", "{}");

    EXPECT_TRUE(prune(0).archives.empty()) << "it was said once";

    EXPECT_FALSE(fs::exists(kept / "curl_1_amd64.deb"));
    EXPECT_TRUE(fs::exists(kept / "configuration-before.json")) << "it is part of the record";
    EXPECT_EQ(archives_pruned_at(kept.parent_path()), pruned_at);
}

TEST_F(Prune, KeepsRehearsalsThatHoldForTheHost) {
    rehearse::Rehearsal rehearsal;
    rehearsal.plan_digest = std::string(64, 'a');
    rehearsal.rehearsed_at = kBegin;
    rehearsal.clone = "clone of " + root().string();
    const fs::path rehearsals = state() / "rehearsals";
    rehearsal.host_state = *host.packages;
    write(rehearsals / "holds.json", rehearse::format_rehearsal(rehearsal));
    rehearsal.host_state = std::string(64, 'c');
    write(rehearsals / "stale.json", rehearse::format_rehearsal(rehearsal));
    write(rehearsals / "damaged.json", "{");

    host.packages.reset();
    prune(0);
    EXPECT_TRUE(fs::exists(rehearsals / "stale.json")) << "that it is so is not known";

    host.packages = std::string(64, 'b');
    prune(0);
    EXPECT_TRUE(fs::exists(rehearsals / "holds.json"));
    EXPECT_FALSE(fs::exists(rehearsals / "stale.json"));
    EXPECT_FALSE(fs::exists(rehearsals / "damaged.json"));
}

TEST_F(Prune, LeavesARunThatBlocksNothingInNoMemory) {
    const std::string back = add_ended(1, {{"curl", "2"}}, "rolled_back");
    ASSERT_TRUE(remember_taken_back(state(), list_runs(state())));
    ASSERT_TRUE(write_unblocking(state(), back, {.at = kBegin, .reason = "mended"}));
    const apply::Retention nothing{
        .newest = 0, .archives = std::chrono::days(0), .records = std::chrono::days(0)};

    ASSERT_TRUE(prune_state(state(), host, nothing, kLater));

    EXPECT_TRUE(list_runs(state()).empty()) << "it was pruned, not lost";
}

TEST_F(Prune, RemovesNothingWhereRunsCannotBeListed) {
    write(archive("curl"), "deb");
    write(state() / "runs", "no folder");
    fs::permissions(state() / "runs", fs::perms::owner_all);

    EXPECT_EQ(prune_state(state(), host, {}, kLater).error().code, "cli.state_closed");

    EXPECT_TRUE(fs::exists(archive("curl")));
}

TEST_F(Prune, KeepsTheRecordOfASnapshotOfWhichNobodyCanTellWhetherItIsThere) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "applied");
    const apply::Snapshot snapshot{
        .kind = apply::SnapshotKind::Lvm,
        .name = "thimble-no-such-group/thimble-" + run,
        .source = "thimble-no-such-group/root"};
    write(snapshot_path(state() / "runs" / run), apply::format_snapshot(snapshot));

    const Pruned pruned = prune(0);

    EXPECT_EQ(pruned.stays.size(), 1U);
    EXPECT_TRUE(pruned.missing.empty());
    EXPECT_TRUE(fs::exists(snapshot_path(state() / "runs" / run)));
}

TEST_F(Prune, LeavesSnapshotsOfSnapperToIt) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "applied");
    const apply::Snapshot snapshot{
        .kind = apply::SnapshotKind::Snapper, .name = "12", .source = "root"};
    write(snapshot_path(state() / "runs" / run), apply::format_snapshot(snapshot));

    const Pruned pruned = prune(0);

    EXPECT_TRUE(pruned.snapshots.empty());
    EXPECT_TRUE(pruned.missing.empty());
    EXPECT_EQ(list_runs(state()).front().snapshot, snapshot);
    const apply::Retention nothing{
        .newest = 0, .archives = std::chrono::days(0), .records = std::chrono::days(0)};
    EXPECT_EQ(prune_state(state(), host, nothing, kLater)->records, std::vector{run})
        << "it goes with its record, or that would stay for ever";
}

TEST_F(Prune, RemovesWhatWasNeverBegun) {
    fs::create_directories(state() / "runs" / id_of(1));
    write(state() / "runs" / id_of(2) / "root", root().string());
    const apply::Retention nothing{
        .newest = 0, .archives = std::chrono::days(0), .records = std::chrono::days(0)};
    const auto records = [&](Instant now) {
        return prune_state(state(), host, nothing, now)->records;
    };

    EXPECT_EQ(records(Instant(std::chrono::days(1))), std::vector{id_of(2)})
        << "another host's may be about to begin";
    EXPECT_EQ(records(kLater), std::vector{id_of(1)});
}

TEST_F(Prune, DoesNotBringABlockBack) {
    const std::string back = add_ended(1, {{"curl", "2"}, {"nginx", "2"}}, "rolled_back");
    const std::string applied = add_ended(2, {{"curl", "2"}}, "applied");
    const apply::Retention nothing{
        .newest = 0, .archives = std::chrono::days(0), .records = std::chrono::days(0)};

    ASSERT_TRUE(prune_state(state(), host, nothing, kLater));

    const auto blocked = blocked_runs(list_runs(state()), root().string());
    ASSERT_EQ(blocked.size(), 1U);
    EXPECT_EQ(blocked_words(blocked.front()), "nginx 2");
}

}  // namespace
}  // namespace thimble::cli
