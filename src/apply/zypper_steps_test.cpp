#include "thimble/apply/zypper_steps.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::apply {
namespace {

TEST(ZypperDifferences, NameWhatIsTooMuchAndWhatIsMissing) {
    model::PlannedStep step;
    step.name = "t-lib";
    step.architecture = "noarch";
    step.from_version = "1-1";
    step.to_version = "2-1";
    const std::vector<model::PlannedStep> steps{step};

    EXPECT_TRUE(zypper_differences(steps, {{"t-lib", "noarch", "1-1", "2-1"}}).empty());
    const std::vector<std::string> expected{
        "zypper would install t-lib 3-1 (noarch)",
        "zypper would remove t-old 1-1 (noarch)",
        "zypper would not install t-lib 2-1 (noarch)"};
    EXPECT_EQ(
        zypper_differences(
            steps, {{"t-lib", "noarch", "1-1", "3-1"}, {"t-old", "noarch", "1-1", ""}}),
        expected);
}

TEST(ZypperEnding, TellsAFailedScriptFromAFailure) {
    EXPECT_EQ(zypper_ending(0).ending, TransactionEnding::Done);
    EXPECT_EQ(zypper_ending(102).ending, TransactionEnding::Done);
    EXPECT_EQ(zypper_ending(107).ending, TransactionEnding::Failed);
    EXPECT_EQ(zypper_ending(7).ending, TransactionEnding::Locked);
    EXPECT_EQ(zypper_ending(8).ending, TransactionEnding::Failed);
}

}  // namespace
}  // namespace thimble::apply
