#include "thimble/apply/conffile_rule.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

using model::ConffileConflict;

TEST(ConffileConflict, IsSilentWhereDpkgKnowsWhatToDo) {
    EXPECT_FALSE(conffile_conflict({"old", "old", "new"}));   // not edited
    EXPECT_FALSE(conffile_conflict({"old", "mine", "old"}));  // not shipped anew
    EXPECT_FALSE(conffile_conflict({"old", "new", "new"}));   // edited to the same
    EXPECT_FALSE(conffile_conflict({"old", "", "old"}));      // removed, not shipped anew
    EXPECT_FALSE(conffile_conflict({"", "", "new"}));         // new, and nothing is there
    EXPECT_FALSE(conffile_conflict({"", "new", "new"}));      // new, and the same is there
}

TEST(ConffileConflict, NamesTheThreeConflicts) {
    EXPECT_EQ(conffile_conflict({"old", "mine", "new"}), ConffileConflict::Edited);
    EXPECT_EQ(conffile_conflict({"old", "", "new"}), ConffileConflict::Deleted);
    EXPECT_EQ(conffile_conflict({"", "mine", "new"}), ConffileConflict::Foreign);
}

}  // namespace
}  // namespace thimble::apply
