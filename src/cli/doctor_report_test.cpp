#include "thimble/cli/doctor_report.hpp"

#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::cli {
namespace {

const Diagnosis kOwn{"package manager apt", Condition::Well, "cannot take back scripts", ""};
const Diagnosis kForeign{"package manager dnf", Condition::Limited, "cannot go back", "", "dnf"};
const Diagnosis kForeignNeed{"/usr/bin/rpm", Condition::Missing, "dnf needs it", "Get it", "dnf"};
const Diagnosis kOther{"package manager zypper", Condition::Limited, "cannot go", "", "zypper"};

TEST(DoctorText, TellsOfForeignPackageManagersInOneLine) {
    const std::vector<Diagnosis> found{kOwn, kForeign, kForeignNeed, kOther};

    EXPECT_EQ(
        doctor_text(found),
        "well     package manager apt: cannot take back scripts\n"
        "well     other package managers: dnf, zypper (no matter here; see --json)\n");
    EXPECT_EQ(doctor_status(found), kNothingDue) << "what a foreign one lacks does not matter";
    EXPECT_FALSE(doctor_text(std::vector{kOwn}).contains("other"));
}

TEST(DoctorJson, HasAllOfThem) {
    EXPECT_EQ(
        doctor_json(std::vector{kOwn, kForeignNeed}),
        R"({"format":"thimble.doctor/1","diagnoses":[)"
        R"({"subject":"package manager apt","condition":"well","detail":"cannot take back scripts",)"
        R"("next":null,"matters_here":true},)"
        R"({"subject":"/usr/bin/rpm","condition":"missing","detail":"dnf needs it","next":"Get it",)"
        R"("matters_here":false}]})"
        "\n");
}

TEST(DiagnoseIndex, TellsWhatAScanKnowsOfIt) {
    const std::vector<model::Gap> gaps{
        {"assess.no_catalog", "no matter of the index", ""},
        {"assess.index_stale", "40 d old", "apt-get update"},
        {"inventory.no_security_archive", "none carries them", "add it"},
        {"inventory.no_index", "there is none of x", "apt-get update"},
        {"inventory.no_offers", "apt is not there", ""}};

    const std::vector<Diagnosis> found = diagnose_index(gaps);

    EXPECT_EQ(
        found,
        (std::vector<Diagnosis>{
            {"package index", Condition::Limited, "40 d old", "apt-get update"},
            {"package index", Condition::Missing, "none carries them", "add it"},
            {"package index", Condition::Missing, "there is none of x", "apt-get update"},
            {"package index", Condition::Limited, "apt is not there", ""}}));
    EXPECT_EQ(doctor_status(found), kSomethingDue);
    EXPECT_EQ(diagnose_index({}).front().condition, Condition::Well);
}

}  // namespace
}  // namespace thimble::cli
