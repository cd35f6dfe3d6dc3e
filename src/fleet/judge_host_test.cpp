#include "thimble/fleet/judge_host.hpp"

#include "thimble/assess/assess.hpp"
#include "thimble/assess/inventory_builder_test.hpp"
#include "thimble/catalog/advisory_builder_test.hpp"
#include "thimble/prioritize/order_of_work.hpp"
#include "thimble/report/scan_json.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::fleet {
namespace {

using assess::AHost;
using catalog::ACatalog;
using catalog::AnAdvisory;

const Instant kNow = *parse_instant("2026-11-01T12:00:00Z");

ACatalog bookworm() {
    return ACatalog(
        {AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "7.88.1-10+deb12u5"),
         AnAdvisory("CVE-2026-2").affects("Debian:12", "curl", "0", "7.88.1-10+deb12u5"),
         AnAdvisory("CVE-2026-3").affects("Debian:12", "zlib", "0", "2")});
}

AHost a_host() {
    AHost host("debian", "12");
    host.has("deb", "curl", "7.88.1-10+deb12u4").has("deb", "zlib", "1");
    return host.is_offered("curl", "7.88.1-10+deb12u5");
}

/// A control that counts against everything remote.
prioritize::HostControl a_wall(std::vector<std::string> covered) {
    prioritize::HostControl control;
    control.id = control.name = "wall";
    control.kind = model::ControlKind::Segmentation;
    control.covers = std::move(covered);
    control.expires_at = kNow + Days{30};
    return control;
}

model::VulnerabilityFacts exploited(std::string id) {
    model::VulnerabilityFacts facts;
    facts.id = std::move(id);
    facts.feed = "test";
    facts.kev = model::KevEntry{kNow, {}, "", false};
    facts.cvss_vectors = {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"};
    return facts;
}

/// One exploited vulnerability with a fix, and one without.
ACatalog remote() {
    return ACatalog(
        {AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "7.88.1-10+deb12u5"),
         AnAdvisory("CVE-2026-3").affects("Debian:12", "zlib", "0", "")},
        {exploited("CVE-2026-1"), exploited("CVE-2026-3")},
        {{"kev", kNow, std::chrono::hours(24), 2, 0, kNow, {}, false}});
}

}  // namespace

TEST(JudgeHost, SaysWhatAScanSaysOfTheSameInventory) {
    const ACatalog catalog = bookworm();
    const AHost host = a_host();
    assess::AssessOptions options;
    options.now = kNow;
    const auto assessment = assess::assess(host.inventory(), &*catalog, options);
    prioritize::PriorityPolicy policy;
    policy.kev_known = false;
    const auto work = prioritize::order_of_work(
        host.inventory(),
        *assessment,
        policy,
        std::vector<Instant>(assessment->findings.size(), kNow));
    const std::string scan = report::scan_json({host.inventory(), *assessment, work, {}, {}, kNow});

    const auto judged = judge_host(host.inventory(), &*catalog, {}, {}, kNow);

    ASSERT_TRUE(judged);
    ASSERT_EQ(judged->patches.size(), work.patches.size());
    for (const HostPatch& patch : judged->patches) {
        EXPECT_NE(
            scan.find(R"("source":")" + patch.source + R"(","from":")" + patch.from_version),
            std::string::npos);
        EXPECT_NE(scan.find(R"("rule":")" + patch.due_rule + "\""), std::string::npos);
        EXPECT_NE(scan.find(R"("state":")" + std::string(patch.state) + "\""), std::string::npos);
    }
    EXPECT_EQ(
        judged->numbers, report::summarise({host.inventory(), *assessment, work, {}, {}, kNow}));
    EXPECT_EQ(judged->gaps, assessment->gaps);
}

TEST(JudgeHost, OpensWhatOnlyAChangelogThatTheHostToldNames) {
    const ACatalog catalog = bookworm();
    AHost host = a_host();
    host.inventory().offers.front().security = true;
    const auto untold = judge_host(host.inventory(), &*catalog, {}, {}, kNow);
    host.inventory().changelogs = {
        {"curl",
         "7.88.1-10+deb12u4",
         "7.88.1-10+deb12u5",
         {"CVE-2026-9"},
         "high",
         {},
         "curl 7.88.1-10+deb12u5 amd64"}};

    const auto told = judge_host(host.inventory(), &*catalog, {}, {}, kNow);

    ASSERT_TRUE(untold && told);
    const auto has = [](const HostJudgement& judgement, const std::string& id) {
        return std::ranges::any_of(judgement.patches, [&id](const HostPatch& patch) {
            return std::ranges::find(patch.vulnerabilities, id) != patch.vulnerabilities.end();
        });
    };
    const auto has_gap = [](const HostJudgement& judgement) {
        return std::ranges::find(judgement.gaps, "inventory.no_changelog", &model::Gap::code)
            != judgement.gaps.end();
    };
    EXPECT_TRUE(has(*told, "CVE-2026-9"));
    EXPECT_FALSE(has_gap(*told));
    EXPECT_FALSE(has(*untold, "CVE-2026-9"));
    EXPECT_TRUE(has_gap(*untold)) << "what was not told is not known to be fine";
    EXPECT_EQ(untold->patches.size(), told->patches.size())
        << "the patch itself is missing in both";
}

TEST(JudgeHost, TellsWhatHoldsAPatchBack) {
    const ACatalog catalog = bookworm();

    const auto judged = judge_host(a_host().inventory(), &*catalog, {}, {}, kNow);

    ASSERT_TRUE(judged);
    ASSERT_EQ(judged->patches.size(), 2U);
    const auto& ready = judged->patches[judged->patches[0].source == "curl" ? 0 : 1];
    const auto& blocked = judged->patches[judged->patches[0].source == "curl" ? 1 : 0];
    EXPECT_EQ(ready.state, "ready");
    EXPECT_EQ(ready.blocker, "");
    EXPECT_EQ(ready.to_version, "7.88.1-10+deb12u5");
    EXPECT_EQ(ready.vulnerabilities, (std::vector<std::string>{"CVE-2026-1", "CVE-2026-2"}));
    EXPECT_EQ(blocked.state, "blocked");
    EXPECT_EQ(blocked.blocker, "not_offered");
}

TEST(JudgeHost, NamesWhatMakesAPatchUrgent) {
    const ACatalog exploited = remote();
    const ACatalog quiet = bookworm();

    const auto urgent = judge_host(a_host().inventory(), &*exploited, {}, {}, kNow);
    const auto patient = judge_host(a_host().inventory(), &*quiet, {}, {}, kNow);

    ASSERT_TRUE(urgent && patient);
    const auto curl = std::ranges::find(urgent->patches, "curl", &HostPatch::source);
    ASSERT_NE(curl, urgent->patches.end());
    EXPECT_EQ(curl->urgent, (std::map<std::string, Instant>{{"CVE-2026-1", kNow}}));
    for (const HostPatch& patch : patient->patches) {
        EXPECT_TRUE(patch.urgent.empty()) << patch.source;
    }
}

TEST(JudgeHost, AFirstSightIsRememberedOnceAndTheClockRunsFromIt) {
    const ACatalog catalog = bookworm();
    const AHost host = a_host();
    prioritize::PriorityPolicy policy;
    policy.policy_deadline = Days{7};

    const auto first = judge_host(host.inventory(), &*catalog, policy, {}, kNow);
    ASSERT_TRUE(first);
    const auto later = judge_host(
        host.inventory(),
        &*catalog,
        policy,
        {first->newly_seen, {}},
        kNow + std::chrono::hours{240});

    EXPECT_EQ(first->newly_seen.size(), 3U);
    EXPECT_EQ(first->newly_seen.at({"CVE-2026-3", "zlib"}), kNow);
    EXPECT_EQ(first->numbers.overdue, 0U);
    ASSERT_TRUE(later);
    EXPECT_TRUE(later->newly_seen.empty());
    EXPECT_EQ(later->numbers.overdue, 2U);
    EXPECT_EQ(later->patches.front().due, first->patches.front().due);
}

TEST(JudgeHost, WithoutACatalogThereIsAGap) {
    const auto judged = judge_host(a_host().inventory(), nullptr, {}, {}, kNow);

    ASSERT_TRUE(judged);
    EXPECT_TRUE(std::ranges::any_of(
        judged->gaps, [](const model::Gap& gap) { return gap.code == "assess.no_catalog"; }));
}

TEST(HostJudge, HostsWithTheSameDocumentsAreAssessedOnce) {
    const ACatalog catalog = bookworm();
    const AHost host = a_host();
    HostJudge judge(&*catalog, {}, kNow);
    const FirstSeen known{{{"CVE-2026-3", "zlib"}, kNow - std::chrono::hours{24}}};

    const auto one = judge.judge("a", host.inventory(), {});
    const auto two = judge.judge("a", host.inventory(), {});
    const auto older = judge.judge("a", host.inventory(), {known, {}});

    EXPECT_EQ(judge.assessments(), 1U);
    EXPECT_EQ(*one, *two);
    EXPECT_EQ(older->newly_seen.size(), 2U);
    ASSERT_TRUE(judge.judge("b", AHost("debian", "12").inventory(), {}));
    EXPECT_EQ(judge.assessments(), 2U);
}

TEST(HostJudge, EqualHostsWithDifferentControlsAreJudgedApart) {
    const ACatalog catalog = remote();
    const AHost host = a_host();
    HostJudge judge(&*catalog, {}, kNow);

    const auto bare = judge.judge("a", host.inventory(), {});
    const auto shielded = judge.judge("a", host.inventory(), {{}, {a_wall({"CVE-2026-1"})}});
    const auto again = judge.judge("a", host.inventory(), {});

    EXPECT_EQ(judge.assessments(), 1U);
    EXPECT_EQ(*bare, *again);
    EXPECT_NE(*bare, *shielded);
    EXPECT_EQ(shielded->patches.at(0).mitigated_by, "wall");
    EXPECT_EQ(shielded->patches.at(0).mitigated_until, kNow + Days{30});
    EXPECT_EQ(shielded->patches.at(0).state, "ready") << "it is not patched by that";
    EXPECT_EQ(shielded->patches.at(0).bare_due, bare->patches.at(0).due);
    EXPECT_EQ(shielded->needed_controls, std::vector<std::string>{"wall"});
}

TEST(JudgeHost, NamesWhatCannotBePatchedAndWhatShieldsIt) {
    const ACatalog catalog = remote();
    auto monitoring = a_wall({"CVE-2026-3", "CVE-2026-9"});
    monitoring.kind = model::ControlKind::Monitoring;

    const auto judged = judge_host(a_host().inventory(), &*catalog, {}, {{}, {monitoring}}, kNow);

    ASSERT_TRUE(judged);
    ASSERT_EQ(judged->unpatched.size(), 1U);
    EXPECT_EQ(judged->unpatched[0].source, "zlib");
    EXPECT_EQ(judged->unpatched[0].reason, "no_fix");
    EXPECT_EQ(judged->unpatched[0].vulnerabilities, std::vector<std::string>{"CVE-2026-3"});
    EXPECT_TRUE(judged->unpatched[0].exploited);
    EXPECT_EQ(judged->unpatched[0].control, "wall");
    EXPECT_EQ(judged->unpatched[0].refusal, "monitoring stops no attack");
    EXPECT_EQ(judged->unpatched[0].from_version, "1");
    EXPECT_EQ(judged->unpatched[0].package_type, "deb");
}

TEST(JudgeHost, AControlThatCoversNothingOpenIsNotNeeded) {
    const ACatalog catalog = remote();
    auto other_source = a_wall({"CVE-2026-1"});
    other_source.sources = {"nginx"};

    const auto judged = judge_host(
        a_host().inventory(), &*catalog, {}, {{}, {a_wall({"CVE-2026-9"}), other_source}}, kNow);

    EXPECT_TRUE(judged->needed_controls.empty());
}

TEST(JudgeHost, AControlIsNeededAsLongAsNobodyCanTell) {
    const ACatalog catalog = remote();
    AHost foreign("debian", "12");
    foreign.has("deb", "curl", "not a version!");
    const std::vector<prioritize::HostControl> wall{a_wall({"CVE-2026-1"})};
    const FirstSeen seen{{{"CVE-2026-1", "curl"}, kNow}};

    const auto odd = judge_host(foreign.inventory(), &*catalog, {}, {seen, wall}, kNow);
    const auto blind = judge_host(a_host().inventory(), nullptr, {}, {seen, wall}, kNow);
    AHost other("debian", "12");
    other.has("deb", "zlib", "1");
    const auto gone = judge_host(other.inventory(), &*catalog, {}, {seen, wall}, kNow);

    EXPECT_EQ(odd->needed_controls, std::vector<std::string>{"wall"});
    EXPECT_EQ(blind->needed_controls, std::vector<std::string>{"wall"});
    EXPECT_TRUE(gone->needed_controls.empty());
}

}  // namespace thimble::fleet
