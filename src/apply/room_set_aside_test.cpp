#include "thimble/apply/room_set_aside.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace thimble::apply {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

class SetRoomAside : public testing::Test {
protected:
    void SetUp() override {
        root = (std::filesystem::temp_directory_path() / "thimble-room.XXXXXX").string();
        ASSERT_NE(::mkdtemp(root.data()), nullptr);
        std::filesystem::create_directories(root + "/usr");
    }
    void TearDown() override { std::filesystem::remove_all(root); }
    [[nodiscard]] Room room(const std::string& folder = "/usr") const {
        return {.root = root, .folder = folder, .name = "room"};
    }
    std::string root;
};

TEST_F(SetRoomAside, TakesItFromTheDiskUntilItIsGivenBack) {
    ASSERT_TRUE(set_room_aside(room(), kMiB));
    struct stat status{};
    ASSERT_EQ(::stat((root + "/usr/room").c_str(), &status), 0);
    EXPECT_GE(static_cast<std::uint64_t>(status.st_blocks) * 512, kMiB);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_TRUE(give_room_back(room()));
    EXPECT_FALSE(give_room_back(room()));
    ASSERT_TRUE(set_room_aside(room(), 0));
    EXPECT_FALSE(std::filesystem::exists(root + "/usr/room"));
    EXPECT_TRUE(set_room_aside(room("/not-there"), kMiB)) << "nothing is unpacked there either";
}

TEST_F(SetRoomAside, FollowsNoLinkOutOfTheRoot) {
    const std::string outside = root + "/outside";
    std::filesystem::create_directories(outside);
    std::filesystem::create_directories(root + "/inner");
    std::filesystem::create_directory_symlink(outside, root + "/inner/usr");
    const Room inner{.root = root + "/inner", .folder = "/usr", .name = "room"};

    EXPECT_TRUE(set_room_aside(inner, kMiB));

    EXPECT_TRUE(std::filesystem::is_empty(outside));
}

TEST_F(SetRoomAside, WritesToNothingThatIsThereByThatName) {
    const std::string other = root + "/usr/other";
    const std::string name = root + "/usr/room";
    std::ofstream(other) << "theirs";
    std::filesystem::create_hard_link(other, name);

    ASSERT_TRUE(set_room_aside(room(), kMiB));

    EXPECT_EQ(std::filesystem::file_size(other), 6U);
    std::filesystem::remove(name);
    ASSERT_EQ(::mkfifo(name.c_str(), 0600), 0);
    ASSERT_TRUE(set_room_aside(room(), kMiB)) << "nobody reads the pipe";
    EXPECT_TRUE(std::filesystem::is_regular_file(name));
    std::filesystem::remove(name);
    std::filesystem::create_symlink("other", name);
    ASSERT_TRUE(set_room_aside(room(), kMiB));
    EXPECT_EQ(std::filesystem::file_size(other), 6U);
    std::filesystem::remove(name);
    std::filesystem::create_directory(name);
    EXPECT_FALSE(set_room_aside(room(), kMiB));
    EXPECT_TRUE(std::filesystem::is_directory(name));
}

TEST_F(SetRoomAside, SaysWhatIsMissingAndLeavesNothing) {
    std::ofstream(root + "/file") << "no folder";
    const auto set = set_room_aside(room("/file"), kMiB);

    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().code, "apply.no_room_set_aside");
    EXPECT_NE(set.error().text().find("1 MiB"), std::string::npos);
}

}  // namespace
}  // namespace thimble::apply
