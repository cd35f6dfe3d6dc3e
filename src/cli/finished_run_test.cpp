#include "thimble/cli/finished_run.hpp"

#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace thimble::cli {
namespace {

using apply::RunResult;

FinishedRun run_of(std::string run, std::string subject, RunResult result) {
    FinishedRun finished;
    finished.run = std::move(run);
    finished.subject = std::move(subject);
    finished.report.result = result;
    finished.report.why = "every step is done";
    return finished;
}

TEST(AnswerOf, IsTheRunOfTheSameOrderThatWasTakenUp) {
    const std::vector<FinishedRun> resumed{
        run_of("r1", "other", RunResult::Applied), run_of("r2", "plan", RunResult::Applied)};
    EXPECT_EQ(answer_of(resumed, "plan"), &resumed[1]);
    EXPECT_EQ(answer_of(resumed, "a third"), nullptr);
    EXPECT_EQ(answer_of({}, "plan"), nullptr);
}

TEST(AnswerOf, IsNoneWhereNothingWasChangedAndTheOrderStands) {
    for (const RunResult result : {RunResult::Unchanged, RunResult::Skipped}) {
        const std::vector<FinishedRun> resumed{run_of("r1", "plan", result)};
        EXPECT_EQ(answer_of(resumed, "plan"), nullptr);
    }
    for (const RunResult result :
         {RunResult::RolledBack,
          RunResult::Failed,
          RunResult::FailedHealth,
          RunResult::RollbackFailed}) {
        const std::vector<FinishedRun> resumed{run_of("r1", "plan", result)};
        ASSERT_NE(answer_of(resumed, "plan"), nullptr);
        EXPECT_EQ(status_of(*answer_of(resumed, "plan")), kSomethingDue);
    }
}

TEST(ComplainOfRefusal, IsLikeAPreCheckUnlessALockIsInTheWay) {
    const auto status_of = [](ErrorKind kind, const char* code) {
        std::ostringstream err;
        return complain_of_refusal(err, failure(kind, code, "no"));
    };

    EXPECT_EQ(status_of(ErrorKind::Conflict, "apply.other_host"), kSkipped);
    EXPECT_EQ(status_of(ErrorKind::Conflict, "cli.already_back"), kSkipped);
    EXPECT_EQ(status_of(ErrorKind::Conflict, "apply.run_active"), kConflict);
    EXPECT_EQ(status_of(ErrorKind::NotFound, "cli.no_run"), kNoInput);
}

TEST(AsAnswer, SaysWhatTheResumedRunDid) {
    const FinishedRun answer = as_answer(run_of("r1", "plan", RunResult::Applied));
    EXPECT_EQ(
        answer.report.why,
        "its interrupted run was taken up, no other was begun: every step is done");
    EXPECT_EQ(status_of(answer), kNothingDue);
}

TEST(TellResumed, NamesTheStepThatIsLeftWhereTheSurroundingsWereTheCause) {
    PatchOptions options;
    options.root = "/srv/a";
    std::vector<FinishedRun> resumed{run_of("r1", "plan", RunResult::RolledBack)};
    const auto said = [&] {
        std::ostringstream err;
        tell_resumed(resumed, nullptr, options, err);
        return err.str();
    };
    EXPECT_NE(said().find("; next: thimble history r1 --root /srv/a"), std::string::npos) << said();

    resumed[0].cause = apply::RunCause::NoSpace;

    EXPECT_NE(
        said().find("; next: free some space there, then thimble patch plan --root /srv/a"),
        std::string::npos)
        << said();

    resumed[0].cause = apply::RunCause::Locked;
    resumed[0].holder = "/var/lib/dpkg/lock is held by apt-get (process 12)";

    EXPECT_EQ(said().find("free some space"), std::string::npos) << said();
    EXPECT_NE(
        said().find("apt-get (process 12)), then thimble patch plan --root /srv/a"),
        std::string::npos)
        << said();

    resumed[0].report.result = RunResult::Skipped;

    EXPECT_NE(said().find("apt-get (process 12)), then apply again"), std::string::npos) << said();
}

TEST(TellResumed, NamesTheWayOutOfAWayBackThatFailed) {
    PatchOptions options;
    options.root = "/srv/a";
    std::vector<FinishedRun> resumed{run_of("r2", "r1", RunResult::RollbackFailed)};
    const auto said = [&] {
        std::ostringstream err;
        tell_resumed(resumed, nullptr, options, err);
        return err.str();
    };
    const std::string again =
        "; next: mend what thimble history r2 --root /srv/a names, then thimble patch rollback ";
    EXPECT_NE(said().find(again + "r2 --root /srv/a"), std::string::npos) << said();

    resumed[0].is_rollback = true;

    EXPECT_NE(said().find(again + "r1 --root /srv/a"), std::string::npos) << said();
}

TEST(WriteFinished, NamesACauseOfTheSurroundingsAndNoOther) {
    PatchOptions options;
    options.root = "/srv/a";
    FinishedRun finished = run_of("r1", "plan", RunResult::RolledBack);
    const auto written = [&] {
        std::string text;
        JsonWriter json(text);
        json.open_object();
        write_finished(json, finished, options);
        json.close_object();
        return text;
    };
    EXPECT_NE(written().find(R"("cause":null)"), std::string::npos) << written();

    finished.cause = apply::RunCause::NoSpace;
    EXPECT_NE(written().find(R"("cause":"no_space")"), std::string::npos) << written();

    finished.report.result = RunResult::Applied;
    EXPECT_NE(written().find(R"("cause":null)"), std::string::npos) << "it got there after all";
    EXPECT_TRUE(written().ends_with(R"("next":"thimble verify r1 --root /srv/a"})")) << written();
}

TEST(TellResumed, LeavesOutTheOneThatIsTheAnswer) {
    PatchOptions options;
    options.root = "/srv/a";
    const std::vector<FinishedRun> resumed{
        run_of("r1", "other", RunResult::Applied), run_of("r2", "plan", RunResult::Applied)};
    std::ostringstream err;

    tell_resumed(resumed, &resumed[1], options, err);

    EXPECT_NE(err.str().find("run r1: applied: every step is done"), std::string::npos);
    EXPECT_EQ(err.str().find("r2"), std::string::npos);
}

}  // namespace
}  // namespace thimble::cli
