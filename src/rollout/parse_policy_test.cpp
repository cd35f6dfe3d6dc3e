#include "thimble/rollout/parse_policy.hpp"

#include "thimble/calendar/parse_window.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace thimble::rollout {
namespace {

std::string file(const std::string& name) {
    std::ifstream stream(std::string(THIMBLE_TESTDATA) + "/policies/" + name);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// What is wrong with the smallest policy and these lines after it.
std::string complaint(const std::string& lines) {
    const auto policy = parse_policy("policy: p\nhosts: all\n" + lines, 10);
    return policy ? "" : policy.error().message;
}

TEST(ParsePolicy, ReadsAllOfOne) {
    const auto read = parse_policy(file("web.yaml"), 100);
    ASSERT_TRUE(read) << read.error().text();
    const Policy& policy = *read;

    EXPECT_EQ(policy.name, "web");
    EXPECT_EQ(policy.hosts.tags, (std::vector<std::string>{"env=prod", "env=staging"}));
    EXPECT_EQ(policy.hosts_except->hosts, std::vector<std::string>{"web-legacy"});
    EXPECT_TRUE(policy.selection.security);
    ASSERT_EQ(policy.exclusions.size(), 1U);
    EXPECT_EQ(policy.exclusions[0].package, "php8.2");
    ASSERT_EQ(policy.rings.size(), 3U);
    EXPECT_EQ(policy.rings[0].at_once, (HostLimit{.count = 0, .share = kWhole}));
    EXPECT_EQ(policy.rings[1].share, 500U);
    EXPECT_EQ(policy.rings[1].after, std::chrono::days(1));
    EXPECT_EQ(policy.rings[2].share, 9500U);
    ASSERT_EQ(policy.windows.size(), 2U);
    EXPECT_EQ(policy.windows[0].when.offset_days, 4);
    EXPECT_EQ(policy.windows[0].when.opens, std::chrono::hours(22));
    EXPECT_FALSE(policy.windows[1].is_for_reboot);
    ASSERT_EQ(policy.freezes.size(), 2U);
    EXPECT_EQ(format_instant(policy.freezes[0].span.begin), "2026-12-14T23:00:00Z");
    EXPECT_FALSE(policy.freezes[1].is_hard);
    EXPECT_EQ(policy.approval.before_ring, "canary");
    EXPECT_EQ(policy.notice, (NoticeRule{std::chrono::days(1), 2, std::chrono::days(7)}));
    EXPECT_EQ(policy.health.most_failures, 2U);
    ASSERT_EQ(policy.host_health.probes.size(), 2U);
    EXPECT_EQ(policy.host_health.probes[0].target, "http://127.0.0.1:8080/health");
    EXPECT_EQ(policy.host_health.probes[1].kind, model::ProbeKind::Tcp);
    EXPECT_EQ(policy.host_health.probes[1].timeout, std::chrono::seconds(5));
    EXPECT_EQ(policy.host_health.settle, std::chrono::minutes(1));
    EXPECT_EQ(policy.host_health.settle_tries, 5U);
    EXPECT_TRUE(policy.host_health.roll_back_on_failure);
    EXPECT_TRUE(policy.restart_services);
    EXPECT_EQ(policy.reboot.rule, RebootRule::InWindow);
    EXPECT_EQ(policy.emergency.opens, EmergencyOpening::ByRule);
}

TEST(ParsePolicy, GivesTheSmallestOneTheDefaultRings) {
    const Policy small = *parse_policy(file("smallest.yaml"), 200);
    const Policy large = *parse_policy(file("smallest.yaml"), 201);

    ASSERT_EQ(small.rings.size(), 4U);
    EXPECT_EQ(small.rings[0].hosts->tags, std::vector<std::string>{"ring=test"});
    EXPECT_EQ(small.rings[1].share, 500U);
    EXPECT_EQ(large.rings[1].share, 100U);
    EXPECT_EQ(large.rings[3].after, std::chrono::days(9));
}

TEST(ParsePolicy, ReadsJsonAsWell) {
    const auto policy = parse_policy(R"({"policy": "p", "hosts": {"groups": ["web"]}})", 10);
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->hosts.groups, std::vector<std::string>{"web"});
}

TEST(ParsePolicy, NamesThePlaceOfWhatItDoesNotKnow) {
    EXPECT_EQ(
        complaint("reboots: never\n"),
        "reboots: it is not known here; what is: policy, hosts, except, patches, rings, windows, "
        "freezes, approval, notice, health, rollback, hooks, order, order_failure, services, "
        "reboot, "
        "emergency, "
        "availability_tag");
    EXPECT_TRUE(complaint("rings: [{name: a, share: 100%}, {name: b, shar: 3%}]\n")
                    .starts_with("rings[2].hosts: say either"));
    EXPECT_EQ(
        complaint("reboot: {when: tomorrow}\n"),
        "reboot.when: \"tomorrow\" is not one of: never, in window");
    EXPECT_TRUE(complaint("windows: [{rule: FREQ=DAILY, opens: 22:00, lasts: 4 parsecs}]\n")
                    .starts_with("windows[1].lasts: \"4 parsecs\" is no length of time"));
}

TEST(ParsePolicy, RefusesWhatCannotBeMeant) {
    const std::pair<const char*, const char*> cases[] = {
        {"rings: [{name: a, share: 60%}, {name: b, share: 30%}]\n",
         "rings: the shares must be 100%"},
        {"rings: [{name: a, share: rest}, {name: b, share: rest}]\n",
         "rings: two rings cannot both"},
        {"rings: [{name: a, share: 100%}, {name: b, share: rest}]\n", "rings: the shares must be"},
        {"rings: [{name: a, share: 50%}, {name: a, share: 50%}]\n", "rings: two rings are called"},
        {"rings: [{name: a, share: 120%}]\n", "rings[1].share: a share is wanted"},
        {"approval: {people: 1, before: nowhere}\n", "approval.before: no ring is called"},
        {"approval: {people: -1}\n", "approval.people: a whole number from 0 to 10"},
        {"notice: {}\n", "notice.before: a time of at most 90d"},
        {"notice: {defer: {times: 1, at_most: 1d}}\n", "notice.before: a time of at most 90d"},
        {"notice: {before: 91d}\n", "notice.before: a time of at most 90d"},
        {"notice: {before: 1d, defer: {at_most: 1d}}\n", "notice.defer.times: how often"},
        {"notice: {before: 1d, defer: {times: 21, at_most: 1d}}\n", "notice.defer.times: a whole"},
        {"notice: {before: 1d, defer: {times: 1}}\n", "notice.defer.at_most: a time of at most"},
        {"notice: {before: 1d, after: 1d}\n", "notice.after: it is not known here"},
        {"windows: [{rule: FREQ=HOURLY, opens: 22:00, lasts: 4h}]\n", "windows[1].rule: "},
        {"windows: [{rule: FREQ=DAILY, opens: 22:00, lasts: 4h, zone: Mars}]\n",
         "windows[1].rule: "},
        {"windows: [{rule: FREQ=DAILY, opens: 22:00, lasts: 4h, for: reboot}]\n",
         "windows: none is"},
        {"windows: [{rule: FREQ=DAILY, opens: 22:00, lasts: 4h, for: tea}]\n", "windows[1].for: "},
        {"freezes: [{name: a, from: 2027-01-02, until: 2027-01-01}]\n",
         "freezes[1].until: it ends"},
        {"patches: {select: named}\n", "patches.select: packages, cves"},
        {"patches: {select: security, packages: [nginx]}\n", "patches.select: packages, cves"},
        {"patches: {exclude: [{package: a, owner: b, why: c}]}\n",
         "patches.exclude[1].until: it is"},
        {"rings: {name: a}\n", "rings: a list of at most 1000"},
        {"except: {groups: []}\n", "except.groups: the list is empty"},
        {"except: {}\n", "except: say which"},
        {"hosts: all\n", "line 3, column 1: \"hosts\" is there twice"},
    };
    for (const auto& [lines, start] : cases) {
        EXPECT_TRUE(complaint(lines).starts_with(start)) << lines << complaint(lines);
    }
    EXPECT_EQ(parse_policy("[1, 2]", 10).error().code, "rollout.bad_policy");
    EXPECT_EQ(parse_policy("", 10).error().code, "base.bad_yaml");
    EXPECT_EQ(parse_policy("policy: [", 10).error().code, "base.bad_yaml");
}

TEST(ParsePolicy, IsNotOverrunByAliasesAndDepth) {
    EXPECT_TRUE(complaint("patches: &a {}\nhealth: *a\n")
                    .starts_with("line 3, column 10: anchors and aliases (&, *) are not read"));
    EXPECT_EQ(parse_policy(std::string(300'000, ' '), 10).error().code, "base.bad_yaml");
    EXPECT_FALSE(parse_policy(std::string(100'000, '['), 10));
    EXPECT_FALSE(parse_policy("policy: p\nhosts: all\n]", 10));
}

TEST(ParsePolicy, TakesNoProbeThatLooksElsewhere) {
    EXPECT_EQ(complaint("rollback: never\n"), "");
    EXPECT_NE(complaint("health: {probes: [{name: x, tcp: \"db.lan:5432\"}]}"), "");
    EXPECT_NE(complaint("health: {probes: [{name: x}]}"), "");
    EXPECT_NE(
        complaint(
            "health: {probes: [{name: x, tcp: \"127.0.0.1:1\", http: \"http://127.0.0.1\"}]}"),
        "");
    EXPECT_NE(complaint("health: {tries: 0}"), "");
    EXPECT_NE(complaint("rollback: perhaps"), "");
}

TEST(ParsePolicy, NamesHooksAndWhatFollowsTheirFailure) {
    const Policy policy = *parse_policy(
        "policy: p\nhosts: all\nhooks: {undrain: {hook: in-lb, on_failure: halt-ring}, drain: "
        "{hook: out-lb, limit: "
        "10m}}",
        10);
    ASSERT_EQ(policy.hooks.size(), 2U);
    EXPECT_EQ(
        policy.hooks[0],
        (model::OwnerHook{
            model::HookStep::Drain,
            "out-lb",
            std::chrono::minutes(10),
            model::HookFailure::SkipHost}));
    EXPECT_EQ(policy.hooks[1].step, model::HookStep::Undrain);
    EXPECT_EQ(policy.hooks[1].on_failure, model::HookFailure::HaltRing);

    EXPECT_NE(complaint("hooks: {drain: {hook: /bin/sh}}"), "");
    EXPECT_NE(complaint("hooks: {drain: {hook: x, on_failure: fail-host}}"), "");
    EXPECT_NE(complaint("hooks: {post: {hook: x, on_failure: skip-host}}"), "");
    EXPECT_NE(complaint("hooks: {drain: {}}"), "");
    EXPECT_NE(complaint("hooks: {before: {hook: x}}"), "");
    EXPECT_NE(complaint("hooks: {pre: {hook: x, limit: 2h}}"), "");
}

TEST(ParsePolicy, ReadsTheOrderOfHosts) {
    const Policy policy = *parse_policy(
        "policy: p\nhosts: all\norder: [{tags: [db=standby]}, {tags: "
        "[db=primary]}]\norder_failure: go on",
        10);
    ASSERT_EQ(policy.order.size(), 2U);
    EXPECT_EQ(policy.order[1].tags, std::vector<std::string>{"db=primary"});
    EXPECT_EQ(policy.order_failure, OrderFailure::GoOn);

    EXPECT_NE(complaint("order: [{}]"), "");
    EXPECT_NE(complaint("order: [all]"), "");
    EXPECT_NE(complaint("order_failure: never"), "");
}

TEST(InEmergency, KeepsRingsAndHardFreezesAndWantsASecondPerson) {
    const Policy policy = in_emergency(*parse_policy(file("web.yaml"), 100));

    EXPECT_TRUE(policy.windows.empty());
    ASSERT_EQ(policy.freezes.size(), 1U);
    EXPECT_EQ(policy.freezes[0].name, "year end");
    EXPECT_EQ(policy.rings[0].soak, std::chrono::minutes(30));
    EXPECT_EQ(policy.rings[2].after, std::chrono::seconds(0));
    EXPECT_EQ(policy.approval.people, 1U);
    EXPECT_EQ(policy.approval.before_ring, "canary");
}

TEST(SelectionAt, ExcludesUntilTheDayComes) {
    const Policy policy = *parse_policy(file("web.yaml"), 100);

    EXPECT_EQ(
        selection_at(policy, *parse_instant("2027-01-30T23:59:59Z")).excluded,
        std::vector<std::string>{"php8.2"});
    EXPECT_TRUE(selection_at(policy, *parse_instant("2027-01-31")).excluded.empty());
}

TEST(DefaultAtOnce, IsThatOfTheSizeOfTheRing) {
    const auto at_once = [](std::size_t hosts) {
        return hosts_at_once(default_at_once(hosts), hosts);
    };
    EXPECT_EQ(at_once(24), 1U);
    EXPECT_EQ(at_once(100), 5U);
    EXPECT_EQ(at_once(1000), 80U);
    EXPECT_EQ(at_once(10'000), 1000U);
}

}  // namespace
}  // namespace thimble::rollout
