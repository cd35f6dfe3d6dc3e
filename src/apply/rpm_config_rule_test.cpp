#include "thimble/apply/rpm_config_rule.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

using model::ConffileConflict;

TEST(RpmConfigConflict, IsNoneWhenTheHostChangedNothing) {
    EXPECT_FALSE(rpm_config_conflict({"a", "a", "b", true}));
    EXPECT_FALSE(rpm_config_conflict({"a", "a", "b", false}));
}

TEST(RpmConfigConflict, IsNoneWhenTheNewVersionChangedNothing) {
    EXPECT_FALSE(rpm_config_conflict({"a", "mine", "a", true}));
    EXPECT_FALSE(rpm_config_conflict({"a", "mine", "a", false}));
}

TEST(RpmConfigConflict, IsNoneWhenBothMadeTheSameChange) {
    EXPECT_FALSE(rpm_config_conflict({"a", "b", "b", false}));
}

TEST(RpmConfigConflict, OfBothSidesIsDecidedByNoReplace) {
    EXPECT_EQ(rpm_config_conflict({"a", "mine", "b", true}), ConffileConflict::Edited);
    EXPECT_EQ(rpm_config_conflict({"a", "mine", "b", false}), ConffileConflict::Replaced);
}

TEST(RpmConfigConflict, TellsOfADeletedFileThatComesBack) {
    EXPECT_EQ(rpm_config_conflict({"a", "", "a", true}), ConffileConflict::Deleted);
    EXPECT_FALSE(rpm_config_conflict({"", "", "a", true}));
}

TEST(RpmConfigConflict, TellsOfAForeignFileInTheWay) {
    EXPECT_EQ(rpm_config_conflict({"", "mine", "a", true}), ConffileConflict::Foreign);
    EXPECT_EQ(rpm_config_conflict({"", "mine", "a", false}), ConffileConflict::Replaced);
}

}  // namespace
}  // namespace thimble::apply
