#include "thimble/prioritize/shield.hpp"

#include "thimble/prioritize/order_of_work.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace thimble::prioritize {
namespace {

using model::AttackReach;
using model::AttackVector;
using model::ControlKind;
using model::SystemExposure;

const Instant kSeen = *parse_instant("2026-11-01");
constexpr AttackReach kRemote{AttackVector::Network, false};

HostControl a_control(ControlKind kind) {
    HostControl control;
    control.id = control.name = "c";
    control.kind = kind;
    control.covers = {"CVE-2026-1"};
    control.expires_at = kSeen + Days{30};
    return control;
}

TEST(RefusalOf, MonitoringNeverCounts) {
    EXPECT_EQ(refusal_of(a_control(ControlKind::Monitoring), kRemote), ShieldRefusal::Monitoring);
}

TEST(RefusalOf, AVirtualPatchCountsAgainstRemoteAttacksWithoutPrivilegesAlone) {
    const HostControl patch = a_control(ControlKind::VirtualPatch);

    EXPECT_FALSE(refusal_of(patch, kRemote));
    EXPECT_FALSE(refusal_of(patch, {AttackVector::Adjacent, false}));
    EXPECT_EQ(refusal_of(patch, {AttackVector::Local, false}), ShieldRefusal::NotRemote);
    EXPECT_EQ(refusal_of(patch, {AttackVector::Physical, false}), ShieldRefusal::NotRemote);
    EXPECT_EQ(refusal_of(patch, {AttackVector::Network, true}), ShieldRefusal::NeedsPrivileges);
    EXPECT_EQ(refusal_of(patch, {AttackVector::Network, {}}), ShieldRefusal::NeedsPrivileges);
    EXPECT_EQ(refusal_of(patch, {}), ShieldRefusal::ReachUnknown);
}

TEST(RefusalOf, SegmentationCountsForNetworkVectorsAlone) {
    const HostControl wall = a_control(ControlKind::Segmentation);

    EXPECT_FALSE(refusal_of(wall, {AttackVector::Network, true}));
    EXPECT_EQ(refusal_of(wall, {AttackVector::Adjacent, false}), ShieldRefusal::NotRouted);
    EXPECT_EQ(refusal_of(wall, {AttackVector::Local, false}), ShieldRefusal::NotRemote);
}

TEST(RefusalOf, HardeningCountsWhereItClosesTheService) {
    HostControl hardening = a_control(ControlKind::Hardening);
    EXPECT_EQ(refusal_of(hardening, kRemote), ShieldRefusal::KeepsListener);

    hardening.closes_listener = true;
    EXPECT_FALSE(refusal_of(hardening, kRemote));
}

HostControl a_hardening(const std::string& fenced_unit = "") {
    HostControl control = a_control(ControlKind::Hardening);
    control.sources = {"nginx"};
    control.closes_listener = true;
    control.fenced_unit = fenced_unit;
    return control;
}

TEST(RefusalOfHardening, WhatIsSwitchedOffMustBeSeenToListenNoMore) {
    EXPECT_FALSE(refusal_of_hardening(a_hardening(), {"nginx", false}));
    EXPECT_EQ(refusal_of_hardening(a_hardening(), {"nginx", true}), ShieldRefusal::KeepsListener);
    EXPECT_EQ(refusal_of_hardening(a_hardening(), {"nginx"}), ShieldRefusal::ListenersUnknown);
    HostControl anything = a_hardening();
    anything.sources.clear();
    EXPECT_EQ(refusal_of_hardening(anything, {"nginx", false}), ShieldRefusal::NamesNoSource);
}

TEST(RefusalOfHardening, AFenceMustBeAroundAllOfThePackageThatListens) {
    const auto refusal = [](const std::string& unit,
                            const std::vector<std::string_view>& programs) {
        return refusal_of_hardening(a_hardening(unit), {"samba", true, programs});
    };
    EXPECT_FALSE(refusal("smbd.service", {"smbd", "smbd"}));
    EXPECT_FALSE(refusal("smb@1.service", {"smbd"}));
    EXPECT_FALSE(refusal("systemd-resolved.service", {"systemd-resolve"})) << "as the kernel cuts";
    EXPECT_EQ(refusal("nmbd.service", {"nmbd", "smbd"}), ShieldRefusal::OtherUnit);
    EXPECT_EQ(refusal("samba.service", {"smbd"}), ShieldRefusal::OtherUnit);
    EXPECT_EQ(refusal("smb.service", {"smbdx"}), ShieldRefusal::OtherUnit);
    EXPECT_EQ(refusal("smbd.service", {"smbd", ""}), ShieldRefusal::OtherUnit) << "not known";
    EXPECT_EQ(refusal("smbd.service", {}), ShieldRefusal::OtherUnit);
}

TEST(RefusalOf, WhatStandsAgainstAControlStandsForEveryFinding) {
    HostControl control = a_control(ControlKind::Isolation);
    control.refusal = ShieldRefusal::NotVerified;

    EXPECT_EQ(refusal_of(control, kRemote), ShieldRefusal::NotVerified);
}

TEST(Behind, AControlNeverRaisesAnExposure) {
    EXPECT_TRUE(rc::check("no exposure is larger behind a control", [] {
        const Exposure before{
            static_cast<SystemExposure>(*rc::gen::inRange(0, 3)),
            *rc::gen::arbitrary<bool>(),
            "default",
            ""};
        const auto kind = *rc::gen::elementOf(
            std::vector(model::kControlKinds.begin(), model::kControlKinds.end()));
        const Exposure after = behind(a_control(kind), before);
        RC_ASSERT(after.system <= before.system);
        RC_ASSERT(!after.publicly_exposed);
    }));
}

TEST(ShieldOf, TakesTheOneThatLeavesTheLeastExposure) {
    HostControl wall = a_control(ControlKind::Segmentation);
    wall.expires_at += Days{30};
    HostControl isolation = a_control(ControlKind::Isolation);
    isolation.id = "i";
    const std::vector<HostControl> both{wall, isolation};

    EXPECT_EQ(shield_of(both, "CVE-2026-1", {"curl"}, kRemote).control->id, "i");
    EXPECT_EQ(shield_of(both, "CVE-2026-2", {"curl"}, kRemote).control, nullptr);
}

TEST(ShieldOf, SaysWhyNoneCounts) {
    HostControl monitoring = a_control(ControlKind::Monitoring);
    monitoring.sources = {"curl"};
    const std::vector<HostControl> one{monitoring};

    const Shield shield = shield_of(one, "CVE-2026-1", {"curl"}, kRemote);
    EXPECT_EQ(shield.control, nullptr);
    EXPECT_EQ(shield.refusal, ShieldRefusal::Monitoring);
    EXPECT_EQ(shield_of(one, "CVE-2026-1", {"wget"}, kRemote).refused, nullptr);
}

/// A host with one exploited, exposed finding.
struct Scene {
    model::Inventory inventory;
    model::Assessment assessment;

    Scene() {
        inventory.listeners_known = true;
        inventory.packages.emplace_back();
        inventory.packages[0].type = "deb";
        inventory.packages[0].name = inventory.packages[0].source_name = "nginx";
        inventory.packages[0].version = inventory.packages[0].source_version = "1";
        model::Listener listener;
        listener.protocol = "tcp";
        listener.address = "0.0.0.0";
        listener.port = 80;
        listener.pid = 1;
        listener.package = "nginx";
        listener.command = "nginx";
        inventory.listeners = {listener};
        assessment.vulnerabilities.resize(2);
        model::VulnerabilityFacts& facts = assessment.vulnerabilities[1];
        facts.id = "CVE-2026-1";
        facts.kev = model::KevEntry{kSeen, {}, "", false};
        facts.ssvc = model::SsvcPoints{
            model::Exploitation::Active,
            model::Automatable::No,
            model::TechnicalImpact::Partial,
            kSeen};
        facts.cvss_vectors = {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"};
        assessment.findings = {{1, 0, model::FindingStatus::AffectedFixAvailable, "2", "", "", {}}};
    }
    [[nodiscard]] model::OrderOfWork work(const std::vector<HostControl>& controls) const {
        return order_of_work(
            inventory, assessment, PriorityPolicy(), std::vector<Instant>{kSeen}, controls);
    }
};

TEST(OrderOfWork, AControlThatCountsChangesTheInputsAndTheDueDateFollows) {
    Scene scene;
    scene.assessment.vulnerabilities[1].ssvc->automatable = model::Automatable::Yes;
    const model::OrderOfWork bare = scene.work({});
    const model::OrderOfWork shielded = scene.work({a_control(ControlKind::Segmentation)});

    const model::Decision& decision = shielded.decisions[shielded.decision_of_finding[0]];
    EXPECT_EQ(decision.exposure, SystemExposure::Controlled);
    EXPECT_EQ(bare.due_of_finding[0].due, kSeen + Days{3});
    EXPECT_EQ(shielded.due_of_finding[0].due, kSeen + Days{14});
    EXPECT_EQ(shielded.patches.at(0).due.due, kSeen + Days{14});
    const model::Mitigation& mitigation = shielded.mitigations.at(0);
    EXPECT_EQ(mitigation.control, "c");
    EXPECT_EQ(mitigation.until, kSeen + Days{30});
    EXPECT_EQ(mitigation.bare_due, bare.due_of_finding[0]);
    EXPECT_EQ(
        shielded.decisions[mitigation.bare_decision], bare.decisions[bare.decision_of_finding[0]]);
}

TEST(OrderOfWork, HardeningCountsWhereItConcernsWhatIsOpen) {
    Scene scene;
    const auto refusal = [&](const HostControl& control) {
        return scene.work({control}).mitigations.at(0).refusal;
    };
    EXPECT_EQ(refusal(a_hardening()), "it leaves the service reachable") << "it listens still";
    EXPECT_EQ(refusal(a_hardening("nginx.service")), "");
    EXPECT_EQ(
        refusal(a_hardening("cups.service")),
        "what listens of that package is not, or not all, of the unit that it fences in");
    scene.inventory.listeners.push_back(scene.inventory.listeners.front());
    scene.inventory.listeners.back().command = "helper";
    EXPECT_NE(refusal(a_hardening("nginx.service")), "") << "another program of it listens";
    scene.inventory.listeners.back().loopback = true;
    EXPECT_EQ(refusal(a_hardening("nginx.service")), "") << "which nobody else reaches";
    scene.inventory.listeners.clear();
    EXPECT_EQ(refusal(a_hardening()), "");
    scene.inventory.listeners_known = false;
    EXPECT_NE(refusal(a_hardening()), "");
    HostControl other = a_hardening();
    other.sources = {"cups"};
    EXPECT_TRUE(scene.work({other}).mitigations.empty()) << "it is about another package";
}

TEST(OrderOfWork, AControlThatDoesNotCountChangesNothingAndSaysWhy) {
    const Scene scene;
    const model::OrderOfWork bare = scene.work({});
    const model::OrderOfWork watched = scene.work({a_control(ControlKind::Monitoring)});

    EXPECT_EQ(watched.patches, bare.patches);
    EXPECT_EQ(watched.due_of_finding, bare.due_of_finding);
    EXPECT_EQ(watched.mitigations.at(0).refusal, "monitoring stops no attack");
    EXPECT_FALSE(watched.mitigations.at(0).until);
}

}  // namespace
}  // namespace thimble::prioritize
