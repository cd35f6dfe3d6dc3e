#include "thimble/prioritize/propose_controls.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::prioritize {
namespace {

using model::ControlKind;

const Instant kSeen = *parse_instant("2026-11-01");

model::VulnerabilityFacts with_vector(const std::string& vector) {
    model::VulnerabilityFacts facts;
    facts.id = "CVE-2026-1";
    facts.ssvc = model::SsvcPoints{
        model::Exploitation::Active, model::Automatable::Yes, model::TechnicalImpact::Total, kSeen};
    facts.cvss_vectors = {vector};
    return facts;
}

std::vector<ControlProposal> proposals_for(const std::string& vector) {
    const auto facts = with_vector(vector);
    return propose_controls(
        {facts,
         {model::SystemExposure::Open, true, "listening sockets", "tcp 0.0.0.0:80"},
         true,
         kSeen},
        {});
}

const ControlProposal& of(const std::vector<ControlProposal>& all, ControlKind kind) {
    return *std::ranges::find(all, kind, &ControlProposal::kind);
}

TEST(ProposeControls, SaysWhatEachKindWouldChange) {
    const auto all = proposals_for("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");

    ASSERT_EQ(all.size(), model::kControlKinds.size());
    const ControlProposal& patch = of(all, ControlKind::VirtualPatch);
    EXPECT_FALSE(patch.refusal);
    EXPECT_TRUE(patch.changes_decision);
    EXPECT_EQ(patch.due.due, kSeen + Days{60});
    EXPECT_EQ(of(all, ControlKind::Monitoring).due.due, kSeen + Days{3});
    EXPECT_EQ(of(all, ControlKind::Monitoring).refusal, ShieldRefusal::Monitoring);
    EXPECT_EQ(all.back().kind, ControlKind::Monitoring);
}

TEST(ProposeControls, ARuleAboutRequestsIsNotTheFirstAgainstWhatExhaustsTheProtocol) {
    const auto all = proposals_for("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H");

    EXPECT_FALSE(of(all, ControlKind::VirtualPatch).refusal) << "some are in one request";
    EXPECT_NE(all.front().kind, ControlKind::VirtualPatch);
    EXPECT_EQ(
        proposals_for("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:H").front().kind,
        ControlKind::VirtualPatch);
}

TEST(ProposeControls, NothingHelpsAgainstALocalAttack) {
    const auto all = proposals_for("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H");

    EXPECT_TRUE(std::ranges::all_of(
        all, [](const ControlProposal& one) { return one.refusal && !one.changes_decision; }));
}

TEST(ProposeControls, AnAttackWithPrivilegesIsNotForARuleAboutRequests) {
    const auto all = proposals_for("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H");

    EXPECT_EQ(of(all, ControlKind::VirtualPatch).refusal, ShieldRefusal::NeedsPrivileges);
    EXPECT_FALSE(of(all, ControlKind::Segmentation).refusal);
    EXPECT_NE(all.front().kind, ControlKind::VirtualPatch);
}

}  // namespace
}  // namespace thimble::prioritize
