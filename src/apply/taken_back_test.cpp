#include "thimble/apply/taken_back.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

constexpr Instant kEnded{std::chrono::seconds(1'790'000'000)};

EarlierRun run(std::string id, std::string result, std::string version) {
    return {
        std::move(id),
        std::move(result),
        kEnded,
        "digest",
        {{"libx", "1-1", std::move(version), {}}}};
}

TEST(TakenBackPatches, NamesTheVersionAndTheRun) {
    const std::vector<EarlierRun> runs{run("a", "applied", "1-2"), run("b", "rolled_back", "1-2")};

    EXPECT_EQ(taken_back_patches(runs), (std::vector<TakenBack>{{"libx", "1-2", "b", kEnded}}));
}

TEST(TakenBackPatches, ForgetsWhatWasAppliedLater) {
    EXPECT_TRUE(taken_back_patches(std::vector<EarlierRun>{
                                       run("a", "rolled_back", "1-2"), run("b", "applied", "1-2")})
                    .empty());
}

TEST(TakenBackPatches, LeavesAnotherVersionAndAnUnchangedRunAlone) {
    const std::vector<EarlierRun> runs{
        run("a", "rolled_back", "1-2"), run("b", "applied", "1-3"), run("c", "unchanged", "1-2")};

    EXPECT_EQ(taken_back_patches(runs), (std::vector<TakenBack>{{"libx", "1-2", "a", kEnded}}));
}

TEST(TakenBackPatches, ForgetsWhatSomebodyAllowedAgain) {
    std::vector<EarlierRun> runs{run("a", "rolled_back", "1-2"), run("b", "rolled_back", "1-2")};

    runs[0].unblocked = true;
    EXPECT_EQ(taken_back_patches(runs), (std::vector<TakenBack>{{"libx", "1-2", "b", kEnded}}))
        << "it was taken back once more since";
    runs[0].unblocked = false;
    runs[1].unblocked = true;
    EXPECT_TRUE(taken_back_patches(runs).empty()) << "the last word counts";
}

TEST(TakenBackPatches, LearnsNothingOfARunThatItsSurroundingsEnded) {
    std::vector<EarlierRun> runs{run("a", "rolled_back", "1-2"), run("b", "rolled_back", "1-2")};
    runs[1].cause = RunCause::NoSpace;
    EXPECT_EQ(taken_back_patches(runs), (std::vector<TakenBack>{{"libx", "1-2", "a", kEnded}}))
        << "an earlier run had a reason of its own";

    runs[0].cause = RunCause::Locked;
    EXPECT_TRUE(taken_back_patches(runs).empty());
    EXPECT_TRUE(refuse_taken_back(model::Plan(), "digest", runs));
}

model::Plan plan_of(const std::string& version, Instant created_at) {
    model::Plan plan;
    plan.patches = {{"libx", "1-1", version, {}}};
    plan.created_at = created_at;
    return plan;
}

TEST(RefuseTakenBack, RefusesAPlanThatIsOlderThanTheRunBack) {
    const std::vector<EarlierRun> runs{run("20260922T140000Z-00", "rolled_back", "1-2")};

    const auto refused =
        refuse_taken_back(plan_of("1-2", kEnded - std::chrono::seconds(1)), "other", runs);

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "apply.taken_back");
    EXPECT_NE(refused.error().message.find("20260922T140000Z-00"), std::string::npos);
}

TEST(RefuseTakenBack, PassesALaterPlanAndOtherVersions) {
    const std::vector<EarlierRun> runs{run("r", "rolled_back", "1-2")};

    EXPECT_TRUE(refuse_taken_back(plan_of("1-2", kEnded + std::chrono::seconds(1)), "other", runs));
    EXPECT_TRUE(refuse_taken_back(plan_of("1-3", kEnded - std::chrono::seconds(1)), "other", runs));
}

TEST(RefuseTakenBack, TellsPlansOfTheSameSecondApartByWhatWasCarriedOut) {
    const std::vector<EarlierRun> runs{run("r", "rolled_back", "1-2")};

    EXPECT_FALSE(refuse_taken_back(plan_of("1-2", kEnded), "digest", runs));
    EXPECT_TRUE(refuse_taken_back(plan_of("1-2", kEnded), "other", runs));
}

}  // namespace
}  // namespace thimble::apply
