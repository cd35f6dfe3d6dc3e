#include "thimble/server/roster.hpp"

#include "thimble/protocol/messages.hpp"
#include "thimble/server/event_log.hpp"
#include "thimble/server/permission.hpp"
#include "thimble/server/repeated_requests.hpp"
#include "thimble/server/sign_in_limit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace thimble::server {
namespace {

using std::chrono::seconds;

constexpr Instant kNow{seconds(1'790'000'000)};

Roster roster_with_host() {
    Roster roster;
    store::HostRecord host;
    host.id = "h";
    host.host_group = "web";
    host.boot_id = "b0";
    roster.add_host(host);
    return roster;
}

store::AuditEntry entry(std::int64_t sequence) {
    store::AuditEntry entry;
    entry.sequence = sequence;
    entry.change.action = "x.y";
    return entry;
}

/// What is counted of failed attempts, as the database keeps it.
class Attempts {
public:
    [[nodiscard]] seconds wait_for(
        const std::string& name, const std::string& address, Instant now) {
        SignInCounts counts;
        const auto attempts = sign_in_attempts(name, address);
        std::ranges::transform(
            attempts, counts.begin(), [&](const auto& attempt) { return failures_[attempt]; });
        return sign_in_wait(counts, now);
    }
    void fail(const std::string& name, const std::string& address, Instant now) {
        for (const std::string& attempt : sign_in_attempts(name, address)) {
            failures_[attempt] = after_failure(failures_[attempt], now);
        }
    }

private:
    std::map<std::string, store::SignInFailures> failures_;
};

}  // namespace

TEST(RosterLocate, IsWrittenWithTheNextSightingAndForgottenWhereItIsNotKnown) {
    Roster roster = roster_with_host();
    ASSERT_TRUE(roster.check_in("h", {"", "b1", "1", 1, "", "10.0.0.7"}, kNow));
    EXPECT_EQ(roster.take_pending().sightings.at(0).address, "10.0.0.7");
    roster.locate("h", "");
    roster.locate("nobody", "10.0.0.8");
    ASSERT_TRUE(roster.hear(
        "h",
        protocol::facts_digest(
            {.inventory = "",
             .packages = "",
             .boot_id = "b1",
             .agent_version = "1",
             .sequence = 0}),
        kNow));
    EXPECT_EQ(roster.take_pending().sightings.at(0).address, "");
}

TEST(Roster, ACheckInWithoutChangeLeavesOneSightingPending) {
    Roster roster = roster_with_host();

    ASSERT_TRUE(roster.check_in("h", {"", "b1", "1", 1}, kNow));
    ASSERT_TRUE(roster.check_in("h", {"", "b1", "1", 2}, kNow + seconds(1)));
    const PendingSightings pending = roster.take_pending();

    ASSERT_EQ(pending.sightings.size(), 1U);
    EXPECT_EQ(
        pending.sightings[0],
        (store::Sighting{
            "h", kNow + seconds(1), "1", "b1", kNow + seconds(1) + 2 * kIdleInterval}));
    EXPECT_TRUE(pending.inventories.empty());
    EXPECT_TRUE(roster.take_pending().sightings.empty());
}

TEST(Roster, WhatCouldNotBeWrittenIsWrittenLater) {
    Roster roster = roster_with_host();
    roster.add_document("d1");
    roster.add_document("d2");
    ASSERT_TRUE(roster.check_in("h", {"d1", "b1", "1", 1}, kNow));
    const PendingSightings lost = roster.take_pending();
    ASSERT_TRUE(roster.check_in("h", {"d2", "b1", "1", 2}, kNow));

    roster.give_back(lost);
    const PendingSightings pending = roster.take_pending();

    EXPECT_EQ(pending.sightings.size(), 1U);
    ASSERT_EQ(pending.inventories.size(), 1U);
    EXPECT_EQ(pending.inventories[0].second, "d2");
}

TEST(Roster, LearnsWhatTheServerChangedAndKeepsWhatCheckInsSaid) {
    Roster roster = roster_with_host();
    ASSERT_TRUE(roster.check_in("h", {"", "b1", "2", 7}, kNow));
    roster.set_report_sequence("h", 5);
    store::HostRecord host;
    host.id = "h";
    host.host_group = "db";
    host.report_sequence = 3;

    roster.learn(host);

    EXPECT_EQ(roster.group_of("h"), "db");
    EXPECT_EQ(roster.check_in("h", {"", "b1", "2", 7}, kNow).error().code, "server.old_check_in");
    EXPECT_EQ(roster.check_in("h", {"", "b1", "2", 8}, kNow)->report_sequence, 5);
    EXPECT_EQ(roster.take_pending().sightings.at(0).agent_version, "2");
    host.revoked_at = kNow;
    roster.learn(host);
    EXPECT_EQ(roster.admit("h").error().code, "server.revoked");
    host.id = "new";
    roster.learn(host);
    EXPECT_EQ(roster.group_of("new"), "db");
}

TEST(Roster, KnowsTheJobsThatItWasGivenLastAndNoOthers) {
    Roster roster = roster_with_host();
    roster.add_job({"j1", "h", "e", "ada", kNow, kNow + seconds(60)});

    roster.set_jobs({{"j2", "h", "e", "ada", kNow, kNow + seconds(60)}});

    ASSERT_EQ(roster.jobs_of("h", {}, kNow).size(), 1U);
    EXPECT_EQ(roster.jobs_of("h", {}, kNow)[0].id, "j2");
}

TEST(Roster, HearsThatAHostIsAsItWasWhenItCheckedIn) {
    Roster roster = roster_with_host();
    const std::string facts = protocol::facts_digest(
        {.inventory = "", .packages = "", .boot_id = "b1", .agent_version = "1"});
    EXPECT_FALSE(roster.hear("h", facts, kNow));  // as after a restart of the server
    EXPECT_TRUE(roster.take_pending().sightings.empty());
    ASSERT_TRUE(roster.check_in("h", {"", "b1", "1", 1}, kNow));
    (void)roster.take_pending();

    EXPECT_TRUE(roster.hear("h", facts, kNow + kIdleInterval));
    EXPECT_FALSE(roster.hear("h", "another", kNow + 2 * kIdleInterval));

    const PendingSightings pending = roster.take_pending();
    ASSERT_EQ(pending.sightings.size(), 1U);
    EXPECT_EQ(pending.sightings[0].at, kNow + kIdleInterval);
    EXPECT_EQ(pending.sightings[0].silent_at, kNow + 3 * kIdleInterval);
}

TEST(Roster, WantsACheckInOfAHostWhoseDocumentItLacks) {
    Roster roster = roster_with_host();
    roster.add_document("d");
    ASSERT_TRUE(roster.check_in("h", {"d", "b1", "1", 1, "p"}, kNow));
    const std::string facts = protocol::facts_digest(
        {.inventory = "d", .packages = "p", .boot_id = "b1", .agent_version = "1"});

    EXPECT_FALSE(roster.hear("h", facts, kNow));
    roster.add_document("p");
    EXPECT_TRUE(roster.hear("h", facts, kNow));
    roster.forget_document("d");
    EXPECT_FALSE(roster.hear("h", facts, kNow));
}

TEST(Roster, WantsToHearMoreOftenOfAHostThatHasSomethingToDo) {
    Roster roster = roster_with_host();
    EXPECT_EQ(roster.check_in("h", {"", "b1", "1", 1}, kNow)->interval, kIdleInterval);
    EXPECT_FALSE(roster.is_told_otherwise("h"));

    roster.add_job({"j", "h", "e", "ada", kNow, kNow + seconds(60)});
    EXPECT_TRUE(roster.is_told_otherwise("h"));
    const Instant later = kNow + seconds(800);
    EXPECT_EQ(roster.tell_interval("h", later), kBusyInterval);
    EXPECT_FALSE(roster.is_told_otherwise("h"));
    // Its last word is older than two short intervals: it has those from now on.
    EXPECT_EQ(roster.take_pending().sightings.at(0).silent_at, later + 2 * kBusyInterval);
    roster.remove_job("j");
    EXPECT_EQ(roster.interval_of("h"), kIdleInterval);
    roster.set_busy({"h"});
    EXPECT_EQ(roster.check_in("h", {"", "b1", "1", 2}, later)->interval, kBusyInterval);
    roster.set_busy({});
    EXPECT_TRUE(roster.is_told_otherwise("h"));
}

TEST(Roster, AHostThatDoesNotAnswerItsRelayIsSilentSoon) {
    Roster roster = roster_with_host();
    ASSERT_TRUE(roster.check_in("h", {"", "b1", "1", 1}, kNow));

    roster.miss("h", kNow + seconds(60));
    roster.miss("h", kNow + seconds(120));  // said again: it counts from the first time
    EXPECT_EQ(
        roster.take_pending().sightings.at(0).silent_at, kNow + seconds(60) + 2 * kBusyInterval);

    ASSERT_TRUE(roster.check_in("h", {"", "b1", "1", 2}, kNow + seconds(180)));
    EXPECT_EQ(
        roster.take_pending().sightings.at(0).silent_at, kNow + seconds(180) + 2 * kIdleInterval);
}

TEST(Roster, TheDocumentOfAnOlderCheckInDoesNotBecomeTheInventory) {
    Roster roster = roster_with_host();
    EXPECT_TRUE(roster.check_in("h", {"d1", "b1", "1", 1}, kNow)->needs_document);
    EXPECT_TRUE(roster.check_in("h", {"d2", "b1", "1", 2}, kNow)->needs_document);

    roster.document_arrived("h", "d1");
    EXPECT_TRUE(roster.take_pending().inventories.empty());
    roster.document_arrived("h", "d2");
    EXPECT_EQ(roster.take_pending().inventories.size(), 1U);
}

TEST(Roster, ASequenceMayStartAnewWithABootOnly) {
    Roster roster = roster_with_host();
    EXPECT_TRUE(roster.check_in("h", {"", "b1", "1", 5}, kNow));
    EXPECT_FALSE(roster.check_in("h", {"", "b1", "1", 5}, kNow));
    EXPECT_TRUE(roster.check_in("h", {"", "b2", "1", 1}, kNow));
}

TEST(Roster, AdmitsNeitherStrangersNorTheRevoked) {
    Roster roster = roster_with_host();
    EXPECT_TRUE(roster.admit("h"));
    EXPECT_EQ(roster.admit("x").error().code, "server.unknown_host");
    roster.revoke("h", kNow);
    EXPECT_EQ(roster.admit("h").error().code, "server.revoked");
}

TEST(Roster, GivesJobsOldestFirstAndInAHaltThoseThatOnlyLookAtAControl) {
    Roster roster = roster_with_host();
    roster.add_job({"j1", "h", "e", "", kNow + seconds(1), kNow + seconds(9)});
    roster.add_job({"j2", "h", "e", "", kNow, kNow + seconds(5)});
    const auto ids = [&](const std::set<std::string>& has, Instant now) {
        std::string text;
        for (const store::Job& job : roster.jobs_of("h", has, now)) {
            text += job.id + " ";
        }
        return text;
    };

    EXPECT_EQ(ids({}, kNow), "j2 j1 ");
    EXPECT_EQ(ids({"j2"}, kNow), "j1 ");
    EXPECT_EQ(ids({}, kNow + seconds(5)), "j1 ");
    roster.set_halt({true, 1});
    EXPECT_EQ(ids({}, kNow), "");
    store::Job look{"j3", "h", "e", "", kNow, kNow + seconds(5), "verify-control", "", "", ""};
    roster.add_job(look);
    look.id = "j4";
    look.kind = "remove-control";
    roster.add_job(look);
    look.id = "j5";
    look.kind = "probe-control";
    roster.add_job(look);
    EXPECT_EQ(ids({}, kNow), "j3 j5 ");
    roster.remove_job("j3");
    roster.remove_job("j5");
    roster.remove_job("j4");
    roster.set_halt({false, 2});
    roster.remove_job("j1");
    EXPECT_EQ(ids({}, kNow), "j2 ");
}

TEST(EventLog, StreamsWhatFollowsAndTellsOfAGap) {
    EventLog log(10);
    EXPECT_EQ(log.stream_after(10), "");
    log.add(entry(11));
    log.add(entry(12));

    EXPECT_EQ(log.head(), 12);
    EXPECT_TRUE(log.stream_after(11).starts_with("id: 12\nevent: change\ndata: {"));
    EXPECT_TRUE(log.stream_after(10).starts_with("id: 11\n"));
    EXPECT_TRUE(log.stream_after(3).starts_with("id: 10\nevent: gap\n"));
    EXPECT_TRUE(EventLog(10).stream_after(3).starts_with("id: 10\nevent: gap\n"));
    for (std::int64_t sequence = 13; sequence < 5000; ++sequence) {
        log.add(entry(sequence));
    }
    EXPECT_LT(log.stream_after(0).size(), 400'000U);
}

TEST(RepeatedRequests, AreAnsweredFromMemory) {
    using enum RepeatedRequests::Verdict::Kind;
    RepeatedRequests repeated;
    const Response done{201, "application/json", "{}", {}};

    EXPECT_EQ(repeated.begin("k", "d", kNow).kind, First);
    EXPECT_EQ(repeated.begin("k", "d", kNow).kind, Running);
    repeated.finish("k", done);
    EXPECT_EQ(repeated.begin("k", "d", kNow).response.body, "{}");
    EXPECT_EQ(repeated.begin("k", "other", kNow).kind, Different);
    EXPECT_EQ(repeated.begin("k", "d", kNow + std::chrono::hours(24)).kind, First);
    repeated.finish("k", Response{503, "", "", {}});
    EXPECT_EQ(repeated.begin("k", "d", kNow + std::chrono::hours(24)).kind, First);
}

TEST(SignInLimit, LocksNameAndAddressTogetherSoonAndLongerEachTime) {
    Attempts attempts;
    for (int failure = 0; failure < 5; ++failure) {
        EXPECT_EQ(attempts.wait_for("ada", "10.0.0.1", kNow).count(), 0);
        attempts.fail("ada", "10.0.0.1", kNow);
    }

    EXPECT_EQ(attempts.wait_for("ada", "10.0.0.1", kNow).count(), 30);
    EXPECT_EQ(attempts.wait_for("ada", "10.0.0.1", kNow + seconds(30)).count(), 0);
    EXPECT_EQ(attempts.wait_for("ada", "10.0.0.2", kNow).count(), 0);
    EXPECT_EQ(attempts.wait_for("bob", "10.0.0.1", kNow).count(), 0);
    attempts.fail("ada", "10.0.0.1", kNow);
    EXPECT_EQ(attempts.wait_for("ada", "10.0.0.1", kNow).count(), 60);
}

TEST(SignInLimit, LocksAnAddressThatTriesManyNamesAndANameFromManyAddresses) {
    Attempts attempts;
    for (int failure = 0; failure < 30; ++failure) {
        attempts.fail("user" + std::to_string(failure), "10.0.0.1", kNow);
    }
    EXPECT_GT(attempts.wait_for("new", "10.0.0.1", kNow).count(), 0);
    for (int failure = 0; failure < 100; ++failure) {
        attempts.fail("ada", "10.0.1." + std::to_string(failure), kNow);
    }
    EXPECT_GT(attempts.wait_for("ada", "10.9.9.9", kNow).count(), 0);
    EXPECT_EQ(attempts.wait_for("ada", "10.9.9.9", kNow + std::chrono::hours(1)).count(), 0);
}

TEST(SignInLimit, CountsAnewAfterAnHour) {
    const store::SignInFailures before{7, kNow};

    EXPECT_EQ(
        after_failure(before, kNow + seconds(1)), (store::SignInFailures{8, kNow + seconds(1)}));
    EXPECT_EQ(after_failure(before, kNow + kSignInMemory).count, 1);
}

TEST(Permission, EachRoleMayWhatItsNameSays) {
    EXPECT_EQ(format_actions(actions_of(store::Role::Viewer)), "read");
    EXPECT_EQ(format_actions(actions_of(store::Role::Operator)), "read,operate");
    EXPECT_EQ(format_actions(actions_of(store::Role::Approver)), "read,approve");
    EXPECT_EQ(
        format_actions(actions_of(store::Role::Administrator)), "read,operate,approve,administer");
}

TEST(Permission, ActionsReadBackAndUnknownOnesAreRefused) {
    EXPECT_EQ(format_actions(*parse_actions("operate,read,read")), "read,operate");
    for (const char* text : {"", ",", "read,", "everything", "read operate"}) {
        EXPECT_FALSE(text[0] != 'r' && parse_actions(text)) << text;
    }
    EXPECT_FALSE(parse_actions("read,everything"));
}

TEST(Permission, AScopeOfOneGroupIsThatGroupOnly) {
    Principal principal;
    principal.actions = {Action::Read};
    principal.host_group = "web";

    EXPECT_TRUE(allows(principal, Action::Read, "web"));
    EXPECT_FALSE(allows(principal, Action::Read, "db"));
    EXPECT_FALSE(allows(principal, Action::Operate, "web"));
    EXPECT_FALSE(allows(principal, Action::Read, kEveryGroup));
}

}  // namespace thimble::server
