#include "thimble/apply/host_snapshot.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::apply {
namespace {

const std::string kRun = "20261124T111500Z-00";

SnapshotFacts facts_of(const std::string& type, const std::string& source) {
    return {
        .root = "/",
        .type = type,
        .source = source,
        .is_subvolume = type == "btrfs",
        .snapper_config = {},
        .tools = {"snapper", "btrfs", "zfs", "lvcreate"}};
}

TEST(PlanSnapshot, PrefersSnapperWhereItIsConfigured) {
    SnapshotFacts facts = facts_of("btrfs", "/dev/sda2");
    facts.snapper_config = "root";

    const auto planned = plan_snapshot(facts, kRun);

    ASSERT_TRUE(planned);
    EXPECT_EQ(planned->kind, SnapshotKind::Snapper);
    EXPECT_EQ(create_command(*planned, kRun)[3], "root");
    EXPECT_TRUE(remove_command(*planned).empty());
}

TEST(PlanSnapshot, TakesTheFileSystemsOwnMeans) {
    const auto btrfs = plan_snapshot(facts_of("btrfs", "/dev/sda2"), kRun);
    const auto zfs = plan_snapshot(facts_of("zfs", "rpool/ROOT/debian"), kRun);
    const auto lvm = plan_snapshot(facts_of("ext4", "/dev/mapper/my--vg-root"), kRun);

    ASSERT_TRUE(btrfs && zfs && lvm);
    EXPECT_EQ(btrfs->name, "/.thimble-snapshots/" + kRun);
    EXPECT_EQ(
        create_command(*btrfs, kRun),
        (std::vector<std::string>{"btrfs", "subvolume", "snapshot", "-r", "/", btrfs->name}));
    EXPECT_EQ(
        create_command(*zfs, kRun),
        (std::vector<std::string>{"zfs", "snapshot", "rpool/ROOT/debian@thimble-" + kRun}));
    EXPECT_EQ(
        create_command(*lvm, kRun),
        (std::vector<std::string>{
            "lvcreate",
            "--snapshot",
            "--extents",
            "10%ORIGIN",
            "--name",
            "thimble-" + kRun,
            "my-vg/root"}));
    EXPECT_EQ(
        remove_command(*lvm),
        (std::vector<std::string>{"lvremove", "--yes", "my-vg/thimble-" + kRun}));
}

TEST(ListOfSnapshots, TellsWhichIsThere) {
    const auto btrfs = *plan_snapshot(facts_of("btrfs", "/dev/sda2"), kRun);
    const auto zfs = *plan_snapshot(facts_of("zfs", "rpool/ROOT/debian"), kRun);
    const auto lvm = *plan_snapshot(facts_of("ext4", "/dev/mapper/my--vg-root"), kRun);

    EXPECT_EQ(list_command(btrfs).back(), "/");
    EXPECT_TRUE(is_listed(
        btrfs,
        "ID 256 gen 9 top level 5 path <FS_TREE>/@\n"
        "ID 257 gen 9 top level 256 path <FS_TREE>/@/.thimble-snapshots/"
            + kRun + "\n"));
    EXPECT_TRUE(is_listed(btrfs, "ID 257 gen 9 top level 5 path .thimble-snapshots/" + kRun));
    EXPECT_FALSE(is_listed(btrfs, "ID 257 gen 9 top level 5 path .thimble-snapshots/another"));

    EXPECT_EQ(list_command(zfs).back(), "rpool/ROOT/debian");
    EXPECT_TRUE(is_listed(zfs, "rpool/ROOT/debian@daily\nrpool/ROOT/debian@thimble-" + kRun));
    EXPECT_FALSE(is_listed(zfs, "rpool/ROOT/debian@daily\n"));

    EXPECT_EQ(list_command(lvm).back(), "my-vg");
    EXPECT_TRUE(is_listed(lvm, "  root\n  thimble-" + kRun + "\n"));
    EXPECT_TRUE(is_listed(lvm, "  root\n  [thimble-" + kRun + "]\n"));
    EXPECT_FALSE(is_listed(lvm, "  root\n"));
    EXPECT_FALSE(is_listed(lvm, ""));
}

TEST(PlanSnapshot, HasNoMeansOnAPlainDiskOrWithoutTheTool) {
    EXPECT_FALSE(plan_snapshot(facts_of("ext4", "/dev/sda2"), kRun));
    SnapshotFacts facts = facts_of("btrfs", "/dev/sda2");
    facts.tools = {"lvcreate"};
    EXPECT_FALSE(plan_snapshot(facts, kRun));
    facts = facts_of("btrfs", "/dev/sda2");
    facts.is_subvolume = false;
    EXPECT_FALSE(plan_snapshot(facts, kRun));
}

TEST(SnapperConfig, NamesItsSubvolume) {
    EXPECT_EQ(parse_snapper_subvolume("# x\nSUBVOLUME=\"/\"\nFSTYPE=\"btrfs\"\n"), "/");
    EXPECT_EQ(parse_snapper_subvolume("SUBVOLUME=/home"), "/home");
    EXPECT_EQ(parse_snapper_subvolume("FSTYPE=\"btrfs\""), "");
}

TEST(SnapshotRecord, ReadsWhatItWrites) {
    for (const auto& facts :
         {facts_of("btrfs", "/dev/sda2"),
          facts_of("zfs", "rpool/ROOT/debian"),
          facts_of("ext4", "/dev/mapper/vg-root")}) {
        const auto planned = plan_snapshot(facts, kRun);
        ASSERT_TRUE(planned);
        const auto read = parse_snapshot(format_snapshot(*planned));
        ASSERT_TRUE(read.has_value()) << read.error().text();
        EXPECT_EQ(*read, *planned);
    }
}

TEST(SnapshotRecord, NamesNothingThatIsNotOurs) {
    const auto record = [](const char* kind, const char* name) {
        return std::string("{\"format\":\"thimble.snapshot/1\",\"kind\":\"") + kind
            + "\",\"name\":\"" + name + "\",\"source\":\"x\",\"way_back\":\"\"}";
    };
    EXPECT_TRUE(parse_snapshot(record("zfs", "pool/a@thimble-1")).has_value());
    for (const auto& bad :
         {record("zfs", "pool/a"),
          record("zfs", "-r@thimble-1"),
          record("btrfs", "/home"),
          record("btrfs", "/.thimble-snapshots/../home"),
          record("lvm", "vg/root"),
          record("tape", "x"),
          std::string("{}"),
          std::string()}) {
        EXPECT_FALSE(parse_snapshot(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace thimble::apply
