#include "thimble/model/selection_words.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

TEST(PlanCommand, SaysNothingOfWhatIsTheDefault) {
    EXPECT_EQ(plan_command({}), "thimble patch plan");
    EXPECT_EQ(plan_command({}, " --root '/a b'"), "thimble patch plan --root '/a b'");
}

TEST(PlanCommand, QuotesWhatAShellWouldRead) {
    PlanSelection selection;
    selection.all = true;
    selection.vulnerabilities = {"CVE-2026-1"};
    selection.packages = {"lib*", "-x"};
    selection.advisories = {"DSA-1-1"};
    selection.excluded = {"a b"};
    selection.level = UpgradeLevel::Upgrade;

    EXPECT_EQ(
        plan_command(selection),
        "thimble patch plan --security --all --cve CVE-2026-1 --package 'lib*' '--package=-x' "
        "--advisory DSA-1-1 --exclude 'a b' --level upgrade");
}

}  // namespace
}  // namespace thimble::model
