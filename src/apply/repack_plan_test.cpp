#include "thimble/apply/repack_plan.hpp"

#include "thimble/apply/deb_control.hpp"
#include "thimble/apply/way_back.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

TEST(ControlOfStanza, DropsWhatDpkgKeepsAboutTheState) {
    EXPECT_EQ(
        control_of_stanza("Package: a\nStatus: install ok installed\nVersion: 1\nConffiles:\n"
                          " /etc/a 0123\n /etc/b 0123\nDescription: x\n more\n"),
        "Package: a\nVersion: 1\nDescription: x\n more\n");
}

TEST(RepackedPaths, LeavesOutWhatWasEditedAndKnowsFolders) {
    const auto paths =
        repacked_paths("/.\n/etc\n/etc/a\n/etc/b\n/lib\n/lib/x\n", {}, "a", {"/etc/b"});

    const std::vector<RepackedPath> expected{
        {"/etc", "/etc", true},
        {"/etc/a", "/etc/a", false},
        {"/lib", "/lib", true},
        {"/lib/x", "/lib/x", false}};
    EXPECT_EQ(paths, expected);
}

TEST(RepackedPaths, FollowDiversionsOfOthersOnly) {
    const std::vector<Diversion> diversions{{"/bin/sh", "/bin/sh.distrib", "dash"}};

    EXPECT_EQ(repacked_paths("/bin/sh\n", diversions, "bash", {})[0].on_disk, "/bin/sh.distrib");
    EXPECT_EQ(repacked_paths("/bin/sh\n", diversions, "dash", {})[0].on_disk, "/bin/sh");
}

TEST(RepackedPaths, RefuseToClimb) {
    EXPECT_TRUE(repacked_paths("/usr/../../etc/shadow\nrelative\n/..\n", {}, "a", {}).empty());
}

TEST(ArHeader, HasSixtyBytes) {
    const std::string header = ar_header("debian-binary", 4);

    EXPECT_EQ(header.size(), 60U);
    EXPECT_TRUE(header.starts_with("debian-binary   0   "));
    EXPECT_TRUE(header.ends_with("4         `\n"));
}

TEST(ParseConffiles, LeavesOutWhatIsToBeRemovedAndWhatClimbs) {
    EXPECT_EQ(
        parse_conffiles("/etc/a\nremove-on-upgrade /etc/b\n/etc/../shadow\n\n/etc/c d\n"),
        (std::vector<std::string>{"/etc/a", "/etc/c d"}));
}

TEST(ParseDiversions, ReadsThreeLinesEach) {
    const auto diversions = parse_diversions("/a\n/a.real\n:\n/b\n/b.real\npkg\n/cut\n");

    EXPECT_EQ(
        diversions, (std::vector<Diversion>{{"/a", "/a.real", ""}, {"/b", "/b.real", "pkg"}}));
}

TEST(WayBack, UndoesEachChange) {
    model::PlannedStep step;
    step.change = model::PlannedChange::Upgrade;
    step.from_version = "1";
    step.to_version = "2";
    step.growth_bytes = 5;

    const model::PlannedStep back = way_back(step);

    EXPECT_EQ(back.change, model::PlannedChange::Downgrade);
    EXPECT_EQ(back.from_version, "2");
    EXPECT_EQ(back.to_version, "1");
    EXPECT_EQ(back.growth_bytes, -5);
    step.change = model::PlannedChange::Install;
    EXPECT_EQ(way_back(step).change, model::PlannedChange::Remove);
    step.change = model::PlannedChange::Remove;
    EXPECT_EQ(way_back(step).change, model::PlannedChange::Install);
}

}  // namespace
}  // namespace thimble::apply
