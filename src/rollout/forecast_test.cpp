#include "thimble/rollout/forecast.hpp"

#include "thimble/rollout/parse_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::rollout {
namespace {

std::vector<ForecastHost> five_hosts() {
    std::vector<ForecastHost> hosts;
    for (const std::string id : {"s1", "p1", "p2", "p3", "x1"}) {
        HostFacts facts;
        facts.id = facts.name = id;
        facts.group = id.starts_with("s") ? "staging" : id.starts_with("p") ? "prod" : "other";
        hosts.push_back({facts, id != "p3"});
    }
    return hosts;
}

const char* const kPolicy = R"(
policy: p
hosts: {groups: [staging, prod]}
rings:
  - {name: staging, hosts: {groups: [staging]}, soak: 24h}
  - {name: prod, share: rest, at_once: 1}
windows: [{rule: FREQ=WEEKLY;BYDAY=TU, opens: "22:00", lasts: 2h}]
freezes: [{name: f, from: 2026-12-08, until: 2026-12-09}]
approval: {people: 1, before: prod}
)";

std::string when(const Forecast& forecast, const std::string& id) {
    for (const ForecastLine& line : forecast.lines) {
        if (line.host_id == id) {
            return line.changed_at == Instant() ? line.why : format_instant(line.changed_at);
        }
    }
    return "nowhere";
}

TEST(Forecast, IsWhenEachHostWouldBeChangedAndWhyNot) {
    // 1 December 2026 is a Tuesday.
    const Forecast forecast = *rollout::forecast(
        *parse_policy(kPolicy, 5),
        five_hosts(),
        {*parse_instant("2026-12-01T12:00:00Z"), *parse_instant("2027-03-01")},
        std::chrono::minutes(10));

    EXPECT_EQ(when(forecast, "s1"), "2026-12-01T22:00:00Z");
    EXPECT_EQ(when(forecast, "p1"), "2026-12-15T22:00:00Z");
    EXPECT_EQ(when(forecast, "p2"), "2026-12-15T22:15:00Z");
    EXPECT_EQ(when(forecast, "p3"), "misses nothing");
    EXPECT_EQ(when(forecast, "x1"), "the policy is not about it");
    EXPECT_TRUE(forecast.needs_word);
    EXPECT_GT(forecast.done_at, *parse_instant("2026-12-15T22:15:00Z"));
}

TEST(Forecast, KeepsTheOrderOfHostsAndSaysTheirSteps) {
    const std::string order = "order: [{hosts: [p2]}, {hosts: [p1]}]\n";
    const Forecast forecast = *rollout::forecast(
        *parse_policy(kPolicy + order, 5),
        five_hosts(),
        {*parse_instant("2026-12-01T12:00:00Z"), *parse_instant("2027-03-01")},
        std::chrono::minutes(10));

    EXPECT_EQ(when(forecast, "p2"), "2026-12-15T22:00:00Z");
    EXPECT_EQ(when(forecast, "p1"), "2026-12-15T22:15:00Z");
    const auto p1 = std::ranges::find(forecast.lines, "p1", &ForecastLine::host_id);
    EXPECT_NE(p1->why.find("step 2 of 2 of the order"), std::string::npos) << p1->why;
}

TEST(Forecast, NamesTheNoticeOfTheOwnerWhereItDecides) {
    const auto why = [](const std::string& notice, const char* begin) {
        const Forecast forecast = *rollout::forecast(
            *parse_policy(kPolicy + notice, 5),
            five_hosts(),
            {*parse_instant(begin), *parse_instant("2027-03-01")},
            std::chrono::minutes(10));
        const auto line = std::ranges::find(forecast.lines, "s1", &ForecastLine::host_id);
        return format_instant(line->changed_at) + ": " + line->why;
    };
    const std::string notice = "notice: {before: 1h, defer: {times: 2, at_most: 7d}}\n";

    EXPECT_EQ(
        why(notice, "2026-12-01T22:00:00Z"),
        "2026-12-01T23:15:00Z: ring opens 2026-12-01T22:00:00Z, window 2026-12-01T22:00:00Z to "
        "2026-12-02T00:00:00Z, its owner has notice until 2026-12-01T23:15:00Z and may put it off "
        "2 times, each 7d at most");
    EXPECT_EQ(
        why("notice: {before: 3h}\n", "2026-12-01T22:00:00Z"),
        "2026-12-15T22:00:00Z: ring opens 2026-12-01T22:00:00Z, window 2026-12-15T22:00:00Z to "
        "2026-12-16T00:00:00Z, its owner has notice until 2026-12-02T01:15:00Z");
    // It had ended before any window was open.
    EXPECT_EQ(
        why(notice, "2026-12-01T12:00:00Z"),
        "2026-12-01T22:00:00Z: ring opens 2026-12-01T12:00:00Z, window 2026-12-01T22:00:00Z to "
        "2026-12-02T00:00:00Z");
}

TEST(Forecast, SaysWhatHoldsAHostForTheWholeTime) {
    const Forecast forecast = *rollout::forecast(
        *parse_policy(kPolicy, 5),
        five_hosts(),
        {*parse_instant("2026-12-02T12:00:00Z"), *parse_instant("2026-12-10")},
        std::chrono::minutes(10));

    EXPECT_EQ(
        when(forecast, "s1"), "no window is open, at the earliest from 2026-12-15T22:00:00Z on");
    EXPECT_EQ(forecast.done_at, Instant());
}

}  // namespace
}  // namespace thimble::rollout
