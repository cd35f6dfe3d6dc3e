#include "thimble/apply/room_set_aside.hpp"

#include "thimble/apply/plan_builder_test.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

namespace thimble::apply {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

TEST(RoomForWayBack, IsThatOfTheLargestPackageBeforeWithinTheReserve) {
    model::Plan plan = small_plan();
    plan.policy.reserve_bytes = 100 * kMiB;
    plan.steps[0].unpacked_bytes = 50 * kMiB;
    plan.steps[0].growth_bytes = 10 * static_cast<std::int64_t>(kMiB);
    plan.steps[1].unpacked_bytes = 90 * kMiB;  // new: nothing of it comes back
    plan.steps[1].growth_bytes = 90 * static_cast<std::int64_t>(kMiB);
    EXPECT_EQ(room_for_way_back(plan), 72 * kMiB);

    plan.steps[2].growth_bytes = -80 * static_cast<std::int64_t>(kMiB);  // removed: all of it does
    EXPECT_EQ(room_for_way_back(plan), 100 * kMiB);

    plan.policy.reserve_bytes = 0;
    EXPECT_EQ(room_for_way_back(plan), 0U);
}

TEST(SetRoomAside, TakesItFromTheDiskUntilItIsGivenBack) {
    std::string folder = (std::filesystem::temp_directory_path() / "thimble-room.XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::string file = folder + "/room";

    ASSERT_TRUE(set_room_aside(file, kMiB));
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_GE(static_cast<std::uint64_t>(status.st_blocks) * 512, kMiB);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_TRUE(give_room_back(file));
    EXPECT_FALSE(give_room_back(file));
    ASSERT_TRUE(set_room_aside(file, 0));
    EXPECT_FALSE(std::filesystem::exists(file));
    std::filesystem::remove_all(folder);
}

TEST(SetRoomAside, SaysWhatIsMissingAndLeavesNothing) {
    const auto set = set_room_aside("/proc/no-such-folder/room", kMiB);

    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().code, "apply.no_room_set_aside");
    EXPECT_NE(set.error().text().find("1 MiB"), std::string::npos);
}

}  // namespace
}  // namespace thimble::apply
