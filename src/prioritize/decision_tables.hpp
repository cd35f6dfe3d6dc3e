#pragma once
/// @file The two published decision tables, as data. Pure.

#include "thimble/model/decision.hpp"
#include "thimble/model/vulnerability.hpp"

#include <span>

namespace thimble::prioritize {

struct DeployerRow {
    int row;
    model::Exploitation exploitation;
    model::SystemExposure exposure;
    model::Automatable automatable;
    model::HumanImpact impact;
    model::SsvcOutcome outcome;
};

struct BodRow {
    int row;
    bool kev;
    bool exposed;
    model::Automatable automatable;
    model::TechnicalImpact impact;
    int days;  ///< 0: with the next system upgrade
    bool forensic;
};

/// @source CERT/CC SSVC "Deployer Patch Application Priority" 1.0.0, 72 rows
std::span<const DeployerRow> deployer_table();
/// @source CISA BOD 26-04 remediation timelines 1.0.0, as kept by CERT/CC SSVC, 16 rows
std::span<const BodRow> bod_2604_table();

const DeployerRow& deployer_row(
    model::Exploitation exploitation,
    model::SystemExposure exposure,
    model::Automatable automatable,
    model::HumanImpact impact);

const BodRow& bod_2604_row(
    bool kev, bool exposed, model::Automatable automatable, model::TechnicalImpact impact);

}  // namespace thimble::prioritize
