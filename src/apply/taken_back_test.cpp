#include "thimble/apply/taken_back.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::apply {
namespace {

EarlierRun run(std::string id, std::string result, std::string version) {
    return {std::move(id), std::move(result), {{"libx", "1-1", std::move(version), {}}}};
}

TEST(TakenBackPatches, NamesTheVersionAndTheRun) {
    const std::vector<EarlierRun> runs{run("a", "applied", "1-2"), run("b", "rolled_back", "1-2")};

    EXPECT_EQ(taken_back_patches(runs), (std::vector<TakenBack>{{"libx", "1-2", "b"}}));
}

TEST(TakenBackPatches, ForgetsWhatWasAppliedLater) {
    EXPECT_TRUE(taken_back_patches(std::vector<EarlierRun>{
                                       run("a", "rolled_back", "1-2"), run("b", "applied", "1-2")})
                    .empty());
}

TEST(TakenBackPatches, LeavesAnotherVersionAndAnUnchangedRunAlone) {
    const std::vector<EarlierRun> runs{
        run("a", "rolled_back", "1-2"), run("b", "applied", "1-3"), run("c", "unchanged", "1-2")};

    EXPECT_EQ(taken_back_patches(runs), (std::vector<TakenBack>{{"libx", "1-2", "a"}}));
}

}  // namespace
}  // namespace thimble::apply
