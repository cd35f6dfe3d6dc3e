// Trials in a real clone of this machine.
#include "thimble/rehearse/trial_run.hpp"

#include "thimble/host/enclosure.hpp"
#include "thimble/host/scratch_folder_test.hpp"
#include "thimble/rehearse/trial.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

using std::chrono::milliseconds;
using Names = std::vector<std::string>;

constexpr milliseconds kEnough{60'000};

Trial shell(std::string name, std::string script) {
    return {
        .name = std::move(name),
        .argv = {"sh", "-c", std::move(script)},
        .user = {},
        .run_folder = {}};
}

Names passed(const std::vector<TrialResult>& results) {
    Names names;
    for (const TrialResult& result : results) {
        names.push_back(result.name + (result.passed ? " passed" : " failed"));
    }
    return names;
}

class TrialRunTest : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string reason = host::why_no_enclosure(); !reason.empty()) {
            GTEST_SKIP() << reason;
        }
        auto clone = host::Enclosure::open(
            {.root = "/", .work = scratch_.path + "/work", .masked = {}, .binds = {}});
        ASSERT_TRUE(clone) << clone.error().text();
        clone_ = *std::move(clone);
    }

    host::ScratchFolder scratch_;
    std::unique_ptr<host::Enclosure> clone_;
};

TEST_F(TrialRunTest, RunsThemBesideEachOther) {
    // Each waits until the other has begun.
    const std::vector<Trial> meeting{
        shell("one", "touch /run/one; until [ -e /run/two ]; do :; done"),
        shell("two", "touch /run/two; until [ -e /run/one ]; do :; done")};

    EXPECT_EQ(
        passed(TrialRun(*clone_, kEnough, 2).run(meeting, milliseconds(30'000), nullptr)),
        (Names{"one passed", "two passed"}));
}

TEST_F(TrialRunTest, TriesAgainAloneWhatFailsBesideOthers) {
    const std::string second_time = "echo >> /run/times; test $(wc -l < /run/times) -eq 2";

    EXPECT_EQ(
        passed(TrialRun(*clone_, kEnough, 2).run({shell("a", second_time)}, kEnough, nullptr)),
        (Names{"a failed"}))
        << "it was alone";
    static_cast<void>(clone_->run({.argv = {"rm", "/run/times"}}));
    const auto results =
        TrialRun(*clone_, kEnough, 2)
            .run({shell("a", second_time), shell("b", "exit 0")}, kEnough, nullptr);
    EXPECT_EQ(passed(results), (Names{"a passed", "b passed"}));
    EXPECT_TRUE(results.front().was_tried_again);
    EXPECT_FALSE(results.back().was_tried_again);
}

TEST_F(TrialRunTest, LeavesOutWhatWasNotTriedBefore) {
    const std::vector<TrialResult> earlier{{.name = "b", .passed = false, .output = {}}};
    TrialRun run(*clone_, kEnough, 4);

    EXPECT_EQ(
        passed(run.run({shell("a", "exit 0"), shell("b", "exit 0")}, kEnough, &earlier)),
        (Names{"b passed"}));
    EXPECT_TRUE(run.untried().empty());
}

TEST_F(TrialRunTest, NamesWhatThereWasNoTimeFor) {
    TrialRun run(*clone_, milliseconds(0), 2);

    EXPECT_TRUE(run.run({shell("a", "exit 0"), shell("b", "exit 0")}, kEnough, nullptr).empty());
    EXPECT_EQ(run.untried(), (Names{"a", "b"}));
}

}  // namespace
}  // namespace thimble::rehearse
