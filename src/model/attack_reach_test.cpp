#include "thimble/model/attack_reach.hpp"

#include "thimble/model/control.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble::model {
namespace {

AttackReach reach_of(std::vector<std::string> vectors) {
    return attack_reach(vectors);
}

TEST(AttackReach, IsWhatTheVectorsOfEachVersionSay) {
    EXPECT_EQ(
        reach_of({"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}),
        (AttackReach{AttackVector::Network, false}));
    EXPECT_EQ(
        reach_of({"CVSS:4.0/AV:P/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}),
        (AttackReach{AttackVector::Physical, true}));
    EXPECT_EQ(
        reach_of({"(AV:A/AC:L/Au:S/C:N/I:N/A:C)"}),
        (AttackReach{AttackVector::Adjacent, true, true}));
    EXPECT_EQ(
        reach_of({"AV:L/AC:L/Au:N/C:N/I:N/A:C"}), (AttackReach{AttackVector::Local, false, true}));
}

TEST(AttackReach, WhereVectorsDisagreeNoneMaySpeakAgainstAControl) {
    EXPECT_EQ(
        reach_of(
            {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
             "CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"}),
        (AttackReach{AttackVector::Local, true}));
}

TEST(AttackReach, IsOfAvailabilityAloneWhereEachVectorSaysSo) {
    const std::string reset = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H";
    const std::string code = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

    EXPECT_TRUE(reach_of({reset}).only_availability);
    EXPECT_TRUE(reach_of({"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"})
                    .only_availability);
    EXPECT_FALSE(reach_of({code}).only_availability);
    EXPECT_FALSE(reach_of({reset, code}).only_availability);
    EXPECT_FALSE(reach_of({}).only_availability);
}

TEST(AttackReach, IsUnknownWithoutAVectorThatCanBeRead) {
    EXPECT_EQ(reach_of({}), AttackReach{});
    EXPECT_EQ(reach_of({"CVSS:3.1/AV:N", "high"}), AttackReach{});
}

TEST(ControlKind, NamesAreReadAsTheyAreWritten) {
    for (const ControlKind kind : kControlKinds) {
        EXPECT_EQ(control_kind_named(control_kind_name(kind)), kind);
    }
    EXPECT_FALSE(control_kind_named("hope"));
}

}  // namespace
}  // namespace thimble::model
