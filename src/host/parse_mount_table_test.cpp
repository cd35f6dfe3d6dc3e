#include "thimble/host/parse_mount_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::host {
namespace {

using Paths = std::vector<std::string>;

Paths points_of(const std::vector<MountPoint>& mounts) {
    Paths points;
    for (const MountPoint& mount : mounts) {
        points.push_back(mount.point);
    }
    return points;
}

TEST(ParseMountTable, ReadsPointAndTypeAndUndoesEscapes) {
    const auto mounts = parse_mount_table(
        "36 35 98:0 /m /srv/my\\040disk\\134 rw,noatime master:1 shared:2 - ext3 /dev/root rw\n");

    ASSERT_EQ(mounts.size(), 1U);
    EXPECT_EQ(
        mounts[0],
        (MountPoint{
            .id = 36,
            .parent = 35,
            .point = "/srv/my disk\\",
            .type = "ext3",
            .source = "/dev/root"}));
}

TEST(ParseMountTable, LeavesOutWhatAnotherMountCovers) {
    const auto mounts = parse_mount_table(
        "1 0 8:1 / / rw - ext4 a rw\n"
        "2 1 8:2 / /data/old rw - ext4 b rw\n"
        "3 1 8:3 / /data rw - ext4 c rw\n"
        "4 3 8:4 / /data rw - xfs d rw\n"
        "5 4 8:5 / /data/new rw - ext4 e rw\n");

    EXPECT_EQ(points_of(mounts), (Paths{"/", "/data", "/data/new"}));
    EXPECT_EQ(mounts[1].type, "xfs");
}

TEST(ParseMountTable, SurvivesNonsense) {
    EXPECT_TRUE(parse_mount_table("").empty());
    EXPECT_TRUE(
        parse_mount_table("\n\nx y z\n1 2 3\n1 2 3 4 5 6 7\n1 2 a b relative c - t\n").empty());
}

TEST(SelectMounts, ShowsTheSystemAndLeavesOutDataSharesAndImages) {
    const std::vector<MountPoint> mounts{
        {1, 0, "/", "ext4"},
        {2, 1, "/boot", "ext4"},
        {3, 2, "/boot/efi", "vfat"},
        {4, 1, "/dev", "devtmpfs"},
        {5, 4, "/dev/disk", "ext4"},
        {6, 1, "/home", "ext4"},
        {7, 1, "/opt", "nfs4"},
        {8, 1, "/usr", "xfs"},
        {9, 1, "/usrlocal", "xfs"},
        {10, 1, "/var", "btrfs"},
        {11, 10, "/var/lib/docker", "ext4"},
        {12, 11, "/var/lib/docker/overlay2/x", "overlay"},
        {13, 10, "/var/lib/mysql", "ext4"}};

    const MountSelection selection = select_mounts(mounts, "/", false);

    EXPECT_EQ(selection.shown, (Paths{"/boot", "/boot/efi", "/usr", "/var", "/var/lib/mysql"}));
    EXPECT_EQ(selection.left_out, (Paths{"/home", "/opt", "/usrlocal", "/var/lib/docker"}));
}

TEST(SelectMounts, SeesADirectoryAsItsOwnRoot) {
    const std::vector<MountPoint> mounts{
        {1, 0, "/", "ext4"},
        {2, 1, "/usr", "xfs"},
        {3, 1, "/images/one-more/var", "xfs"},
        {4, 1, "/images/one/srv", "xfs"},
        {5, 1, "/images/one/var", "xfs"}};

    EXPECT_EQ(select_mounts(mounts, "/images/one", false).shown, (Paths{"/var"}));
    EXPECT_EQ(select_mounts(mounts, "/images/one", true).shown, (Paths{"/srv", "/var"}));
}

}  // namespace
}  // namespace thimble::host
