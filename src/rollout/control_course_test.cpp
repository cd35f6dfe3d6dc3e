#include "thimble/rollout/control_course.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

namespace thimble::rollout {
namespace {

using enum ControlState;
using enum ControlEvent;

const Instant kNow = *parse_instant("2026-11-01T12:00:00Z");
const ControlTerms kTerms{
    std::chrono::hours(1), std::chrono::minutes(6), kNow + Days{30}, RetirementRule::Remove};

ControlState after(
    std::initializer_list<ControlEvent> events,
    ControlState state = Proposed,
    RetirementRule rule = RetirementRule::Remove) {
    for (const ControlEvent event : events) {
        state = next_state(state, event, rule);
    }
    return state;
}

ControlEvent any_event() {
    return static_cast<ControlEvent>(*rc::gen::inRange(0, kControlEvents));
}

ControlState any_state() {
    return static_cast<ControlState>(*rc::gen::inRange(0, kControlStates));
}

RetirementRule any_rule() {
    return static_cast<RetirementRule>(*rc::gen::inRange(0, 2));
}

TEST(ControlState, LeadsFromProposedToRetired) {
    EXPECT_EQ(after({WasApproved}), Approved);
    EXPECT_EQ(after({WasApproved, WasDeployed}), Deployed);
    EXPECT_EQ(after({WasApproved, WasDeployed, Holds}), Verified);
    EXPECT_EQ(after({WasApproved, WasDeployed, Holds, DoesNotHold}), Lapsed);
    EXPECT_EQ(after({WasApproved, WasDeployed, Holds, DoesNotHold, Holds}), Verified);
    EXPECT_EQ(after({WasApproved, WasDeployed, Holds, PatchIsLive}), Retiring);
    EXPECT_EQ(after({WasApproved, WasDeployed, Holds, PatchIsLive, WasRemoved}), Retired);
}

TEST(ControlState, APersonDecidesWhereTheRuleSaysSo) {
    EXPECT_EQ(after({PatchIsLive}, Verified, RetirementRule::Propose), Verified);
    EXPECT_EQ(after({HasExpired}, Verified, RetirementRule::Propose), Lapsed);
    EXPECT_EQ(after({WasRetired}, Verified, RetirementRule::Propose), Retiring);
}

TEST(ControlState, IsVerifiedByAVerificationAlone) {
    EXPECT_TRUE(rc::check("no other event leads to Verified", [] {
        const ControlState before = any_state();
        const ControlEvent event = any_event();
        const ControlState state = next_state(before, event, any_rule());
        RC_ASSERT(state != Verified || before == Verified || event == Holds);
        RC_ASSERT(
            state != Verified || before == Verified || before == Deployed || before == Lapsed);
    }));
}

TEST(ControlState, NothingLeadsBackFromRetiring) {
    EXPECT_TRUE(rc::check("what is to be removed stays so until it is", [] {
        ControlState state = Retiring;
        for (int i = 0; i < 20; ++i) {
            const ControlEvent event = any_event();
            const bool is_late = state == Retired && event == WasDeployed;
            state = next_state(state, event, any_rule());
            RC_ASSERT(state == Retired || state == Retiring);
            RC_ASSERT(!is_late || state == Retiring);
        }
    }));
}

TEST(ControlState, NothingIsPutUpBeforeItIsApproved) {
    EXPECT_TRUE(rc::check("a proposal moves by approval or its end alone", [] {
        const ControlEvent event = any_event();
        const ControlState state = next_state(Proposed, event, any_rule());
        RC_ASSERT(state == Proposed || state == Retired || event == WasApproved);
    }));
}

TEST(ControlState, OfSeveralHostsTheWorstSpeaks) {
    const auto of = [](std::vector<ControlState> hosts, ControlState own = Approved) {
        return state_of_control(own, hosts);
    };
    EXPECT_EQ(of({Verified, Verified}), Verified);
    EXPECT_EQ(of({Verified, Lapsed, Approved}), Lapsed);
    EXPECT_EQ(of({Verified, Deployed}), Deployed);
    EXPECT_EQ(of({Verified, Retired}), Verified);
    EXPECT_EQ(of({}), Approved);
    EXPECT_EQ(of({Retired}), Approved);
    EXPECT_EQ(of({Verified}, Proposed), Proposed);
    EXPECT_EQ(of({Retiring, Retired}, Retiring), Retiring);
    EXPECT_EQ(of({Retired}, Retiring), Retired);
    EXPECT_EQ(of({}, Retiring), Retired);
}

TEST(DueEvent, IsOverdueAfterItsIntervalAndTheSlack) {
    const ControlledHost host{.state = Verified, .tried_at = kNow, .proved_at = kNow};

    EXPECT_FALSE(due_event(host, kTerms, kNow + std::chrono::minutes(66)));
    EXPECT_EQ(due_event(host, kTerms, kNow + std::chrono::minutes(67)), IsOverdue);
    EXPECT_EQ(due_event(host, kTerms, kTerms.expires_at), HasExpired);
    EXPECT_EQ(verification_slack(std::chrono::minutes(1)), std::chrono::minutes(5));
    EXPECT_EQ(verification_slack(std::chrono::hours(1)), std::chrono::minutes(6));
}

TEST(DueEvent, WhatLapsedIsTakenAwayWhenItHasExpiredUnlessAPersonDecides) {
    const ControlledHost host{.state = Lapsed, .tried_at = kNow, .proved_at = kNow};
    ControlTerms terms = kTerms;

    EXPECT_EQ(due_event(host, terms, terms.expires_at), HasExpired);
    terms.rule = RetirementRule::Propose;
    EXPECT_FALSE(due_event(host, terms, terms.expires_at));
}

TEST(DueEvent, ComesOnce) {
    EXPECT_TRUE(rc::check("a host that was moved by it has no further one", [] {
        ControlledHost host;
        host.state = any_state();
        host.proved_at = kNow;
        const Instant now = kNow + std::chrono::minutes(*rc::gen::inRange(0, 60 * 24 * 40));
        ControlTerms terms = kTerms;
        terms.rule = any_rule();
        if (const auto event = due_event(host, terms, now)) {
            host.state = next_state(host.state, *event, terms.rule);
            RC_ASSERT(!due_event(host, terms, now));
        }
    }));
}

TEST(IsLookDue, AtOnceWhenItWasPutUpThenByItsInterval) {
    ControlledHost host{.state = Deployed, .is_current = true, .tried_at = kNow, .proved_at = kNow};
    EXPECT_TRUE(is_look_due(host, kTerms, kNow));
    host.tried_at = kNow + std::chrono::seconds(5);
    EXPECT_FALSE(is_look_due(host, kTerms, kNow + std::chrono::minutes(1)))
        << "it could not tell: not at once again";

    host = {.state = Verified, .is_current = true, .tried_at = kNow, .proved_at = kNow};
    EXPECT_FALSE(is_look_due(host, kTerms, kNow + std::chrono::minutes(59)));
    EXPECT_TRUE(is_look_due(host, kTerms, kNow + std::chrono::hours(1)));
    EXPECT_FALSE(is_look_due(host, kTerms, kTerms.expires_at));
    host.has_job = true;
    EXPECT_FALSE(is_look_due(host, kTerms, kNow + std::chrono::hours(1)));
}

TEST(IsLookDue, AFirstProofThatDidNotComeIsAskedForAgainSoonAndThenLessOften) {
    ControlledHost host{.state = Deployed, .tried_at = kNow, .proved_at = kNow};
    host.tried_at = kNow + std::chrono::minutes(10);
    EXPECT_FALSE(is_look_due(host, kTerms, kNow + std::chrono::minutes(24)));
    EXPECT_TRUE(is_look_due(host, kTerms, kNow + std::chrono::minutes(25)));
    EXPECT_EQ(first_proof_pause(std::chrono::minutes(1)), std::chrono::seconds(15));

    ControlTerms terms = kTerms;
    terms.interval = Days{20};
    host.tried_at = kNow + Days{2};
    EXPECT_FALSE(is_look_due(host, terms, kNow + std::chrono::hours(71)));
    EXPECT_TRUE(is_look_due(host, terms, kNow + std::chrono::hours(72)));
}

TEST(IsLookDue, WhatWaitsForAnotherDocumentIsStillLookedAt) {
    const ControlledHost host{
        .state = Verified, .is_current = false, .tried_at = kNow, .proved_at = kNow};

    EXPECT_TRUE(is_look_due(host, kTerms, kNow + std::chrono::hours(1)));
    EXPECT_EQ(due_change(host, kTerms, kNow), ControlJob::Deploy);
}

TEST(IsLookDue, OfWhatIsAttestedIsAReminderADayAfterTheLast) {
    ControlTerms terms = kTerms;
    terms.is_attested = true;
    ControlledHost host{
        .state = Verified, .tried_at = {}, .proved_at = {}, .attested_until = kNow + Days{2}};
    EXPECT_TRUE(is_proven(host, terms, kNow + Days{2}));
    EXPECT_FALSE(is_look_due(host, terms, kNow + Days{1}));
    EXPECT_EQ(next_look(host, terms, kNow), kNow + Days{2} + std::chrono::seconds(1));
    EXPECT_EQ(due_event(host, terms, kNow + Days{2} + std::chrono::seconds(1)), IsOverdue);

    host.state = Lapsed;
    host.tried_at = kNow + Days{2};
    EXPECT_EQ(next_look(host, terms, kNow + Days{2}), kNow + Days{3});
    EXPECT_FALSE(is_look_due(host, terms, kNow + Days{3} - std::chrono::seconds(1)));
    EXPECT_TRUE(is_look_due(host, terms, kNow + Days{3}));
}

TEST(DueChange, TriesToDeployFiveTimesWithGrowingPauses) {
    ControlledHost host;
    EXPECT_EQ(due_change(host, kTerms, kNow), ControlJob::Deploy);
    host = {.tries = 1, .tried_at = kNow, .proved_at = {}};
    EXPECT_FALSE(due_change(host, kTerms, kNow + std::chrono::minutes(14)));
    EXPECT_EQ(due_change(host, kTerms, kNow + std::chrono::minutes(15)), ControlJob::Deploy);
    host.tries = 3;
    EXPECT_FALSE(due_change(host, kTerms, kNow + std::chrono::minutes(59)));
    EXPECT_EQ(due_change(host, kTerms, kNow + std::chrono::minutes(60)), ControlJob::Deploy);
    host.tries = 5;
    EXPECT_FALSE(due_change(host, kTerms, kNow + Days{3}));
}

TEST(DueChange, WhatIsToGoIsRemovedHoweverLateItIs) {
    const ControlledHost host{.state = Retiring, .tries = 40, .tried_at = kNow, .proved_at = {}};

    EXPECT_FALSE(due_change(host, kTerms, kNow + std::chrono::hours(15)));
    EXPECT_EQ(due_change(host, kTerms, kNow + std::chrono::hours(16)), ControlJob::Remove);
    EXPECT_EQ(due_change(host, kTerms, kTerms.expires_at + Days{300}), ControlJob::Remove);
}

TEST(DueChange, NothingIsDueOfWhatIsNotApprovedOrIsGone) {
    EXPECT_TRUE(rc::check("Proposed and Retired have no jobs", [] {
        ControlledHost host;
        host.state = *rc::gen::element(Proposed, Retired);
        host.is_current = *rc::gen::arbitrary<bool>();
        RC_ASSERT(!due_change(host, kTerms, kNow));
        RC_ASSERT(!is_look_due(host, kTerms, kNow));
    }));
}

ControlledHost any_host() {
    const auto minutes = [] {
        return std::chrono::minutes(*rc::gen::inRange(0, 3000));
    };
    ControlledHost host;
    host.state = any_state();
    host.has_job = *rc::gen::arbitrary<bool>();
    host.is_current = *rc::gen::arbitrary<bool>();
    host.tries = *rc::gen::inRange(0U, 8U);
    host.tried_at = *rc::gen::arbitrary<bool>() ? kNow + minutes() : Instant{};
    host.proved_at = *rc::gen::arbitrary<bool>() ? kNow + minutes() : Instant{};
    host.attested_until = *rc::gen::arbitrary<bool>() ? kNow + minutes() : Instant{};
    return host;
}

TEST(NextLook, IsTheFirstInstantAtWhichSomethingIsDue) {
    EXPECT_TRUE(rc::check("nothing is due before it, something at it", [] {
        const ControlledHost host = any_host();
        ControlTerms terms = kTerms;
        terms.rule = any_rule();
        terms.is_attested = *rc::gen::arbitrary<bool>();
        terms.expires_at = kNow + std::chrono::minutes(*rc::gen::inRange(0, 4000));
        const Instant now = kNow + std::chrono::minutes(*rc::gen::inRange(0, 4000));
        const auto is_due = [&](Instant at) {
            return due_event(host, terms, at).has_value() || is_look_due(host, terms, at);
        };
        const Instant later = now + std::chrono::seconds(*rc::gen::inRange(0, 400'000));
        // One condition each: RC_ASSERT evaluates all of its operands.
        const auto look = next_look(host, terms, now);
        const bool is_at_its_time = !look || (*look >= now && is_due(*look));
        const bool is_foreseen = !is_due(later) || (look && *look <= later);
        RC_ASSERT(is_at_its_time);
        RC_ASSERT(is_foreseen);
        const auto change = next_change(host, terms, now);
        const bool changes_then = !change || (*change >= now && due_change(host, terms, *change));
        const bool is_change_foreseen =
            !due_change(host, terms, later) || (change && *change <= later);
        RC_ASSERT(changes_then);
        RC_ASSERT(is_change_foreseen);
    }));
}

TEST(NextTurns, TheFirstHostComesAloneAndMustProveIt) {
    EXPECT_EQ(next_turns({}, 20).deployments, 1);
    EXPECT_EQ(next_turns({.deploying = 1}, 20).deployments, 0);
    EXPECT_EQ(next_turns({.up = 1}, 20).deployments, 0) << "put up is not proven";
    EXPECT_EQ(next_turns({.up = 1, .proven = 1}, 20).deployments, 20);
    EXPECT_EQ(next_turns({.up = 1, .proven = 1, .deploying = 18}, 20).deployments, 2);
    EXPECT_EQ(next_turns({.up = 1, .proven = 1, .deploying = 30}, 20).deployments, 0);
}

TEST(NextTurns, WhereItLapsedOnAllThatProvedItTheNextComesAlone) {
    EXPECT_EQ(next_turns({.up = 1, .lapsed = 1}, 20).deployments, 1);
    EXPECT_EQ(next_turns({.up = 1, .lapsed = 1, .deploying = 1}, 20).deployments, 0);
    EXPECT_EQ(next_turns({.up = 2, .lapsed = 1}, 20).deployments, 0) << "the second may prove it";
    EXPECT_EQ(next_turns({.up = 2, .proven = 1, .lapsed = 1}, 20).deployments, 20);
    EXPECT_TRUE(next_turns({.up = 2, .unproven = 1, .lapsed = 1}, 20).is_stopped);
}

TEST(NextTurns, StopsWhenMoreThanOneInTwentyFails) {
    EXPECT_TRUE(next_turns({.failed = 1}, 20).is_stopped) << "the first of all";
    EXPECT_TRUE(next_turns({.up = 1, .unproven = 1}, 20).is_stopped) << "it did not hold there";
    EXPECT_FALSE(next_turns({.up = 19, .proven = 1, .failed = 1}, 20).is_stopped);
    EXPECT_TRUE(next_turns({.up = 18, .proven = 18, .failed = 1}, 20).is_stopped);
    EXPECT_EQ(next_turns({.up = 18, .proven = 18, .failed = 1}, 20).deployments, 0);
}

TEST(NextTurns, TakesAwayWithoutAFirstHostAndHoweverManyFailed) {
    EXPECT_EQ(next_turns({.failed = 9}, 20).removals, 20);
    EXPECT_EQ(next_turns({.removing = 15}, 20).removals, 5);
}

TEST(NextTurns, NeverLetsMoreBeginThanAtOnce) {
    EXPECT_TRUE(rc::check("under way and begun together stay within the limit", [] {
        const auto some = [] {
            return std::int64_t{*rc::gen::inRange(0, 200)};
        };
        ControlProgress progress;
        progress.up = some();
        progress.proven = std::min(some(), progress.up);
        progress.unproven = std::min(some(), progress.up - progress.proven);
        progress.lapsed = std::min(some(), progress.up - progress.proven - progress.unproven);
        progress.failed = some();
        progress.deploying = some();
        const std::int64_t at_once = 1 + some();
        const ControlTurns turns = next_turns(progress, at_once);
        RC_ASSERT(turns.deployments >= 0);
        RC_ASSERT(turns.deployments == 0 || turns.deployments + progress.deploying <= at_once);
        RC_ASSERT(turns.deployments == 0 || progress.proven > 0 || turns.deployments == 1);
        RC_ASSERT(!turns.is_stopped || turns.deployments == 0);
    }));
}

TEST(ControlState, NamesAreReadAsTheyAreWritten) {
    for (int at = 0; at < kControlStates; ++at) {
        const auto state = static_cast<ControlState>(at);
        EXPECT_EQ(control_state_named(control_state_name(state)), state);
    }
    EXPECT_FALSE(control_state_named("hoped for"));
    EXPECT_EQ(retirement_rule_named("remove"), RetirementRule::Remove);
    EXPECT_EQ(retirement_rule_named("propose"), RetirementRule::Propose);
    EXPECT_FALSE(retirement_rule_named("never"));
}

}  // namespace
}  // namespace thimble::rollout
