#include "thimble/rollout/emergency.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace thimble::rollout {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'800'000'000)};

RolloutHost host_in(std::string id, std::uint32_t ring, HostStage stage = HostStage::Waiting) {
    RolloutHost host;
    host.id = std::move(id);
    host.ring = ring;
    host.stage = stage;
    host.since = kNow;
    return host;
}

HostFacts facts_of(std::string id, std::string system = "Debian 12") {
    HostFacts facts;
    facts.id = std::move(id);
    facts.operating_system = std::move(system);
    return facts;
}

/// Hosts of one system, by id.
std::vector<HostFacts> facts_of_all(const Rollout& rollout) {
    std::vector<HostFacts> facts;
    facts.reserve(rollout.hosts.size());
    for (const RolloutHost& host : rollout.hosts) {
        facts.push_back(facts_of(host.id));
    }
    return facts;
}

using Indexes = std::vector<std::size_t>;
using Ids = std::vector<std::string>;

/// Who is put first of b and c, of later rings, which miss the patch, where a of the first ring stands there.
Indexes put_first_beside(HostStage stage, bool is_urgent) {
    Rollout rollout;
    rollout.hosts = {host_in("a", 0, stage), host_in("b", 2), host_in("c", 1)};
    const auto facts = facts_of_all(rollout);
    return put_first(rollout, facts, is_urgent ? Ids{"a", "b", "c"} : Ids{"b", "c"});
}

}  // namespace

TEST(PutFirst, TakesTheFirstOfALaterRingWhereTheFirstRingMissesNothing) {
    EXPECT_EQ(put_first_beside(HostStage::Waiting, false), Indexes{1});
    EXPECT_EQ(put_first_beside(HostStage::Waiting, true), Indexes{});
}

TEST(PutFirst, BelievesThePlanOfAHostBeforeWhatWasJudged) {
    for (const bool is_urgent : {false, true}) {
        EXPECT_EQ(put_first_beside(HostStage::NothingToDo, is_urgent), Indexes{1});
        EXPECT_EQ(put_first_beside(HostStage::Left, is_urgent), Indexes{1});
        EXPECT_EQ(put_first_beside(HostStage::Ready, is_urgent), Indexes{});
        EXPECT_EQ(put_first_beside(HostStage::RehearsalFailed, is_urgent), Indexes{});
        EXPECT_EQ(put_first_beside(HostStage::Blocked, is_urgent), Indexes{});
    }
    for (const HostStage stage : {HostStage::Silent, HostStage::Failed, HostStage::Preparing}) {
        EXPECT_EQ(put_first_beside(stage, false), Indexes{1}) << "it has no plan";
        EXPECT_EQ(put_first_beside(stage, true), Indexes{}) << "it is to have one";
    }
}

TEST(PutFirst, CountsForOneSystemAndArchitectureAlone) {
    Rollout rollout;
    rollout.hosts = {host_in("a", 0), host_in("b", 1), host_in("c", 1), host_in("d", 1)};
    std::vector<HostFacts> facts{
        facts_of("a"), facts_of("b"), facts_of("c", "Debian 13"), facts_of("d")};
    facts.back().architecture = "arm64";
    const Ids urgent{"a", "b", "c", "d"};

    EXPECT_EQ(put_first(rollout, facts, urgent), (Indexes{2, 3}));
    EXPECT_EQ(rollout.hosts[1].ring, 1U);
    EXPECT_EQ(rollout.hosts[2].ring, 0U);
}

TEST(PutFirst, LeavesWhatWasTakenBackInItsGroupAndWhomNobodyKnows) {
    Rollout rollout;
    rollout.hosts = {host_in("a", 0), host_in("b", 1), host_in("c", 1), host_in("d", 1)};
    rollout.hosts[1].taken_back_on = "x";
    const std::vector<HostFacts> facts{facts_of("a"), facts_of("b"), facts_of("d")};

    EXPECT_EQ(put_first(rollout, facts, Ids{"b", "c", "d"}), Indexes{3});
}

/// Whatever the fleet: of each system on which somebody waits and misses it, somebody of the first ring does; nobody else
/// moves than the first of such a system; and once is enough.
TEST(PutFirst, LeavesNoSystemThatMissesItUntried) {
    EXPECT_TRUE(rc::check("each system has somebody first", [] {
        Rollout rollout;
        std::vector<HostFacts> facts;
        Ids urgent;
        const int count = *rc::gen::inRange(0, 12);
        for (int at = 0; at < count; ++at) {
            const std::string id(1, static_cast<char>('a' + at));
            rollout.hosts.push_back(host_in(
                id,
                *rc::gen::inRange<std::uint32_t>(0, 3),
                *rc::gen::element(HostStage::Waiting, HostStage::NothingToDo, HostStage::Ready)));
            facts.push_back(facts_of(id, *rc::gen::element<std::string>("10", "11", "12")));
            if (*rc::gen::arbitrary<bool>()) {
                urgent.push_back(id);
            }
        }
        const Rollout before = rollout;

        const Indexes moved = put_first(rollout, facts, urgent);

        std::set<std::string> tried;
        for (std::size_t at = 0; at < facts.size(); ++at) {
            const RolloutHost& host = rollout.hosts[at];
            const bool is_urgent = std::ranges::binary_search(urgent, host.id);
            if (host.ring == 0
                && (host.stage == HostStage::Ready
                    || (host.stage == HostStage::Waiting && is_urgent))) {
                tried.insert(facts[at].operating_system);
            }
        }
        std::set<std::string> systems;
        for (std::size_t at = 0; at < facts.size(); ++at) {
            const RolloutHost& host = rollout.hosts[at];
            const bool has_moved = std::ranges::binary_search(moved, at);
            const bool is_urgent = std::ranges::binary_search(urgent, host.id);
            RC_ASSERT(has_moved == (host.ring != before.hosts[at].ring));
            RC_ASSERT(!has_moved || (is_urgent && host.stage == HostStage::Waiting));
            const bool is_second = has_moved && !systems.insert(facts[at].operating_system).second;
            RC_ASSERT(!is_second);
            RC_ASSERT(
                !is_urgent || host.stage != HostStage::Waiting
                || tried.contains(facts[at].operating_system));
        }
        RC_ASSERT(put_first(rollout, facts, urgent).empty());
    }));
}

TEST(UnplannedOf, WaitsForEveryHostOfTheFirstRingAndInAnEmergencyForHalfAnHour) {
    Rollout rollout;
    rollout.hosts = {
        host_in("a", 0, HostStage::Preparing), host_in("b", 0, HostStage::Ready), host_in("c", 1)};

    EXPECT_EQ(unplanned_of(rollout, true, kNow), (Unplanned{true, {}}));
    EXPECT_EQ(
        unplanned_of(rollout, true, kNow + kPlannedWithin - std::chrono::seconds(1)),
        (Unplanned{true, {}}));
    EXPECT_EQ(unplanned_of(rollout, true, kNow + kPlannedWithin), (Unplanned{false, {"a"}}));
    EXPECT_EQ(unplanned_of(rollout, false, kNow + kPlannedWithin), (Unplanned{true, {}}));
    rollout.hosts[0].stage = HostStage::NothingToDo;
    EXPECT_EQ(unplanned_of(rollout, false, kNow), Unplanned{});
}

/// A routine rollout gives up nobody; in an emergency nobody is waited for without end, and nobody is late who has a plan.
TEST(UnplannedOf, IsBoundedInAnEmergencyAlone) {
    EXPECT_TRUE(rc::check("who is waited for", [] {
        Rollout rollout;
        const int count = *rc::gen::inRange(0, 8);
        std::size_t open = 0;
        for (int at = 0; at < count; ++at) {
            RolloutHost& host = rollout.hosts.emplace_back(host_in(
                std::to_string(at),
                *rc::gen::inRange<std::uint32_t>(0, 2),
                static_cast<HostStage>(*rc::gen::inRange(0, kHostStages))));
            host.since = kNow - std::chrono::minutes(*rc::gen::inRange(0, 60));
            const bool is_open =
                host.stage == HostStage::Waiting || host.stage == HostStage::Preparing;
            open += is_open && host.ring == 0 ? 1U : 0U;
        }

        const Unplanned routine = unplanned_of(rollout, false, kNow);
        const Unplanned later = unplanned_of(rollout, true, kNow + kPlannedWithin);
        const Unplanned urgent = unplanned_of(rollout, true, kNow);

        RC_ASSERT(routine.late.empty() && routine.is_waited_for == (open > 0));
        RC_ASSERT(!later.is_waited_for && later.late.size() == open);
        RC_ASSERT(urgent.is_waited_for == (urgent.late.size() < open));
    }));
}

TEST(UrgentNames, AreThoseThatAPolicyNames) {
    model::PlanSelection selection;
    EXPECT_EQ(urgent_names(selection), std::nullopt);
    selection.security = false;
    selection.packages = {"curl"};
    selection.vulnerabilities = {"CVE-2026-1"};
    EXPECT_EQ(urgent_names(selection), (UrgentNames{{"curl"}, {"CVE-2026-1"}}));
    selection.all = true;
    EXPECT_EQ(urgent_names(selection), std::nullopt);
}

TEST(EmergencyDoubts, AreToldWhereAdvisoriesWouldOpenNone) {
    Policy policy;
    policy.selection.security = false;
    policy.selection.advisories = {"DSA-1-1"};
    EXPECT_TRUE(emergency_doubts(policy).empty()) << "by hand";
    policy.emergency.opens = EmergencyOpening::ByRule;
    EXPECT_EQ(emergency_doubts(policy).size(), 1U);
    policy.selection.advisories.clear();
    policy.selection.packages = {"curl"};
    EXPECT_TRUE(emergency_doubts(policy).empty());
}

TEST(WhyNoSkip, LetsASecondPersonSkipTheFirstRingAndWhoeverMayTheOthers) {
    Rollout rollout;
    rollout.requester = "user:ada";

    EXPECT_NE(why_no_skip(rollout, 0, false, "user:ada", kNow), "");
    EXPECT_EQ(why_no_skip(rollout, 0, false, "user:bob", kNow), "");
    EXPECT_EQ(why_no_skip(rollout, 1, false, "user:ada", kNow), "");
}

TEST(WhyNoSkip, LetsNobodySkipTheFirstRingOfAnEmergencyByRuleAlone) {
    Rollout rollout;
    rollout.requester = "server";
    rollout.frozen = "set";
    rollout.policy.approval.good_for = std::chrono::hours(1);
    const auto why = [&](std::string_view person, Instant now = kNow) {
        return why_no_skip(rollout, 0, true, person, now);
    };

    EXPECT_NE(why("user:bob"), "") << "nobody has approved";
    rollout.approvals = {{"user:bob", "set", kNow}};
    EXPECT_NE(why("user:bob"), "") << "his own word is one person's";
    EXPECT_EQ(why("user:eve"), "");
    EXPECT_NE(why("user:eve", kNow + std::chrono::hours(1)), "") << "the word is too old";
    rollout.approvals = {{"user:bob", "another set", kNow}};
    EXPECT_NE(why("user:eve"), "");
    EXPECT_EQ(why_no_skip(rollout, 1, true, "user:bob", kNow), "");
}

}  // namespace thimble::rollout
