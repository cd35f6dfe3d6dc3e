#include "thimble/cli/no_plan.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::cli {
namespace {

const std::vector<std::string> kPassedOver{"emacs"};
const std::vector<model::Gap> kGaps{
    {"inventory.no_security_archive", "none carries them", "add it"}};
const std::vector<model::LeftOut> kNothing;
const std::vector<model::LeftOut> kHeld{
    {"curl", "hold", "is held"}, {"vim", "excluded", "is excluded"}, {"curl", "pin", "is pinned"}};
const std::vector<model::LeftOut> kInstalled{{"curl", "installed", "is installed already"}};
const std::vector<model::LeftOut> kUpToDate{{"curl", "nothing_newer", "7 is installed"}};

NoPlan none(const std::vector<model::LeftOut>& left_out, bool can_tell = true) {
    return {.left_out = left_out, .passed_over = kPassedOver, .gaps = kGaps, .can_tell = can_tell};
}

TEST(NoPlan, SaysThatNothingIsMissingOnlyWhereNothingIs) {
    EXPECT_EQ(no_plan_sentence(none(kNothing)), "Nothing to patch: no offered patch was selected.");
    EXPECT_EQ(
        no_plan_sentence(none(kInstalled)), "Nothing to patch: no offered patch was selected.");
    EXPECT_EQ(
        no_plan_sentence(none(kHeld)), "No plan: 2 patches are missing, and all are left out.");
    const std::vector<model::LeftOut> one{kHeld.front()};
    EXPECT_EQ(no_plan_sentence(none(one)), "No plan: 1 patch is missing, and it is left out.");
    EXPECT_EQ(
        no_plan_sentence(none(kNothing, false)),
        "No plan: what is known of this host offers no patch, and may not be all.");
    EXPECT_EQ(
        no_plan_sentence(none(kHeld, false)),
        "No plan: 2 patches are missing, and all are left out; it is not known whether there are "
        "more.");
}

TEST(NoPlan, HasAStatusForEachAnswer) {
    EXPECT_EQ(no_plan_status(none(kNothing), false), kNothingDue);
    EXPECT_EQ(no_plan_status(none(kInstalled), false), kNothingDue);
    EXPECT_EQ(no_plan_status(none(kUpToDate), false), kNothingDue);
    EXPECT_EQ(no_plan_status(none(kUpToDate, false), false), kCouldNotTell);
    EXPECT_EQ(no_plan_status(none(kHeld), false), kSomethingDue);
    EXPECT_EQ(no_plan_status(none(kHeld), true), kNothingDue) << "one of many hosts";
    EXPECT_EQ(no_plan_status(none(kHeld, false), true), kCouldNotTell);
    EXPECT_EQ(no_plan_status(none(kNothing, false), false), kCouldNotTell);
}

TEST(NoPlan, IsNoGoodNewsOfAHostThatIsHalfDone) {
    const std::vector<std::string> names;
    const std::vector<model::Gap> gaps{{"assess.unfinished_packages", "curl is not set up", ""}};
    const NoPlan half{.left_out = kNothing, .passed_over = names, .gaps = gaps};

    EXPECT_EQ(
        no_plan_sentence(half),
        "No plan: no offered patch was selected, but packages of this host are half done.");
    EXPECT_EQ(no_plan_status(half, false), kSomethingDue);
    EXPECT_EQ(no_plan_status(half, true), kNothingDue) << "one of many hosts";
}

TEST(NoPlan, TellsServersHowFarTheHostIs) {
    EXPECT_TRUE(no_plan_json(none({{"curl", "nothing_newer", "7 is installed", "7", "deb"}}))
                    .contains(R"("why":"7 is installed","installed":"7","type":"deb"}])"));
}

TEST(NoPlan, TellsScriptsWhatIsLeftOutAndWhy) {
    EXPECT_EQ(
        no_plan_json(none(kInstalled)),
        R"({"plan":null,"left_out":[{"source":"curl","code":"installed","why":"is installed already"}],)"
        R"("passed_over":["emacs"],"gaps":[{"code":"inventory.no_security_archive",)"
        R"("detail":"none carries them","next":"add it"}]})");
}

}  // namespace
}  // namespace thimble::cli
