#include "thimble/cli/blocked_patches.hpp"

#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/kept_runs_test.hpp"
#include "thimble/cli/taken_back_memory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

class BlockedPatches : public KeptRuns {
protected:
    void settle() {
        std::ostringstream said;
        const auto settled = settle_host_pins(options(), list_runs(state()), said);
        EXPECT_TRUE(settled.has_value());
        err = said.str();
    }
    /// The same system by another path.
    [[nodiscard]] std::string other_path() const {
        const std::filesystem::path link = folder / "other";
        if (!std::filesystem::is_symlink(link)) {
            std::filesystem::create_directory_symlink(root(), link);
        }
        return link.string();
    }
    void settle_by(const std::string& path) {
        PatchOptions chosen = options();
        chosen.root = path;
        std::ostringstream said;
        EXPECT_TRUE(settle_host_pins(chosen, list_runs(state()), said));
        err = said.str();
    }
    int unblock(const std::string& run) { return unblock_by(root().string(), run); }
    int unblock_by(const std::string& path, const std::string& run) {
        PatchOptions chosen = options();
        chosen.root = path;
        chosen.run = run;
        chosen.reason = "mended";
        std::ostringstream told;
        std::ostringstream said;
        const int status = run_patch_unblock(chosen, told, said);
        out = told.str();
        err = said.str();
        return status;
    }
    /// Something that is no file, so that it can neither be written nor removed.
    void make_unchangeable(const std::string& run) {
        std::filesystem::remove(pin(run));
        std::filesystem::create_directories(pin(run));
    }
    [[nodiscard]] bool is_pinned(const std::string& run, const std::string& package) const {
        return read(pin(run)).contains("Package: " + package + ":amd64\n");
    }

    std::string out;
    std::string err;
};

TEST_F(BlockedPatches, PinNothingThatOnlyCameAlong) {
    model::Plan plan = plan_of({{"curl", "2"}});
    plan.steps.push_back(apply::upgrade_step("libdepends", "1", "2"));
    model::PlannedStep other_version = apply::upgrade_step("curl-data", "1", "3");
    other_version.source_name = "curl";
    plan.steps.push_back(other_version);
    const std::string run =
        add(1, plan, {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "rolled_back"}});

    settle();

    EXPECT_TRUE(is_pinned(run, "curl"));
    EXPECT_FALSE(is_pinned(run, "libdepends"));
    EXPECT_FALSE(is_pinned(run, "curl-data")) << "of another version of that source";
}

TEST_F(BlockedPatches, PinNothingThatMayStillBeInstalled) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rollback_failed");

    settle();

    EXPECT_FALSE(std::filesystem::exists(pin(run)));
    EXPECT_EQ(blocked_runs(list_runs(state()), root().string()).size(), 1U) << "no plan takes it";
}

TEST_F(BlockedPatches, PinAllOfASourceThatIsKnownByOneOfItsPackages) {
    model::Plan plan = plan_of({{"curl", "2+b1"}, {"libcurl", "2"}});
    plan.patches.pop_back();
    for (model::PlannedStep& step : plan.steps) {
        step.source_name = "curl";
        step.source_version = "2";
    }
    const std::string run =
        add(1, plan, {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "rolled_back"}});

    settle();

    EXPECT_TRUE(is_pinned(run, "curl"));
    EXPECT_TRUE(is_pinned(run, "libcurl"));
}

TEST_F(BlockedPatches, PinAKernelWhateverSignsItAndSayWhatHasNoPin) {
    model::Plan plan = plan_of({{"linux", "2"}, {"odd", "2"}});
    plan.steps = {
        apply::upgrade_step("linux-image-a", "1", "2"),
        apply::upgrade_step("linux-image-2", "", "2")};
    plan.steps[0].source_name = plan.steps[1].source_name = "linux-signed-amd64";
    const std::string run =
        add(1, plan, {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "rolled_back"}});

    settle();

    EXPECT_TRUE(is_pinned(run, "linux-image-a") && is_pinned(run, "linux-image-2"));
    const std::string reach = block_reach(blocked_runs(list_runs(state()), root().string())[0]);
    EXPECT_TRUE(reach.ends_with("does not name odd 2: nothing keeps others from that")) << reach;
}

TEST_F(BlockedPatches, PinNothingThatWasAllowedAgainLater) {
    const std::string first = add_ended(1, {{"curl", "2"}, {"nginx", "2"}}, "rolled_back");
    const std::string second = add_ended(2, {{"curl", "2"}}, "rolled_back");
    settle();
    EXPECT_TRUE(is_pinned(second, "curl"));
    EXPECT_FALSE(is_pinned(first, "curl")) << "that is of the later run";
    ASSERT_TRUE(write_unblocking(state(), second, {.at = kBegin, .reason = "mended"}));

    settle();

    EXPECT_FALSE(is_pinned(first, "curl"));
    EXPECT_TRUE(is_pinned(first, "nginx"));
    EXPECT_FALSE(std::filesystem::exists(pin(second)));
}

TEST_F(BlockedPatches, StayPinnedWhileTheirRecordCannotBeRead) {
    for (const char* part : {"plan.json", "journal", "root"}) {
        const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
        settle();
        EXPECT_EQ(err, "");
        const std::filesystem::path file = state() / "runs" / run / part;
        std::filesystem::remove(file);
        std::filesystem::create_directory(file);

        settle();

        EXPECT_TRUE(is_pinned(run, "curl")) << part;
        EXPECT_NE(err.find(run), std::string::npos) << part << " " << err;
        std::filesystem::remove(file);
    }
}

TEST_F(BlockedPatches, StayBlockedWhatIsRememberedOfARecordThatCannotBeRead) {
    for (const char* part : {"plan.json", "journal", "root"}) {
        const std::string run = add_ended(1, {{"curl", "2"}, {"nginx", "2"}}, "rolled_back");
        ASSERT_TRUE(remember_taken_back(state(), list_runs(state())));
        std::filesystem::remove(state() / "runs" / run / part);

        const auto blocked = blocked_runs(list_runs(state()), root().string());

        ASSERT_EQ(blocked.size(), 1U) << part;
        EXPECT_NE(blocked.front().problem, "") << part;
        EXPECT_EQ(blocked_words(blocked.front()), "curl 2, nginx 2") << part;
        EXPECT_NE(unread_words(blocked.front()).find(run), std::string::npos);

        ASSERT_TRUE(remember_taken_back(state(), list_runs(state())));
        EXPECT_EQ(read_taken_back(state()).patches.size(), 2U) << part << ": it is forgotten";
    }
}

TEST_F(BlockedPatches, OutlastTheFolderOfTheirRun) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    settle();
    ASSERT_TRUE(remember_taken_back(state(), list_runs(state())));
    std::filesystem::remove_all(state() / "runs" / run);

    const auto runs = list_runs(state());
    const auto blocked = blocked_runs(runs, root().string());

    ASSERT_EQ(blocked.size(), 1U);
    EXPECT_EQ(blocked_words(blocked.front()), "curl 2");
    EXPECT_NE(unread_words(blocked.front()).find("its folder is gone"), std::string::npos);
    ASSERT_TRUE(remember_taken_back(state(), runs));
    EXPECT_EQ(read_taken_back(state()).patches.size(), 1U) << "it is forgotten";
    settle();
    EXPECT_TRUE(is_pinned(run, "curl"));
    EXPECT_EQ(find_run(state(), run).error().code, "cli.lost_run");
    // A plan of before it does not outlive it.
    EXPECT_EQ(format_instant(runs.front().last_at()), "2026-11-24T11:15:11Z");

    EXPECT_EQ(unblock(run), 0) << err;

    EXPECT_TRUE(blocked_runs(list_runs(state()), root().string()).empty());
    EXPECT_FALSE(std::filesystem::exists(pin(run)));
    EXPECT_NE(read(state() / "unblocked" / (run + ".json")).find("mended"), std::string::npos);
    EXPECT_TRUE(read_taken_back(state()).patches.empty());
}

TEST_F(BlockedPatches, StayUnknownWhereTheFolderOfAnUnreadRunIsGone) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    std::filesystem::remove(state() / "runs" / run / "plan.json");
    ASSERT_TRUE(remember_taken_back(state(), list_runs(state())));
    std::filesystem::remove_all(state() / "runs" / run);

    ASSERT_TRUE(remember_taken_back(state(), list_runs(state())));

    EXPECT_EQ(read_taken_back(state()).unread, (std::vector<UnreadRun>{{root().string(), run}}));
    EXPECT_EQ(unblock(run), 0) << err;
    EXPECT_TRUE(read_taken_back(state()).unread.empty());
}

TEST_F(BlockedPatches, AreKnownByTheirPinWhereNothingElseIsLeft) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    settle();
    std::filesystem::remove_all(state());

    const auto blocked = blocked_runs(list_runs(state()), root().string());

    ASSERT_EQ(blocked.size(), 1U);
    EXPECT_NE(unread_words(blocked.front()).find("names: curl 2"), std::string::npos);
    EXPECT_EQ(unblock(run), 0) << err;
    EXPECT_FALSE(std::filesystem::exists(pin(run)));
    EXPECT_TRUE(blocked_runs(list_runs(state()), root().string()).empty());
}

TEST_F(BlockedPatches, AreAllowedAgainByALaterRunThatCanBeRead) {
    const std::string run = add_ended(1, {{"curl", "2"}, {"nginx", "2"}}, "rolled_back");
    ASSERT_TRUE(remember_taken_back(state(), list_runs(state())));
    std::filesystem::remove(state() / "runs" / run / "plan.json");
    add_ended(2, {{"curl", "2"}}, "applied");

    const auto blocked = blocked_runs(list_runs(state()), root().string());

    ASSERT_EQ(blocked.size(), 1U);
    EXPECT_EQ(blocked_words(blocked.front()), "nginx 2");
}

TEST_F(BlockedPatches, AreCalledUnknownWhereNothingIsRemembered) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    std::filesystem::remove(state() / "runs" / run / "plan.json");
    const auto runs = list_runs(state());

    const auto blocked = blocked_runs(runs, root().string());

    ASSERT_EQ(blocked.size(), 1U);
    EXPECT_NE(unread_words(blocked.front()).find("not known to be left out"), std::string::npos);
    EXPECT_NE(unblock_step(blocked.front()).find("unblock " + run), std::string::npos);
    ASSERT_TRUE(remember_taken_back(state(), runs));
    EXPECT_EQ(read_taken_back(state()).unread, (std::vector<UnreadRun>{{root().string(), run}}));

    model::Plan plan = plan_of({{"curl", "2"}});
    plan.created_at = runs.front().last_at();
    const auto refused = refuse_unread(plan, runs, root().string());
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "cli.run_unread");
    EXPECT_TRUE(refuse_unread(plan, runs, "/srv/other"));
    plan.created_at += std::chrono::seconds(1);
    EXPECT_TRUE(refuse_unread(plan, runs, root().string())) << "made by somebody who was told";

    EXPECT_EQ(unblock(run), 0) << err;
    EXPECT_TRUE(blocked_runs(list_runs(state()), root().string()).empty());
    EXPECT_TRUE(read_taken_back(state()).unread.empty());
}

TEST_F(BlockedPatches, AreOfAnyHostWhereTheRootCannotBeRead) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    std::filesystem::remove(state() / "runs" / run / "root");
    const auto runs = list_runs(state());

    EXPECT_EQ(blocked_runs(runs, root().string()).size(), 1U);
    EXPECT_EQ(blocked_runs(runs, "/").size(), 1U);
    ASSERT_TRUE(remember_taken_back(state(), runs));
    EXPECT_EQ(gaps_of_memory(read_taken_back(state()), "/").size(), 1U);
}

TEST_F(BlockedPatches, AreNoneOfADamagedRunThatTookNothingBack) {
    const std::string applied = add_ended(1, {{"curl", "2"}}, "applied");
    const std::string not_begun = add_ended(2, {{"bash", "2"}}, "rolled_back");
    std::filesystem::remove(state() / "runs" / applied / "plan.json");
    std::filesystem::remove(state() / "runs" / not_begun / "plan.json");
    std::filesystem::remove(state() / "runs" / not_begun / "journal");

    EXPECT_TRUE(blocked_runs(list_runs(state()), root().string()).empty());
}

TEST_F(BlockedPatches, StayOutOfPlansByTheirPinAlone) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    settle();
    std::filesystem::remove(state() / "runs" / run / "plan.json");
    const auto blocked = blocked_runs(list_runs(state()), root().string());
    ASSERT_EQ(blocked.size(), 1U);
    EXPECT_NE(unread_words(blocked.front()).find("names: curl 2"), std::string::npos);
    EXPECT_NE(block_reach(blocked.front()).find("apt does not"), std::string::npos);
    model::Inventory inventory;
    inventory.offers.resize(3);
    inventory.offers[0].name = "curl";
    inventory.offers[0].architecture = "amd64";
    inventory.offers[0].candidate_version = "2";
    inventory.offers[0].source_name = "curl-source";
    inventory.offers[0].source_version = "1:2";
    inventory.offers[1] = inventory.offers[0];
    inventory.offers[1].candidate_version = "3";
    inventory.offers[2] = inventory.offers[0];
    inventory.offers[2].architecture = "i386";

    const auto left_out = left_out_by(blocked.front(), inventory);

    ASSERT_EQ(left_out.size(), 2U);
    EXPECT_EQ(left_out[0].source, "curl-source");
    EXPECT_EQ(left_out[0].version, "1:2");
    EXPECT_EQ(left_out[1].version, "2");
    EXPECT_EQ(left_out[0].run, run);

    EXPECT_EQ(unblock(run), 0) << err;
    EXPECT_FALSE(std::filesystem::exists(pin(run)));
}

TEST_F(BlockedPatches, ArePinnedWhileTheyAreOnTheirWayBack) {
    using enum apply::RunPhase;
    const std::string forward =
        add(1, plan_of({{"nginx", "2"}}), {{Begun, "apply"}, {Applying, "1"}});
    const std::string back =
        add(2, plan_of({{"curl", "2"}}), {{Begun, "apply"}, {Applying, "1"}, {RollingBack, "1"}});
    const std::string other = add_ended(3, {{"bash", "2"}}, "rolled_back");
    settle();
    EXPECT_TRUE(is_pinned(back, "curl"));

    EXPECT_EQ(unblock(other), 0) << err;

    EXPECT_TRUE(is_pinned(back, "curl"));
    EXPECT_FALSE(std::filesystem::exists(pin(other)));
    EXPECT_FALSE(std::filesystem::exists(pin(forward)));
}

TEST_F(BlockedPatches, StayBlockedByAnyPathToTheirHost) {
    const std::string run = add_ended(1, {{"curl", "2"}, {"nginx", "2"}}, "rolled_back");
    const std::string other = add_ended(2, {{"bash", "2"}}, "rolled_back");
    add_ended(3, {{"nginx", "2"}}, "applied");
    settle();
    const std::string before = read(pin(run));

    settle_by(other_path());

    EXPECT_EQ(read(pin(run)), before);
    EXPECT_EQ(err, "");
    const auto blocked = blocked_runs(list_runs(state()), other_path());
    ASSERT_EQ(blocked.size(), 2U);
    EXPECT_EQ(blocked_words(blocked.front()), "curl 2");
    model::Plan plan = plan_of({{"curl", "2"}});
    plan.created_at = kBegin;
    const auto refused =
        apply::refuse_taken_back(plan, "", block_history(list_runs(state()), other_path()));
    EXPECT_FALSE(refused.has_value());
    EXPECT_TRUE(blocked_runs(list_runs(state()), "/srv/other").empty()) << "it has no pin of them";

    EXPECT_EQ(unblock_by(other_path(), run), 0) << err;

    EXPECT_FALSE(std::filesystem::exists(pin(run)));
    EXPECT_TRUE(is_pinned(other, "bash"));
}

TEST_F(BlockedPatches, OfACopyAreNotThoseOfTheHost) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    settle();
    const std::filesystem::path copy = folder / "copy";
    std::filesystem::copy(root(), copy, std::filesystem::copy_options::recursive);
    const std::filesystem::path copied = copy / std::filesystem::relative(pin(run), root());

    EXPECT_EQ(unblock_by(copy, run), kConflict);

    EXPECT_TRUE(err.contains("run " + run + " is of " + root().string())) << err;
    EXPECT_TRUE(err.contains(copied.string() + ";")) << err;
    EXPECT_TRUE(err.contains("unblock " + run + " --reason TEXT --root " + root().string())) << err;
    settle();
    EXPECT_TRUE(is_pinned(run, "curl"));
    const auto blocked = blocked_runs(list_runs(state()), copy);
    ASSERT_EQ(blocked.size(), 1U);
    EXPECT_TRUE(unblock_step(blocked.front()).contains("remove " + copied.string()));

    EXPECT_EQ(unblock(run), 0) << err;
    add_ended(2, {{"curl", "2"}}, "applied");
    settle_by(copy);

    EXPECT_TRUE(std::filesystem::exists(copied)) << "that was of the other";
    EXPECT_EQ(blocked_runs(list_runs(state()), copy).size(), 1U);
    std::filesystem::remove(copied);
    settle_by(copy);
    EXPECT_TRUE(blocked_runs(list_runs(state()), copy).empty());
    EXPECT_FALSE(std::filesystem::exists(copied));
}

TEST_F(BlockedPatches, OfAHostThatWasMovedStayItsOwn) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    settle();
    const std::filesystem::path moved = folder / "moved";
    std::filesystem::rename(root(), moved);
    ASSERT_EQ(blocked_runs(list_runs(state()), moved).size(), 1U);

    EXPECT_EQ(unblock_by(moved, run), 0) << err;

    EXPECT_TRUE(blocked_runs(list_runs(state()), moved).empty());
}

TEST_F(BlockedPatches, OfAWayBackThatHadNoRoomAreNoneAndItIsLookedAt) {
    using enum apply::RunPhase;
    const std::string run =
        add(1,
            plan_of({{"curl", "2"}}),
            {{Begun, "apply"},
             {Applying, "1"},
             {Applied, "no_space"},
             {RollingBack, "1"},
             {RolledBack, "no_space"},
             {Ended, "rollback_failed"}});
    ASSERT_TRUE(blocked_runs(list_runs(state()), root().string()).empty());
    ASSERT_TRUE(failed_return(list_runs(state()), root().string()));

    EXPECT_EQ(unblock(run), 0) << err;

    EXPECT_TRUE(out.starts_with("Run " + run + " blocks nothing")) << out;
    EXPECT_TRUE(out.contains("thimble verify --root ")) << out;
    EXPECT_FALSE(failed_return(list_runs(state()), root().string()));
    EXPECT_NE(unblock(run), 0) << "it is settled";
}

TEST_F(BlockedPatches, AreNoneAfterARunByAnotherPathHasInstalledThem) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    settle();
    add(2,
        plan_of({{"curl", "2"}}),
        {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, "applied"}},
        other_path());

    settle_by(other_path());

    EXPECT_FALSE(std::filesystem::exists(pin(run)));
}

TEST_F(BlockedPatches, KeepThePinsOfRunsThatAreOpenOrUnreadByAnotherPath) {
    using enum apply::RunPhase;
    const std::string back =
        add(1, plan_of({{"curl", "2"}}), {{Begun, "apply"}, {Applying, "1"}, {RollingBack, "1"}});
    const std::string unread = add_ended(2, {{"bash", "2"}}, "rolled_back");
    settle();
    std::filesystem::remove(state() / "runs" / unread / "plan.json");

    settle_by(other_path());

    EXPECT_TRUE(is_pinned(back, "curl"));
    EXPECT_TRUE(is_pinned(unread, "bash"));
    const auto blocked = blocked_runs(list_runs(state()), other_path());
    ASSERT_EQ(blocked.size(), 1U);
    EXPECT_EQ(blocked_words(blocked.front()), "bash 2");
}

TEST_F(BlockedPatches, TellOfAPinThatGoesWithoutARecordOfItsRun) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    settle();
    std::filesystem::remove_all(state() / "runs");
    const std::string text = read(pin(run));
    EXPECT_EQ(unblock(run), 0) << err;
    write(pin(run), text);

    settle();

    EXPECT_FALSE(std::filesystem::exists(pin(run)));
    EXPECT_NE(err.find(run + ", of which there is no record, was allowed again"), std::string::npos)
        << err;
}

TEST_F(BlockedPatches, AreNoneOfARunForWhichTheDiskWasTooSmall) {
    using enum apply::RunPhase;
    const std::vector<std::pair<apply::RunPhase, std::string>> entries{
        {Begun, "apply"}, {Applying, "1"}, {Applied, "no_space"}, {RollingBack, "1"}};
    const std::string open = add(1, plan_of({{"nginx", "2"}}), entries);
    auto ended = entries;
    ended.insert(
        ended.end(), {{RolledBack, "done"}, {ExaminedBack, "healthy"}, {Ended, "rolled_back"}});
    const std::string full = add(2, plan_of({{"curl", "2"}}), ended);
    ended[2].second = "failed";
    const std::string failed = add(3, plan_of({{"bash", "2"}}), ended);

    settle();
    const std::vector<KeptRun> runs = list_runs(state());
    ASSERT_TRUE(remember_taken_back(state(), runs));

    EXPECT_FALSE(std::filesystem::exists(pin(open)));
    EXPECT_FALSE(std::filesystem::exists(pin(full)));
    EXPECT_TRUE(is_pinned(failed, "bash"));
    ASSERT_EQ(blocked_runs(runs, root().string()).size(), 1U);
    EXPECT_EQ(read_taken_back(state()).patches.size(), 1U);
}

TEST_F(BlockedPatches, AreNoneOfARollbackOfARunThatItsSurroundingsEnded) {
    using enum apply::RunPhase;
    const auto take_back = [&](int number, const std::string& taken, const Patch& patch) {
        std::string back =
            add(number,
                plan_of({patch}),
                {{Begun, "rollback"},
                 {RollingBack, "1"},
                 {RolledBack, "done"},
                 {ExaminedBack, "healthy"},
                 {Ended, "rolled_back"}});
        write(state() / "runs" / back / "takes_back", taken);
        return back;
    };
    const auto apply = [&](int number, const Patch& patch, const char* ending, const char* end) {
        return add(
            number,
            plan_of({patch}),
            {{Begun, "apply"}, {Applying, "1"}, {Applied, ending}, {Ended, end}});
    };
    const Patch curl{"curl", "2"};
    const std::string excused = take_back(2, apply(1, curl, "locked", "failed"), curl);
    const Patch bash{"bash", "2"};
    const std::string wanted = take_back(4, apply(3, bash, "done", "applied"), bash);
    const Patch nginx{"nginx", "2"};
    const std::string damaged_run = apply(5, nginx, "no_space", "failed");
    const std::string unknown = take_back(6, damaged_run, nginx);
    write(state() / "runs" / damaged_run / "journal", "x\nx\nx\n");

    settle();

    EXPECT_FALSE(std::filesystem::exists(pin(excused)));
    EXPECT_TRUE(is_pinned(wanted, "bash")) << "somebody took back what was carried out";
    EXPECT_TRUE(is_pinned(unknown, "nginx")) << "what the run ended by is not known";
    for (const BlockedRun& blocked : blocked_runs(list_runs(state()), root().string())) {
        EXPECT_NE(blocked.run, excused);
    }
}

TEST_F(BlockedPatches, AreAllowedInLinesOfATerminal) {
    std::vector<Patch> patches;
    for (int number = 0; number < 30; ++number) {
        patches.emplace_back("library-" + std::to_string(number), "7.88.1-10+deb12u9");
    }
    const std::string run = add_ended(1, patches, "rolled_back");

    EXPECT_EQ(unblock(run), 0) << err;

    EXPECT_TRUE(out.starts_with("Allowed again: library-0 7.88.1-10+deb12u9, ")) << out;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line) && !line.starts_with("Next: ");) {
        EXPECT_LE(line.size(), 80U) << line;
    }
}

TEST_F(BlockedPatches, AreAskedForByNameAfterTheyWereAllowed) {
    const std::string run = add_ended(1, {{"curl", "2"}, {"nginx", "2"}}, "rolled_back");

    EXPECT_EQ(unblock(run), 0) << err;

    const std::string text = out.substr(out.find("Next:"));
    EXPECT_NE(text.find("--package curl"), std::string::npos) << text;
    EXPECT_NE(text.find("--package nginx"), std::string::npos) << text;
    EXPECT_EQ(text.find("--security"), std::string::npos) << text;
}

TEST_F(BlockedPatches, AreNotCalledAllowedWhileTheirPinStays) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    make_unchangeable(run);

    EXPECT_NE(unblock(run), 0);

    EXPECT_EQ(out, "");
    EXPECT_NE(err.find("apply.not_pinned"), std::string::npos) << err;
    EXPECT_NE(err.find("but apt does\n    not: mend that"), std::string::npos) << err;
}

TEST_F(BlockedPatches, TellWhenAnotherPinCannotBeChanged) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    const std::string other = add_ended(2, {{"bash", "2"}}, "rolled_back");
    make_unchangeable(other);

    EXPECT_EQ(unblock(run), kSomethingDue);

    EXPECT_NE(out.find("Allowed again: curl 2"), std::string::npos) << out;
    EXPECT_NE(err.find(other), std::string::npos) << err;
}

TEST_F(BlockedPatches, SayWhetherTheirPinIsThere) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    const auto reach = [&] {
        return block_reach(blocked_runs(list_runs(state()), root().string()).front());
    };
    EXPECT_NE(reach().find("is not there"), std::string::npos) << reach();

    settle();

    EXPECT_NE(reach().find("apt does not"), std::string::npos) << reach();
}

}  // namespace
}  // namespace thimble::cli
