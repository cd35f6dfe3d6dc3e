#include "thimble/agent/agent_step.hpp"

#include "thimble/protocol/job_builder_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace thimble::agent {
namespace {

using std::chrono::seconds;

const Instant kNow{seconds(1'000'000)};

protocol::CheckInAnswer quiet_answer() {
    protocol::CheckInAnswer answer;
    answer.interval = seconds(100);
    return answer;
}

protocol::Work work_with(const std::vector<std::string>& ids) {
    protocol::Work work;
    for (const std::string& id : ids) {
        work.jobs.push_back({.id = id, .envelope = {}});
    }
    return work;
}

/// Everything is as the server says now; it wants to hear of the host as before.
WorkHeard heard(protocol::Work work) {
    return {protocol::PollAnswer{
        .work = std::move(work), .interval = seconds(100), .wants_check_in = false}};
}

/// Has checked in at kNow, and will again in 100 seconds.
AgentState settled() {
    AgentState state;
    state.written = 5;
    protocol::CheckInAnswer answer = quiet_answer();
    answer.report_sequence = 5;
    return after(state, CheckedIn{answer}, kNow, 10);
}

TEST(NextAction, ChecksInWhenItIsDue) {
    const AgentState state = settled();

    EXPECT_EQ(state.next_check_in, kNow + seconds(100));
    EXPECT_EQ(next_action(state, kNow + seconds(99)), Action(AskForWork{seconds(1)}));
    EXPECT_EQ(next_action(state, kNow + seconds(100)), Action(CheckIn{}));
}

TEST(NextAction, SpreadsCheckInsByATenthEitherWay) {
    std::set<seconds> gaps;
    for (std::uint64_t draw = 0; draw < 1000; ++draw) {
        gaps.insert(after({}, CheckedIn{quiet_answer()}, kNow, draw).next_check_in - kNow);
    }

    EXPECT_EQ(*gaps.begin(), seconds(90));
    EXPECT_EQ(*gaps.rbegin(), seconds(110));
    EXPECT_EQ(gaps.size(), 21U);
}

TEST(NextAction, LooksForAHostThatIsAwayWithoutTroublingTheServer) {
    const AgentState state = after(
        settled(),
        Failed{.kind = ErrorKind::Unavailable, .code = "agent.host_away"},
        kNow + seconds(100),
        6);

    EXPECT_EQ(state.failures, 0U);
    EXPECT_EQ(state.next_check_in, kNow + seconds(160));
    // That is said, whatever is heard.
    EXPECT_EQ(
        next_action(state, kNow + seconds(100)), Action(AskForWork{seconds(60), Standing::Away}));
    const AgentState later = after(state, WorkHeard{}, kNow + seconds(150), 6);
    EXPECT_EQ(next_action(later, kNow + seconds(160)), Action(CheckIn{}));
    protocol::CheckInAnswer back = quiet_answer();
    back.report_sequence = 5;
    const Instant then = kNow + seconds(160);
    EXPECT_EQ(
        next_action(after(later, CheckedIn{back}, then, 10), then),
        Action(AskForWork{seconds(100)}));
}

TEST(NextAction, WaitsAsLongAsTheServerBearsNotToHearOfIt) {
    protocol::CheckInAnswer answer = quiet_answer();
    answer.interval = seconds(900);
    AgentState state = after({}, CheckedIn{answer}, kNow, 90);

    EXPECT_EQ(next_action(state, kNow), Action(AskForWork{seconds(900)}));
    // Each wait is a word of the host: no check-in follows.
    const Instant later = kNow + seconds(900);
    state = after(state, WorkHeard{}, later, 90);
    EXPECT_EQ(next_action(state, later), Action(AskForWork{seconds(900)}));
    state = after(state, heard({}), later, 10);
    EXPECT_EQ(next_action(state, later), Action(AskForWork{seconds(100)}));
}

TEST(NextAction, ChecksInWhenTheServerDoesNotKnowTheHostOrItHasChanged) {
    WorkHeard unknown = heard({});
    unknown.news->wants_check_in = true;

    const Instant later = kNow + seconds(60);
    EXPECT_EQ(next_action(after(settled(), unknown, later, 10), later), Action(CheckIn{}));
    // One that has checked in a moment ago has sent what it could.
    const AgentState refused = after(settled(), unknown, kNow, 10);
    EXPECT_EQ(next_action(refused, kNow), Action(AskForWork{seconds(60), Standing::Unsaid}));
    EXPECT_EQ(next_action(refused, later), Action(CheckIn{}));
    EXPECT_EQ(next_action(after(settled(), HostChanged{}, kNow, 10), kNow), Action(CheckIn{}));
}

TEST(NextAction, WaitsForLessWhereLongWaitsAreCutOff) {
    protocol::CheckInAnswer answer = quiet_answer();
    answer.interval = seconds(900);
    AgentState state = after({}, CheckedIn{answer}, kNow, 90);
    const auto wait = [&] {
        return std::get<AskForWork>(next_action(state, state.next_try)).wait;
    };

    state = after(state, WaitCut{seconds(300)}, kNow, 3);
    EXPECT_EQ(next_action(state, kNow), Action(Rest{kNow + seconds(3)}));
    EXPECT_GT(wait(), seconds(800));  // a server that began anew
    state = after(state, WorkHeard{}, kNow, 90);
    state = after(state, WaitCut{seconds(300)}, kNow, 3);
    EXPECT_GT(wait(), seconds(800));

    state = after(state, WaitCut{seconds(300)}, kNow, 3);
    EXPECT_EQ(wait(), seconds(225));
    state = after(state, WorkHeard{}, kNow + seconds(225), 90);
    EXPECT_EQ(wait(), seconds(225));
    state = after(state, WaitCut{seconds(20)}, kNow, 3);
    state = after(state, WaitCut{seconds(20)}, kNow, 3);
    EXPECT_EQ(wait(), seconds(50));
    state = after(state, WorkHeard{}, kNow + std::chrono::days(1), 90);
    EXPECT_EQ(wait(), seconds(900));
}

TEST(NextAction, BacksOffUpToAQuarterOfAnHour) {
    AgentState state = settled();
    std::vector<seconds> waits;
    for (int failure = 0; failure < 20; ++failure) {
        state = after(state, Failed{ErrorKind::Unavailable, "agent.no_answer"}, kNow, 1'000'003);
        waits.push_back(state.next_try - kNow);
    }

    EXPECT_LE(waits.front(), seconds(5));
    EXPECT_GE(waits.front(), seconds(2));
    EXPECT_LE(*std::ranges::max_element(waits), seconds(900));
    EXPECT_GE(waits.back(), seconds(450));
    EXPECT_EQ(next_action(state, kNow), Action(Rest{state.next_try}));
}

TEST(NextAction, ForgetsFailuresAfterASuccess) {
    AgentState state = after(settled(), Failed{}, kNow, 3);
    state = after(state, WorkHeard{}, kNow, 3);

    EXPECT_EQ(state.failures, 0U);
    EXPECT_TRUE(std::holds_alternative<AskForWork>(next_action(state, kNow)));
}

TEST(NextAction, SendsWhatTheServerLacksOnceAndBeforeReports) {
    protocol::CheckInAnswer answer = quiet_answer();
    answer.needs = {"a", "b"};
    AgentState state = after({}, CheckedIn{answer}, kNow, 0);
    state.written = 1;

    EXPECT_EQ(next_action(state, kNow), Action(SendDocument{"a"}));
    state = after(state, DocumentSent{"a"}, kNow, 0);
    EXPECT_EQ(next_action(state, kNow), Action(SendDocument{"b"}));
    state = after(state, DocumentSent{"b"}, kNow, 0);
    EXPECT_EQ(next_action(state, kNow), Action(SendReports{0}));
}

TEST(NextAction, SendsWhatAJobGaveBeforeTheReportThatNamesIt) {
    AgentState state = after(settled(), DocumentsOffered{{"plan"}}, kNow, 0);
    state = after(state, ReportWritten{6}, kNow, 0);
    state = after(state, CheckedIn{quiet_answer()}, kNow, 0);

    EXPECT_EQ(next_action(state, kNow), Action(SendDocument{"plan"}));
    state = after(state, DocumentSent{"plan"}, kNow, 0);
    EXPECT_TRUE(std::holds_alternative<SendReports>(next_action(state, kNow)));
}

TEST(NextAction, ReportsAfterADocumentThatTheServerRefuses) {
    AgentState state = after(settled(), DocumentsOffered{{"bad"}}, kNow, 0);
    state = after(state, ReportWritten{6}, kNow, 0);
    ASSERT_EQ(next_action(state, kNow), Action(SendDocument{"bad"}));

    state = after(state, DocumentRefused{"bad"}, kNow, 0);

    EXPECT_EQ(next_action(state, kNow), Action(SendReports{5}));
}

TEST(NextAction, ReportsAllThatWasWrittenDuringAnOutageInOrderAndOnce) {
    AgentState state = settled();
    state = after(state, Failed{}, kNow, 0);
    for (std::uint64_t sequence = 6; sequence <= 9; ++sequence) {
        state = after(state, ReportWritten{sequence}, kNow, 0);
    }
    ASSERT_TRUE(std::holds_alternative<Rest>(next_action(state, kNow)));

    EXPECT_EQ(next_action(state, state.next_try), Action(SendReports{5}));
    state = after(state, ReportsTaken{9}, state.next_try, 0);

    EXPECT_TRUE(std::holds_alternative<AskForWork>(next_action(state, kNow + seconds(10))));
}

TEST(NextAction, AsksTheServerWhatItHasBeforeAnythingIsReportedAfterAStart) {
    AgentState state;
    state.written = 9;
    state = after(state, Started{}, kNow, 0);

    EXPECT_EQ(next_action(state, kNow), Action(CheckIn{}));
}

TEST(NextAction, BeginsTheOldestJobAndOneAtATime) {
    AgentState state = after(settled(), heard(work_with({"j1", "j2"})), kNow, 0);

    const Action first = next_action(state, kNow);
    ASSERT_TRUE(std::holds_alternative<BeginJob>(first));
    EXPECT_EQ(std::get<BeginJob>(first).job.id, "j1");

    state = after(state, JobBegun{"j1"}, kNow, 0);
    EXPECT_EQ(next_action(state, kNow), Action(Rest{state.next_check_in}));

    state = after(state, JobEnded{{"j1", 6}}, kNow, 0);
    const Action second = next_action(state, kNow);
    ASSERT_TRUE(std::holds_alternative<BeginJob>(second));
    EXPECT_EQ(std::get<BeginJob>(second).job.id, "j2");
}

TEST(NextAction, DoesNotBeginAgainWhatTheServerGivesAgain) {
    AgentState state = after(settled(), heard(work_with({"j1"})), kNow, 0);
    state = after(state, JobBegun{"j1"}, kNow, 0);
    state = after(state, JobEnded{{"j1", 6}}, kNow, 0);

    state = after(state, heard(work_with({"j1"})), kNow, 0);

    EXPECT_TRUE(std::holds_alternative<AskForWork>(next_action(state, kNow)));
}

TEST(NextAction, RemembersWhatHasEndedUntilTheServerHasTheReport) {
    AgentState state = after(settled(), heard(work_with({"j1"})), kNow, 0);
    state = after(state, JobBegun{"j1"}, kNow, 0);
    state = after(state, JobEnded{{"j1", 6}}, kNow, 0);
    // The server leaves out what the agent says that it has, and later gives it again.
    state = after(state, heard(work_with({"j2"})), kNow, 0);
    state = after(state, JobBegun{"j2"}, kNow, 0);
    state = after(state, JobEnded{{"j2", 8}}, kNow, 0);
    state = after(state, heard(work_with({"j1", "j2"})), kNow, 0);
    EXPECT_FALSE(std::holds_alternative<BeginJob>(next_action(state, kNow)));

    state = after(state, ReportsTaken{7}, kNow, 0);

    EXPECT_EQ(state.ended, (std::vector<EndedJob>{{"j2", 8}}));
    EXPECT_FALSE(std::holds_alternative<BeginJob>(next_action(state, kNow)));
}

TEST(NextAction, BeginsNothingWhileEverythingIsHalted) {
    protocol::Work work = work_with({"j1"});
    work.halted = true;

    const AgentState state = after(settled(), heard(work), kNow, 0);

    EXPECT_TRUE(std::holds_alternative<AskForWork>(next_action(state, kNow)));
}

TEST(NextAction, LooksAtAControlInAHaltToo) {
    protocol::Work work;
    work.halted = true;
    for (const auto kind : {protocol::JobKind::RemoveControl, protocol::JobKind::VerifyControl}) {
        protocol::Job job = protocol::apply_job();
        job.kind = kind;
        job.id = protocol::job_kind_name(kind);
        job.plan_digest.clear();
        job.control = protocol::JobControl{"c1", std::string(64, 'a'), ""};
        if (!protocol::needs_lease(kind)) {
            job.lease.clear();
        }
        work.jobs.push_back({.id = job.id, .envelope = {"", protocol::format_job(job), {}}});
    }

    const AgentState state = after(settled(), heard(work), kNow, 0);

    const Action action = next_action(state, kNow);
    ASSERT_TRUE(std::holds_alternative<BeginJob>(action));
    EXPECT_EQ(std::get<BeginJob>(action).job.id, "verify-control");
}

TEST(NextAction, GoesOnWithAJobWhileTheServerIsAway) {
    AgentState state = after(settled(), heard(work_with({"j1"})), kNow, 0);
    state = after(state, Failed{}, kNow, 0);

    EXPECT_TRUE(std::holds_alternative<BeginJob>(next_action(state, kNow)));
}

TEST(NextAction, WaitsForAHelperThatIsNotThere) {
    AgentState state = after(settled(), heard(work_with({"j1"})), kNow, 0);
    state = after(state, JobNotBegun{}, kNow, 0);

    // The server would give it again at once.
    EXPECT_EQ(next_action(state, kNow), Action(Rest{kNow + seconds(30)}));
    EXPECT_TRUE(std::holds_alternative<BeginJob>(next_action(state, kNow + seconds(30))));
}

TEST(NextAction, StopsWhenTheHostIsRevokedOrUnknown) {
    for (const char* code : {"server.revoked", "server.unknown_host"}) {
        const AgentState state = after(settled(), Failed{ErrorKind::Denied, code}, kNow, 0);
        EXPECT_TRUE(std::holds_alternative<Stop>(next_action(state, kNow + seconds(9999))));
    }
}

}  // namespace
}  // namespace thimble::agent
