#include "thimble/apply/zypper_packages.hpp"

#include "thimble/apply/apt_request.hpp"
#include "thimble/apply/rpm_fixture_test.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

class ZypperPackagesTest : public RpmRoomTest, public testing::WithParamInterface<RoomKind> {
protected:
    void SetUp() override { open_zypper(GetParam()); }
};

TEST_P(ZypperPackagesTest, GoesToTheVersionsOfThePlanAndBack) {
    room_->install(room_->build({.name = "t-old", .version = "1"}));
    offer(
        {.name = "t-lib", .version = "1", .files = {{"/usr/share/t/a", "1\n"}}},
        {.name = "t-new", .version = "2"});
    room_->build(
        {.name = "t-lib",
         .version = "2",
         .fields = "Requires: t-new\nObsoletes: t-old\n",
         .files = {{"/usr/share/t/a", "2\n"}}});
    room_->publish();
    const auto before = packages_->host_state();

    const auto resolution = resolve({"t-lib"}, "2-1");
    ASSERT_TRUE(resolution) << resolution.error().text();
    ASSERT_EQ(resolution->steps.size(), 3U) << format_resolution(*resolution);
    EXPECT_EQ(resolution->steps[2].change, model::PlannedChange::Remove);
    const auto kept = packages_->keep_current(resolution->steps, room_->archives());
    ASSERT_TRUE(kept) << kept.error().text();
    const auto forward = packages_->run(transaction(resolution->steps));
    ASSERT_TRUE(forward) << forward.error().text();
    EXPECT_EQ(forward->ending, TransactionEnding::Done) << forward->detail << forward->output;
    EXPECT_EQ(versions_of("t-lib"), "2-1");
    EXPECT_EQ(versions_of("t-new"), "2-1");
    EXPECT_EQ(versions_of("t-old"), "");
    EXPECT_TRUE(packages_->health()->is_clean());
    std::vector<model::PlannedStep> steps;
    for (const KeptArchive& archive : *kept) {
        steps.push_back(archive.step);
    }
    const auto back = packages_->run(prepared(steps));

    EXPECT_EQ(back->ending, TransactionEnding::Done) << back->detail << back->output;
    EXPECT_EQ(room_->read("/usr/share/t/a"), "1\n");
    EXPECT_EQ(*packages_->host_state(), *before);
}

TEST_P(ZypperPackagesTest, RefusesWhatIsNotExactlyThePlan) {
    room_->install(room_->build({.name = "t-old", .version = "1"}));
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib", .version = "2", .fields = "Obsoletes: t-old\n"});
    const auto steps = resolve({"t-lib"}, "2-1")->steps;
    ASSERT_EQ(steps.size(), 2U);
    Transaction part = transaction(steps);
    part.steps.pop_back();

    const auto report = packages_->run(part);

    EXPECT_EQ(report->ending, TransactionEnding::Refused);
    EXPECT_EQ(report->detail, "zypper would remove t-old 1-1 (noarch)");
    EXPECT_EQ(versions_of("t-lib"), "1-1");
}

TEST_P(ZypperPackagesTest, TellsAFailingPostScriptByItsStatus) {
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib", .version = "2", .scripts = "%post\necho words >&2\nexit 3\n"});

    const auto report = packages_->run(transaction(resolve({"t-lib"}, "2-1")->steps));

    EXPECT_EQ(report->ending, TransactionEnding::Failed);
    EXPECT_EQ(report->exit_status, 107);
    EXPECT_NE(report->output.find("words"), std::string::npos);
    EXPECT_EQ(versions_of("t-lib"), "2-1");  // that is rpm's way
}

TEST_P(ZypperPackagesTest, FailsWithAFailingPreScript) {
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib", .version = "2", .scripts = "%pre\nexit 4\n"});

    const auto report = packages_->run(transaction(resolve({"t-lib"}, "2-1")->steps));

    EXPECT_EQ(report->ending, TransactionEnding::Failed);
    EXPECT_EQ(versions_of("t-lib"), "1-1");
}

TEST_P(ZypperPackagesTest, TellsWhatKeepsAVersionAway) {
    for (const char* name : {"t-held", "t-app"}) {
        room_->install(room_->build({.name = name, .version = "1"}));
    }
    room_->build({.name = "t-held", .version = "2"});
    room_->build({.name = "t-app", .version = "2", .fields = "Requires: t-nowhere\n"});
    room_->publish();
    RpmRoom::write(
        room_->root() + "/etc/zypp/locks",
        "type: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: t-held\n");

    const auto resolution = resolve({"t-held", "t-gone", "t-app"}, "2-1");

    ASSERT_TRUE(resolution) << resolution.error().text();
    ASSERT_EQ(resolution->problems.size(), 3U) << format_resolution(*resolution);
    EXPECT_EQ(resolution->problems[0].code, "apply.held");
    EXPECT_EQ(resolution->problems[1].code, "apply.version_gone");
    EXPECT_EQ(resolution->problems[2].code, "apply.dependency_conflict");
    EXPECT_NE(resolution->problems[2].detail.find("t-nowhere"), std::string::npos);
}

TEST_P(ZypperPackagesTest, FinishesWhatWasKilledBetweenTwoPackages) {
    room_->install(room_->build({.name = "t-app", .version = "1"}));
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib",
         .version = "2",
         .scripts = "%post\nif [ -e /hold ]; then sleep 1000; fi\n"});
    room_->build({.name = "t-app", .version = "2", .fields = "Requires: t-lib = 2\n"});
    room_->publish();
    auto wanted = transaction(resolve({"t-app", "t-lib"}, "2-1")->steps);
    wanted.policy.silence_timeout = std::chrono::seconds(3);
    RpmRoom::write(room_->root() + "/hold", "");
    EXPECT_EQ(packages_->run(wanted)->ending, TransactionEnding::TimedOut);
    fs::remove(room_->root() + "/hold");
    EXPECT_FALSE(packages_->health()->is_clean());

    const auto repaired = packages_->repair(wanted);

    ASSERT_TRUE(repaired) << repaired.error().text();
    EXPECT_EQ(repaired->ending, TransactionEnding::Done) << repaired->detail;
    EXPECT_EQ(versions_of("t-app"), "2-1");
    EXPECT_EQ(versions_of("t-lib"), "2-1");
    EXPECT_TRUE(packages_->health()->is_clean());
}

INSTANTIATE_TEST_SUITE_P(
    Rooms,
    ZypperPackagesTest,
    testing::Values(RoomKind::InstallRoot, RoomKind::OwnPrograms),
    [](const auto& room) { return room_name(room.param); });

}  // namespace
}  // namespace thimble::apply
