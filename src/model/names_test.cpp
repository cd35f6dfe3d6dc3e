// The stable words of enumerations: documents on disk and scripts hold them.
#include "thimble/model/decision.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/package_name.hpp"
#include "thimble/model/package_words.hpp"
#include "thimble/model/plan.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::model {
namespace {

TEST(PlannedChangeName, IsStable) {
    EXPECT_EQ(planned_change_name(PlannedChange::Install), "install");
    EXPECT_EQ(planned_change_name(PlannedChange::Upgrade), "upgrade");
    EXPECT_EQ(planned_change_name(PlannedChange::Downgrade), "downgrade");
    EXPECT_EQ(planned_change_name(PlannedChange::Reinstall), "reinstall");
    EXPECT_EQ(planned_change_name(PlannedChange::Remove), "remove");
}

TEST(ConffileConflictName, IsStable) {
    EXPECT_EQ(conffile_conflict_name(ConffileConflict::Edited), "edited");
    EXPECT_EQ(conffile_conflict_name(ConffileConflict::Deleted), "deleted");
    EXPECT_EQ(conffile_conflict_name(ConffileConflict::Foreign), "foreign");
    EXPECT_EQ(conffile_conflict_name(ConffileConflict::Replaced), "replaced");
}

TEST(UpgradeLevelName, IsTheWordOfTheCommandLine) {
    EXPECT_EQ(upgrade_level_name(UpgradeLevel::SecurityOnly), "security-only");
    EXPECT_EQ(upgrade_level_name(UpgradeLevel::Upgrade), "upgrade");
    EXPECT_EQ(upgrade_level_name(UpgradeLevel::UpgradeWithNew), "upgrade-with-new");
    EXPECT_EQ(upgrade_level_name(UpgradeLevel::Full), "full");
}

TEST(ProbeKindName, IsTheWordOfTheCommandLine) {
    EXPECT_EQ(probe_kind_name(ProbeKind::Tcp), "tcp");
    EXPECT_EQ(probe_kind_name(ProbeKind::Http), "http");
    EXPECT_EQ(probe_kind_name(ProbeKind::Command), "command");
}

TEST(ConffilePolicyName, IsTheWordOfTheCommandLine) {
    EXPECT_EQ(conffile_policy_name(ConffilePolicy::KeepOld), "keep-old");
    EXPECT_EQ(conffile_policy_name(ConffilePolicy::Refuse), "refuse");
}

TEST(DecisionNames, AreThoseOfTheTables) {
    EXPECT_EQ(ssvc_outcome_name(SsvcOutcome::Defer), "defer");
    EXPECT_EQ(ssvc_outcome_name(SsvcOutcome::Scheduled), "scheduled");
    EXPECT_EQ(ssvc_outcome_name(SsvcOutcome::OutOfCycle), "out-of-cycle");
    EXPECT_EQ(ssvc_outcome_name(SsvcOutcome::Immediate), "immediate");
    EXPECT_EQ(system_exposure_name(SystemExposure::Small), "small");
    EXPECT_EQ(system_exposure_name(SystemExposure::Controlled), "controlled");
    EXPECT_EQ(system_exposure_name(SystemExposure::Open), "open");
    EXPECT_EQ(human_impact_name(HumanImpact::Low), "low");
    EXPECT_EQ(human_impact_name(HumanImpact::Medium), "medium");
    EXPECT_EQ(human_impact_name(HumanImpact::High), "high");
    EXPECT_EQ(human_impact_name(HumanImpact::VeryHigh), "very high");
}

TEST(DecisionNames, OfAValueThatIsNoneAreTheMostUrgent) {
    EXPECT_EQ(ssvc_outcome_name(static_cast<SsvcOutcome>(99)), "immediate");
    EXPECT_EQ(system_exposure_name(static_cast<SystemExposure>(99)), "open");
    EXPECT_EQ(human_impact_name(static_cast<HumanImpact>(99)), "very high");
    EXPECT_EQ(finding_status_name(static_cast<FindingStatus>(99)), "unknown");
}

TEST(FoldPackageName, MakesOneNameOfTheSpellingsThatAnEcosystemTakesForOne) {
    EXPECT_EQ(fold_package_name("PyPI", "Flask__Login.x"), "flask-login-x");
    EXPECT_EQ(fold_package_name("PyPI", "_a"), "-a");
    EXPECT_EQ(fold_package_name("crates.io", "Serde_Json"), "serde-json");
    EXPECT_EQ(fold_package_name("NuGet", "Newtonsoft.Json"), "newtonsoft.json");
    EXPECT_EQ(fold_package_name("Packagist", "Symfony/HTTP"), "symfony/http");
    EXPECT_EQ(fold_package_name("npm", "JSONStream"), "JSONStream");
}

TEST(IsPlainPath, RefusesWhatLeadsElsewhereOrHoldsOddBytes) {
    EXPECT_TRUE(is_plain_path("/usr/lib/x86_64-linux-gnu/libc.so.6"));
    for (const std::string path : {"", "etc/x", "/a/../b", "/a b", "/a;b", "/a\n"}) {
        EXPECT_FALSE(is_plain_path(path)) << path;
    }
    EXPECT_FALSE(is_plain_path("/" + std::string(100'000, 'a')));
}

TEST(PlanNames, OfAValueThatIsNoneAreTheCarefulOnes) {
    EXPECT_EQ(planned_change_name(static_cast<PlannedChange>(99)), "upgrade");
    EXPECT_EQ(conffile_conflict_name(static_cast<ConffileConflict>(99)), "edited");
    EXPECT_EQ(upgrade_level_name(static_cast<UpgradeLevel>(99)), "security-only");
    EXPECT_EQ(probe_kind_name(static_cast<ProbeKind>(99)), "tcp");
    EXPECT_EQ(conffile_policy_name(static_cast<ConffilePolicy>(99)), "refuse");
}

}  // namespace
}  // namespace thimble::model
