#include "thimble/prioritize/decision_tables.hpp"

#include <algorithm>
#include <array>

namespace thimble::prioritize {
namespace {

using enum model::SsvcOutcome;
using Exploited = model::Exploitation;
using Exposed = model::SystemExposure;
using Auto = model::Automatable;
using Impact = model::HumanImpact;
using Technical = model::TechnicalImpact;

// SSVC deployer, patch application priority 1.0.0: one line per row of the published table.
constexpr std::array kDeployer{
    DeployerRow{0, Exploited::None, Exposed::Small, Auto::No, Impact::Low, Defer},
    DeployerRow{1, Exploited::None, Exposed::Small, Auto::No, Impact::Medium, Defer},
    DeployerRow{2, Exploited::None, Exposed::Small, Auto::No, Impact::High, Scheduled},
    DeployerRow{3, Exploited::None, Exposed::Small, Auto::No, Impact::VeryHigh, Scheduled},
    DeployerRow{4, Exploited::None, Exposed::Small, Auto::Yes, Impact::Low, Defer},
    DeployerRow{5, Exploited::None, Exposed::Small, Auto::Yes, Impact::Medium, Scheduled},
    DeployerRow{6, Exploited::None, Exposed::Small, Auto::Yes, Impact::High, Scheduled},
    DeployerRow{7, Exploited::None, Exposed::Small, Auto::Yes, Impact::VeryHigh, Scheduled},
    DeployerRow{8, Exploited::None, Exposed::Controlled, Auto::No, Impact::Low, Defer},
    DeployerRow{9, Exploited::None, Exposed::Controlled, Auto::No, Impact::Medium, Scheduled},
    DeployerRow{10, Exploited::None, Exposed::Controlled, Auto::No, Impact::High, Scheduled},
    DeployerRow{11, Exploited::None, Exposed::Controlled, Auto::No, Impact::VeryHigh, Scheduled},
    DeployerRow{12, Exploited::None, Exposed::Controlled, Auto::Yes, Impact::Low, Scheduled},
    DeployerRow{13, Exploited::None, Exposed::Controlled, Auto::Yes, Impact::Medium, Scheduled},
    DeployerRow{14, Exploited::None, Exposed::Controlled, Auto::Yes, Impact::High, Scheduled},
    DeployerRow{15, Exploited::None, Exposed::Controlled, Auto::Yes, Impact::VeryHigh, Scheduled},
    DeployerRow{16, Exploited::None, Exposed::Open, Auto::No, Impact::Low, Defer},
    DeployerRow{17, Exploited::None, Exposed::Open, Auto::No, Impact::Medium, Scheduled},
    DeployerRow{18, Exploited::None, Exposed::Open, Auto::No, Impact::High, Scheduled},
    DeployerRow{19, Exploited::None, Exposed::Open, Auto::No, Impact::VeryHigh, Scheduled},
    DeployerRow{20, Exploited::None, Exposed::Open, Auto::Yes, Impact::Low, Scheduled},
    DeployerRow{21, Exploited::None, Exposed::Open, Auto::Yes, Impact::Medium, Scheduled},
    DeployerRow{22, Exploited::None, Exposed::Open, Auto::Yes, Impact::High, Scheduled},
    DeployerRow{23, Exploited::None, Exposed::Open, Auto::Yes, Impact::VeryHigh, OutOfCycle},
    DeployerRow{24, Exploited::PublicPoc, Exposed::Small, Auto::No, Impact::Low, Defer},
    DeployerRow{25, Exploited::PublicPoc, Exposed::Small, Auto::No, Impact::Medium, Scheduled},
    DeployerRow{26, Exploited::PublicPoc, Exposed::Small, Auto::No, Impact::High, Scheduled},
    DeployerRow{27, Exploited::PublicPoc, Exposed::Small, Auto::No, Impact::VeryHigh, Scheduled},
    DeployerRow{28, Exploited::PublicPoc, Exposed::Small, Auto::Yes, Impact::Low, Scheduled},
    DeployerRow{29, Exploited::PublicPoc, Exposed::Small, Auto::Yes, Impact::Medium, Scheduled},
    DeployerRow{30, Exploited::PublicPoc, Exposed::Small, Auto::Yes, Impact::High, Scheduled},
    DeployerRow{31, Exploited::PublicPoc, Exposed::Small, Auto::Yes, Impact::VeryHigh, Scheduled},
    DeployerRow{32, Exploited::PublicPoc, Exposed::Controlled, Auto::No, Impact::Low, Defer},
    DeployerRow{33, Exploited::PublicPoc, Exposed::Controlled, Auto::No, Impact::Medium, Scheduled},
    DeployerRow{34, Exploited::PublicPoc, Exposed::Controlled, Auto::No, Impact::High, Scheduled},
    DeployerRow{
        35, Exploited::PublicPoc, Exposed::Controlled, Auto::No, Impact::VeryHigh, Scheduled},
    DeployerRow{36, Exploited::PublicPoc, Exposed::Controlled, Auto::Yes, Impact::Low, Scheduled},
    DeployerRow{
        37, Exploited::PublicPoc, Exposed::Controlled, Auto::Yes, Impact::Medium, Scheduled},
    DeployerRow{38, Exploited::PublicPoc, Exposed::Controlled, Auto::Yes, Impact::High, Scheduled},
    DeployerRow{
        39, Exploited::PublicPoc, Exposed::Controlled, Auto::Yes, Impact::VeryHigh, OutOfCycle},
    DeployerRow{40, Exploited::PublicPoc, Exposed::Open, Auto::No, Impact::Low, Scheduled},
    DeployerRow{41, Exploited::PublicPoc, Exposed::Open, Auto::No, Impact::Medium, Scheduled},
    DeployerRow{42, Exploited::PublicPoc, Exposed::Open, Auto::No, Impact::High, Scheduled},
    DeployerRow{43, Exploited::PublicPoc, Exposed::Open, Auto::No, Impact::VeryHigh, OutOfCycle},
    DeployerRow{44, Exploited::PublicPoc, Exposed::Open, Auto::Yes, Impact::Low, Scheduled},
    DeployerRow{45, Exploited::PublicPoc, Exposed::Open, Auto::Yes, Impact::Medium, Scheduled},
    DeployerRow{46, Exploited::PublicPoc, Exposed::Open, Auto::Yes, Impact::High, OutOfCycle},
    DeployerRow{47, Exploited::PublicPoc, Exposed::Open, Auto::Yes, Impact::VeryHigh, OutOfCycle},
    DeployerRow{48, Exploited::Active, Exposed::Small, Auto::No, Impact::Low, Scheduled},
    DeployerRow{49, Exploited::Active, Exposed::Small, Auto::No, Impact::Medium, Scheduled},
    DeployerRow{50, Exploited::Active, Exposed::Small, Auto::No, Impact::High, OutOfCycle},
    DeployerRow{51, Exploited::Active, Exposed::Small, Auto::No, Impact::VeryHigh, OutOfCycle},
    DeployerRow{52, Exploited::Active, Exposed::Small, Auto::Yes, Impact::Low, Scheduled},
    DeployerRow{53, Exploited::Active, Exposed::Small, Auto::Yes, Impact::Medium, OutOfCycle},
    DeployerRow{54, Exploited::Active, Exposed::Small, Auto::Yes, Impact::High, OutOfCycle},
    DeployerRow{55, Exploited::Active, Exposed::Small, Auto::Yes, Impact::VeryHigh, OutOfCycle},
    DeployerRow{56, Exploited::Active, Exposed::Controlled, Auto::No, Impact::Low, Scheduled},
    DeployerRow{57, Exploited::Active, Exposed::Controlled, Auto::No, Impact::Medium, Scheduled},
    DeployerRow{58, Exploited::Active, Exposed::Controlled, Auto::No, Impact::High, OutOfCycle},
    DeployerRow{59, Exploited::Active, Exposed::Controlled, Auto::No, Impact::VeryHigh, OutOfCycle},
    DeployerRow{60, Exploited::Active, Exposed::Controlled, Auto::Yes, Impact::Low, OutOfCycle},
    DeployerRow{61, Exploited::Active, Exposed::Controlled, Auto::Yes, Impact::Medium, OutOfCycle},
    DeployerRow{62, Exploited::Active, Exposed::Controlled, Auto::Yes, Impact::High, OutOfCycle},
    DeployerRow{
        63, Exploited::Active, Exposed::Controlled, Auto::Yes, Impact::VeryHigh, OutOfCycle},
    DeployerRow{64, Exploited::Active, Exposed::Open, Auto::No, Impact::Low, Scheduled},
    DeployerRow{65, Exploited::Active, Exposed::Open, Auto::No, Impact::Medium, OutOfCycle},
    DeployerRow{66, Exploited::Active, Exposed::Open, Auto::No, Impact::High, OutOfCycle},
    DeployerRow{67, Exploited::Active, Exposed::Open, Auto::No, Impact::VeryHigh, Immediate},
    DeployerRow{68, Exploited::Active, Exposed::Open, Auto::Yes, Impact::Low, OutOfCycle},
    DeployerRow{69, Exploited::Active, Exposed::Open, Auto::Yes, Impact::Medium, OutOfCycle},
    DeployerRow{70, Exploited::Active, Exposed::Open, Auto::Yes, Impact::High, Immediate},
    DeployerRow{71, Exploited::Active, Exposed::Open, Auto::Yes, Impact::VeryHigh, Immediate},
};

// CISA BOD 26-04 remediation timelines 1.0.0. Days 0: with the next system upgrade.
constexpr std::array kBod2604{
    BodRow{0, false, false, Auto::No, Technical::Partial, 0, false},
    BodRow{1, true, false, Auto::No, Technical::Partial, 14, false},
    BodRow{2, false, true, Auto::No, Technical::Partial, 60, false},
    BodRow{3, false, false, Auto::Yes, Technical::Partial, 60, false},
    BodRow{4, false, false, Auto::No, Technical::Total, 0, false},
    BodRow{5, true, true, Auto::No, Technical::Partial, 14, false},
    BodRow{6, true, false, Auto::Yes, Technical::Partial, 14, false},
    BodRow{7, false, true, Auto::Yes, Technical::Partial, 14, false},
    BodRow{8, true, false, Auto::No, Technical::Total, 14, false},
    BodRow{9, false, true, Auto::No, Technical::Total, 14, false},
    BodRow{10, false, false, Auto::Yes, Technical::Total, 60, false},
    BodRow{11, true, true, Auto::Yes, Technical::Partial, 3, false},
    BodRow{12, true, true, Auto::No, Technical::Total, 3, true},
    BodRow{13, true, false, Auto::Yes, Technical::Total, 3, true},
    BodRow{14, false, true, Auto::Yes, Technical::Total, 3, false},
    BodRow{15, true, true, Auto::Yes, Technical::Total, 3, true},
};

}  // namespace

std::span<const DeployerRow> deployer_table() {
    return kDeployer;
}

std::span<const BodRow> bod_2604_table() {
    return kBod2604;
}

const DeployerRow& deployer_row(
    model::Exploitation exploitation,
    model::SystemExposure exposure,
    model::Automatable automatable,
    model::HumanImpact impact) {
    // The table is complete: 3 × 3 × 2 × 4 rows, checked by a test.
    return *std::find_if(kDeployer.begin(), kDeployer.end(), [&](const DeployerRow& row) {
        return row.exploitation == exploitation && row.exposure == exposure
            && row.automatable == automatable && row.impact == impact;
    });
}

const BodRow& bod_2604_row(
    bool kev, bool exposed, model::Automatable automatable, model::TechnicalImpact impact) {
    return *std::find_if(kBod2604.begin(), kBod2604.end(), [&](const BodRow& row) {
        return row.kev == kev && row.exposed == exposed && row.automatable == automatable
            && row.impact == impact;
    });
}

}  // namespace thimble::prioritize
