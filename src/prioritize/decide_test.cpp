#include "thimble/prioritize/decide.hpp"

#include "thimble/prioritize/alternatives.hpp"
#include "thimble/prioritize/decision_tables.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::prioritize {
namespace {

using model::Automatable;
using model::Exploitation;
using model::SsvcOutcome;
using model::SystemExposure;
using model::TechnicalImpact;
using model::VulnerabilityFacts;

Instant day(const char* text) {
    return *parse_instant(text);
}

VulnerabilityFacts with_ssvc(
    Exploitation exploitation, Automatable automatable, TechnicalImpact impact) {
    VulnerabilityFacts facts;
    facts.ssvc = model::SsvcPoints{exploitation, automatable, impact, day("2026-10-01")};
    return facts;
}

VulnerabilityFacts in_kev(VulnerabilityFacts facts) {
    facts.kev = model::KevEntry{day("2026-10-10"), {}, "", false};
    return facts;
}

Exposure exposed(bool publicly, SystemExposure system = SystemExposure::Open) {
    return {system, publicly, "listening sockets", ""};
}

const model::DecisionInput& input(const model::Decision& decision, std::string_view name) {
    return *std::find_if(
        decision.inputs.begin(), decision.inputs.end(), [name](const model::DecisionInput& one) {
            return one.name == name;
        });
}

TEST(Decide, WithoutSsvcAVulnerabilityIsNotAutomatableAndHasTotalImpact) {
    const model::Decision decision = decide({}, exposed(true), {}, true);

    EXPECT_EQ(decision.bod_row, 9);
    EXPECT_EQ(decision.deadline, Days{14});
    EXPECT_EQ(input(decision, "technical_impact").source, "default");
}

TEST(Decide, AnExploitedExposedTotalOneIsDueInThreeDaysWithEvidenceFirst) {
    const model::Decision decision = decide(
        in_kev(with_ssvc(Exploitation::Active, Automatable::Yes, TechnicalImpact::Total)),
        exposed(true),
        {},
        true);

    EXPECT_EQ(decision.bod_row, 15);
    EXPECT_EQ(decision.deadline, Days{3});
    EXPECT_TRUE(decision.forensic);
    EXPECT_EQ(decision.outcome, SsvcOutcome::OutOfCycle);
    EXPECT_FALSE(decision.raised) << "the table itself says so for medium human impact";
}

TEST(Decide, PublicExploitIsNeverBelowOutOfCycleWhileAFixIsAvailable) {
    VulnerabilityFacts facts =
        with_ssvc(Exploitation::None, Automatable::No, TechnicalImpact::Partial);
    facts.exploits.push_back({"metasploit", "exploit/x"});

    const model::Decision with_fix = decide(facts, exposed(false, SystemExposure::Small), {}, true);
    const model::Decision without = decide(facts, exposed(false, SystemExposure::Small), {}, false);

    EXPECT_EQ(with_fix.outcome, SsvcOutcome::OutOfCycle);
    EXPECT_TRUE(with_fix.raised);
    EXPECT_LT(without.outcome, SsvcOutcome::OutOfCycle);
    EXPECT_TRUE(with_fix.public_poc);
}

TEST(Decide, ActiveExploitationOutsideKevIsExploitedElsewhere) {
    const model::Decision decision = decide(
        with_ssvc(Exploitation::Active, Automatable::No, TechnicalImpact::Total),
        exposed(false),
        {},
        true);

    EXPECT_FALSE(decision.kev);
    EXPECT_TRUE(decision.exploited_elsewhere);
}

TEST(Decide, NotInKevIsAnAssumptionWhereNoKevWasRead) {
    PriorityPolicy policy;
    policy.kev_known = false;

    EXPECT_EQ(input(decide({}, exposed(false), policy, true), "kev").source, "default");
    EXPECT_EQ(input(decide({}, exposed(false), {}, true), "kev").source, "kev");
}

TEST(DueDate, ClockStartsAtTheEarlierOfKevAndDetection) {
    const VulnerabilityFacts facts =
        in_kev(with_ssvc(Exploitation::Active, Automatable::No, TechnicalImpact::Partial));
    const model::Decision decision = decide(facts, exposed(false), {}, true);

    EXPECT_EQ(due_date(decision, facts, {}, day("2026-11-01")).due, day("2026-10-24"));
    EXPECT_EQ(due_date(decision, facts, {}, day("2026-10-01")).due, day("2026-10-15"));
}

TEST(DueDate, TheEarliestRuleWinsAndIsNamed) {
    VulnerabilityFacts facts =
        with_ssvc(Exploitation::None, Automatable::Yes, TechnicalImpact::Partial);
    facts.cvss.severity = model::Severity::Critical;
    const model::Decision decision = decide(facts, exposed(false), {}, true);
    PriorityPolicy pci;
    pci.cardholder_data = true;
    PriorityPolicy strict = pci;
    strict.policy_deadline = Days{7};

    EXPECT_EQ(due_date(decision, facts, {}, day("2026-11-01")).rule, "BOD 26-04 row 3");
    EXPECT_EQ(due_date(decision, facts, {}, day("2026-11-01")).due, day("2026-12-31"));
    EXPECT_EQ(due_date(decision, facts, pci, day("2026-11-01")).rule, "PCI DSS 6.3.3");
    EXPECT_EQ(due_date(decision, facts, strict, day("2026-11-01")).rule, "owner's policy");
    EXPECT_EQ(due_date(decision, facts, strict, day("2026-11-01")).due, day("2026-11-08"));
}

TEST(DueDate, WithTheNextUpgradeHasNoDay) {
    const VulnerabilityFacts facts =
        with_ssvc(Exploitation::None, Automatable::No, TechnicalImpact::Partial);

    const model::DueDate due =
        due_date(decide(facts, exposed(false), {}, true), facts, {}, day("2026-11-01"));

    EXPECT_FALSE(due.due);
    EXPECT_EQ(due.rule, "BOD 26-04 row 0");
}

TEST(Tables, HaveOneRowForEveryCombination) {
    EXPECT_EQ(deployer_table().size(), 72U);
    EXPECT_EQ(bod_2604_table().size(), 16U);
    for (const auto exploitation :
         {Exploitation::None, Exploitation::PublicPoc, Exploitation::Active}) {
        for (const auto exposure :
             {SystemExposure::Small, SystemExposure::Controlled, SystemExposure::Open}) {
            for (const auto automatable : {Automatable::No, Automatable::Yes}) {
                using model::HumanImpact;
                for (const auto impact :
                     {HumanImpact::Low,
                      HumanImpact::Medium,
                      HumanImpact::High,
                      HumanImpact::VeryHigh}) {
                    const DeployerRow& row =
                        deployer_row(exploitation, exposure, automatable, impact);
                    EXPECT_TRUE(row.exploitation == exploitation && row.impact == impact);
                }
            }
        }
    }
    for (int row = 0; row < 16; ++row) {
        EXPECT_EQ(bod_2604_table()[static_cast<std::size_t>(row)].row, row);
    }
}

TEST(Alternatives, NameOnlyWhatChangesTheDecision) {
    const std::vector<Alternative> found = alternatives(
        with_ssvc(Exploitation::None, Automatable::No, TechnicalImpact::Partial),
        exposed(false),
        {},
        true);

    const auto says = [&found](std::string_view words) {
        return std::any_of(found.begin(), found.end(), [words](const Alternative& one) {
            return one.change == words;
        });
    };
    EXPECT_TRUE(says("if it were added to KEV"));
    EXPECT_FALSE(says("if CISA called it not automatable"));
}

}  // namespace
}  // namespace thimble::prioritize
