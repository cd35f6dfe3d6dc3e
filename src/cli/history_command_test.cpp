#include "thimble/cli/history_command.hpp"

#include "thimble/apply/configuration.hpp"
#include "thimble/apply/run_lock.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/cli/kept_runs_test.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace thimble::cli {
namespace {

class History : public KeptRuns {
protected:
    [[nodiscard]] std::string told(const std::string& run, bool json) const {
        PatchOptions chosen = options();
        chosen.run = run;
        chosen.json = json;
        std::ostringstream out;
        std::ostringstream err;
        run_history(chosen, out, err);
        return out.str() + err.str();
    }
    /// What a run has left beside its configuration.
    void leave(const std::string& run, const std::string& path) const {
        const std::filesystem::path kept = state() / "runs" / run / "kept";
        apply::KeptFile before;
        before.path = path;
        apply::KeptFile after = before;
        after.kind = apply::KeptKind::File;
        after.sha256 = std::string(64, 'a');
        write(kept / "configuration-before.json", apply::format_configuration(std::vector{before}));
        write(kept / "configuration-after.json", apply::format_configuration(std::vector{after}));
    }
};

TEST_F(History, NamesLeftFilesForAsLongAsTheyAreThere) {
    const std::string path = "/etc/curl.conf.dpkg-dist";
    const std::string run = add_ended(1, {{"curl", "2"}}, "applied");
    leave(run, path);
    write(root() / path.substr(1), "new\n");
    EXPECT_NE(told(run, false).find(path), std::string::npos) << told(run, false);
    EXPECT_NE(told(run, true).find(path), std::string::npos);

    std::filesystem::remove(root() / path.substr(1));

    EXPECT_EQ(told(run, false).find(path), std::string::npos);
    EXPECT_EQ(told(run, true).find(path), std::string::npos);
}

TEST_F(History, NamesNoLeftFilesOfARunThatAnotherTookBack) {
    const std::string path = "/etc/curl.conf.dpkg-dist";
    const std::string run = add_ended(1, {{"curl", "2"}}, "applied");
    leave(run, path);
    write(root() / path.substr(1), "somebody's since\n");
    const std::string back = add_ended(2, {{"curl", "2"}}, "rollback_failed");
    write(state() / "runs" / back / "takes_back", run);
    EXPECT_NE(told(run, false).find(path), std::string::npos) << "it is not back";

    const std::string again = add_ended(3, {{"curl", "2"}}, "rolled_back");
    write(state() / "runs" / again / "takes_back", run);

    EXPECT_EQ(told(run, false).find(path), std::string::npos);
}

TEST_F(History, NamesTheRunThatTookAnotherBack) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "applied");
    const std::string failed = add_ended(2, {{"curl", "2"}}, "rollback_failed");
    write(state() / "runs" / failed / "takes_back", run);
    EXPECT_EQ(told(run, false).find("taken back by"), std::string::npos) << "it is not back";

    const std::string back =
        add(3,
            plan_of({{"curl", "2"}}),
            {{apply::RunPhase::Begun, "rollback"}, {apply::RunPhase::Ended, "rolled_back"}});
    write(state() / "runs" / back / "takes_back", run);

    EXPECT_TRUE(told(run, false).contains("  taken back by run " + back + " on "))
        << told(run, false);
    EXPECT_TRUE(told(run, false).contains("Next: thimble history " + back + " --root "));
    EXPECT_TRUE(told(back, false).contains("  the way back of run " + run + "\n"))
        << told(back, false);
    EXPECT_TRUE(told("", false).contains("    Run " + back + " took it back.\n"))
        << told("", false);
    EXPECT_TRUE(told(run, true).contains(R"("takes_back":null,"taken_back_by":")" + back));
    EXPECT_TRUE(told(back, true).contains(R"("takes_back":")" + run + R"(","taken_back_by":null)"));
}

TEST_F(History, SaysWhichRootWasChangedAndWhatIsNotKnown) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "applied");
    EXPECT_NE(told(run, false).find("    in " + root().string() + "\n"), std::string::npos)
        << told(run, false);
    EXPECT_NE(told("", false).find("  in " + root().string()), std::string::npos);
    EXPECT_NE(
        told(run, false).find("(no vulnerability is known that it closes)"), std::string::npos);
}

TEST_F(History, ListsTheRunsOfTheRootThatIsNamedAndCountsTheOthers) {
    const std::string own = add_ended(1, {{"curl", "2"}}, "applied");
    const std::string other =
        add(2,
            plan_of({{"vim", "2"}}),
            {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Applying, "1"}},
            "/srv/another");
    const auto listed = [this](const std::string& of_root, bool json) {
        PatchOptions chosen = options();
        chosen.root = of_root;
        chosen.json = json;
        std::ostringstream out;
        run_history(chosen, out, out);
        return out.str();
    };

    const std::string text = listed(root().string() + "/./", false);
    EXPECT_TRUE(text.contains(own)) << text;
    EXPECT_FALSE(text.contains(other)) << text;
    EXPECT_TRUE(text.contains("\n1 run is of other roots: listed where --root is left out\n"))
        << text;
    EXPECT_TRUE(text.contains("Next: thimble history " + own + " --root "))
        << "what another root waits for is not its step: " << text;

    const std::string none = listed("/srv/a-third", false);
    EXPECT_TRUE(none.starts_with(
        "No run of /srv/a-third yet. The first: thimble patch plan --root /srv/a-third "))
        << none;
    EXPECT_TRUE(none.contains("\n2 runs are of other roots: ")) << none;

    const std::string all = listed("", false);
    EXPECT_TRUE(all.contains(own) && all.contains(other)) << all;
    EXPECT_TRUE(all.contains("in /srv/another\n")) << all;
    EXPECT_FALSE(all.contains("of other roots")) << all;

    const std::filesystem::path link = folder / "link";
    std::filesystem::create_directory_symlink(root(), link);
    const std::string by_link = listed(link.string(), false);
    EXPECT_TRUE(by_link.contains(own)) << by_link;
    EXPECT_TRUE(by_link.contains("\n1 run is of other roots: ")) << by_link;

    EXPECT_FALSE(listed(root().string(), true).contains(other));
    EXPECT_TRUE(listed(root().string(), true).contains(R"("runs_of_other_roots":1})"));
    EXPECT_TRUE(listed("", true).contains(R"("root":"/srv/another")"));
    EXPECT_TRUE(listed("", true).contains(R"("runs_of_other_roots":0})"));
}

TEST_F(History, NamesTheStepThatARunAsksForNow) {
    const std::string applied = add_ended(1, {{"curl", "2"}}, "applied");
    EXPECT_NE(
        told("", false).find("Next: thimble history " + applied + " --root "), std::string::npos);
    EXPECT_NE(
        told(applied, false).find("Next: thimble verify " + applied + " --root "),
        std::string::npos);

    const std::string open =
        add(2,
            plan_of({{"curl", "3"}}),
            {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Applying, "1"}});
    EXPECT_NE(told("", false).find("Next: thimble patch resume --root "), std::string::npos)
        << told("", false);
    EXPECT_NE(told(open, false).find("Next: thimble patch resume --root "), std::string::npos);
}

TEST_F(History, NamesTheStepAfterEachCauseOfTheSurroundings) {
    const auto ended_by = [&](int number, const std::string& ending, const std::string& result) {
        return told(
            add(number,
                plan_of({{"curl", "2"}}),
                {{apply::RunPhase::Begun, "apply"},
                 {apply::RunPhase::Applied, ending},
                 {apply::RunPhase::Ended, result}}),
            false);
    };
    const std::string plan = ", then thimble patch plan --root ";
    const std::string wait = "wait until the package manager is free, or look at what holds it";
    int number = 0;
    for (const char* result : {"rolled_back", "unchanged", "skipped"}) {
        const std::string full = ended_by(++number, "no_space", result);
        EXPECT_NE(full.find("Next: free some space there" + plan), std::string::npos) << full;
        const std::string locked = ended_by(++number, "locked", result);
        EXPECT_NE(locked.find("Next: " + wait + plan), std::string::npos) << locked;
        const std::string failed = ended_by(++number, "failed", result);
        EXPECT_EQ(failed.find(wait), std::string::npos) << failed;
        EXPECT_EQ(failed.find("free some space"), std::string::npos) << failed;
    }
}

TEST_F(History, NamesTheWayOutOfAWayBackThatFailed) {
    const std::string first = add_ended(1, {{"curl", "2"}}, "rollback_failed");
    EXPECT_NE(
        told(first, false).find("names, then thimble patch rollback " + first + " --root "),
        std::string::npos)
        << told(first, false);

    const std::string back = add_ended(2, {{"curl", "2"}}, "rollback_failed");
    write(state() / "runs" / back / "takes_back", first);
    add_ended(3, {{"curl", "3"}}, "skipped");
    EXPECT_NE(
        told(back, false).find("names, then thimble patch rollback " + first + " --root "),
        std::string::npos)
        << told(back, false);
    EXPECT_EQ(told(first, false).find("then again"), std::string::npos) << "it is not the last";

    add_ended(4, {{"curl", "3"}}, "applied");
    EXPECT_EQ(told(back, false).find("then again"), std::string::npos) << "others went on";
}

TEST_F(History, AsksForNoUnblockingOfARollbackAfterAFullDisk) {
    using enum apply::RunPhase;
    const auto rollback_of = [&](int number, const std::string& ending) {
        const model::Plan plan = plan_of({{"curl", "2"}});
        const std::string taken =
            add(number, plan, {{Begun, "apply"}, {Applied, ending}, {Ended, "failed"}});
        const std::string back = add(
            number + 1, plan, {{Begun, "rollback"}, {RolledBack, "done"}, {Ended, "rolled_back"}});
        write(state() / "runs" / back / "takes_back", taken);
        return told(back, false);
    };
    const std::string full = rollback_of(1, "no_space");
    EXPECT_NE(
        full.find("Next: free some space there, then thimble patch plan --root "),
        std::string::npos)
        << full;
    EXPECT_EQ(full.find("blocked:"), std::string::npos) << full;

    const std::string failed = rollback_of(3, "failed");
    EXPECT_NE(failed.find("thimble patch plan --retry"), std::string::npos) << failed;
    EXPECT_NE(failed.find("blocked:"), std::string::npos) << failed;
}

TEST_F(History, TellsARunThatGoesOnFromOneThatWasLeft) {
    const auto lock = apply::RunLock::take(root(), apply::LockPurpose::Runs);
    if (!lock) {
        GTEST_SKIP() << lock.error().text();
    }
    const std::string run =
        add(1,
            plan_of({{"curl", "3"}}),
            {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Applying, "1"}});
    const std::string process = "process " + std::to_string(::getpid());
    for (const std::string& text : {told("", false), told(run, false)}) {
        EXPECT_NE(text.find("running"), std::string::npos) << text;
        EXPECT_NE(text.find(process), std::string::npos) << text;
        EXPECT_EQ(text.find("resume"), std::string::npos) << text;
        EXPECT_NE(
            text.find("Next: wait until it has ended, then thimble history " + run),
            std::string::npos)
            << text;
    }
    EXPECT_NE(
        told(run, true).find(R"("running":{"pid":)" + std::to_string(::getpid())),
        std::string::npos);
}

TEST_F(History, DoesNotTakeWhoeverHoldsTheLockForTheRun) {
    const auto lock = apply::RunLock::take(root(), apply::LockPurpose::Other);
    if (!lock) {
        GTEST_SKIP() << lock.error().text();
    }
    const std::string run =
        add(1,
            plan_of({{"curl", "3"}}),
            {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Applying, "1"}});

    const std::string text = told(run, false);

    EXPECT_EQ(text.find("running"), std::string::npos) << text;
    EXPECT_NE(text.find("Next: thimble patch resume"), std::string::npos) << text;
}

TEST_F(History, SaysWhatIsNotWellAlthoughTheVersionsAreBack) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "rolled_back");
    EXPECT_NE(told(run, true).find(R"("problem":null)"), std::string::npos);
    const apply::JournalEntry found{
        .phase = apply::RunPhase::ExaminedBack,
        .at = kBegin,
        .word = "unhealthy",
        .detail = R"({"summary":"","found":{"checks":[{"name":"probe web","verdict":"fail",)"
                  R"("summary":"passed before, fails now: HTTP 500"}]}})"};
    const apply::JournalEntry ended{
        .phase = apply::RunPhase::Ended, .at = kBegin, .word = "rolled_back", .detail = {}};
    write(
        state() / "runs" / run / "journal",
        apply::format_journal_entry(found) + apply::format_journal_entry(ended));

    EXPECT_NE(
        told(run, true).find(R"("problem":"probe web: passed before, fails now: HTTP 500")"),
        std::string::npos)
        << told(run, true);
    EXPECT_NE(told("", false).find("back, but not all is well: probe web"), std::string::npos)
        << told("", false);
}

TEST_F(History, CountsWhatItDoesNotName) {
    std::vector<Patch> patches;
    for (int number = 10; number < 60; ++number) {
        patches.emplace_back("source-" + std::to_string(number), "2");
    }
    const std::string run = add_ended(1, patches, "rolled_back");
    const std::string list = told("", false);
    EXPECT_NE(list.find("source-10 source-11 source-12 and 47 more\n"), std::string::npos) << list;
    const std::size_t blocks = list.find("Blocks source-10 2, ");
    ASSERT_NE(blocks, std::string::npos);
    EXPECT_NE(list.find(" more.", blocks), std::string::npos) << list;

    const std::string whole = told(run, false);
    EXPECT_NE(whole.find("  and 30 more; --json has all\n"), std::string::npos) << whole;
    EXPECT_LT(std::ranges::count(whole, '\n'), 60) << whole;
    EXPECT_NE(told(run, true).find("source-59"), std::string::npos);
}

TEST_F(History, ShowsTheBeginAndTheEndOfLongOutput) {
    const std::string run = add_ended(1, {{"curl", "2"}}, "failed");
    std::string detail = "postinst failed\n";
    for (int number = 0; number < 100; ++number) {
        detail += "line " + std::to_string(number) + "\n";
    }
    const apply::JournalEntry applied{
        .phase = apply::RunPhase::Applied, .at = kBegin, .word = "failed", .detail = detail};
    write(state() / "runs" / run / "journal", apply::format_journal_entry(applied));
    const std::string text = told(run, false);
    EXPECT_NE(text.find("postinst failed\n"), std::string::npos) << text;
    EXPECT_NE(
        text.find("line 1\n      (88 lines more; --json has all)\n      line 90\n"),
        std::string::npos)
        << text;
    EXPECT_NE(text.find("line 99\n"), std::string::npos);
}

TEST_F(History, KeepsItsProseToTheColumnsOfATerminal) {
    const std::string run = add_ended(
        1,
        {{"a-library-with-a-long-name", "1.2.3-4+deb12u1~bpo12+1"},
         {"another-library-with-a-long-name", "1.2.3-4+deb12u1~bpo12+1"},
         {"a-third-library-with-a-long-name", "1.2.3-4+deb12u1~bpo12+1"}},
        "rolled_back");
    for (const std::string& text : {told("", false), told(run, false)}) {
        Lines lines(text);
        for (std::string_view line; lines.next(line);) {
            const bool is_path = line.contains(folder.string());
            EXPECT_TRUE(is_path || columns_of(line) <= kTerminalColumns) << line;
        }
        EXPECT_NE(text.find("rolled back"), std::string::npos);
        EXPECT_EQ(text.find("rolled_back"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace thimble::cli
