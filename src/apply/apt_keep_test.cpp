#include "thimble/apply/apt_fixture_test.hpp"
#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/deb_archive.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

using AptConffiles = AptFixture;

TEST_F(AptConffiles, AreForetoldWithTheirDiff) {
    const std::vector<std::pair<std::string, std::string>> before{
        {"/etc/t/edited", "a\nb\n"},
        {"/etc/t/removed", "a\n"},
        {"/etc/t/same", "a\n"},
        {"/etc/t/mine", "a\n"}};
    const std::string paths = "/etc/t/edited\n/etc/t/removed\n/etc/t/same\n/etc/t/mine\n";
    room_->install(
        room_->build({.name = "t-conf", .version = "1", .files = before, .conffiles = paths}));
    const std::string two = room_->build(
        {.name = "t-conf",
         .version = "2",
         .files =
             {{"/etc/t/edited", "a\nb\nc\n"},
              {"/etc/t/removed", "b\n"},
              {"/etc/t/same", "b\n"},
              {"/etc/t/mine", "a\n"},
              {"/etc/t/foreign", "theirs\n"},
              {"/etc/t/fresh", "x\n"}},
         .conffiles = paths + "/etc/t/foreign\n/etc/t/fresh\n"});
    room_->publish();
    AptRoom::write(room_->root() + "/etc/t/edited", "a\nmy line\nb\n");
    AptRoom::write(room_->root() + "/etc/t/mine", "mine\n");
    AptRoom::write(room_->root() + "/etc/t/foreign", "mine\n");
    fs::remove(room_->root() + "/etc/t/removed");
    const Transaction wanted = transaction(resolve({"t-conf"}, "2")->steps);

    const auto foretold = packages_->predict_conffiles(wanted.steps, room_->archives());

    ASSERT_TRUE(foretold) << foretold.error().text();
    using model::ConffileConflict;
    const std::vector<model::PlannedConffile> expected{
        {"t-conf",
         "/etc/t/edited",
         ConffileConflict::Edited,
         "@@ -1,3 +1,3 @@\n a\n-my line\n b\n+c\n"},
        {"t-conf",
         "/etc/t/foreign",
         ConffileConflict::Foreign,
         "@@ -1,1 +1,1 @@\n-mine\n+theirs\n"},
        {"t-conf", "/etc/t/removed", ConffileConflict::Deleted, "@@ -0,0 +1,1 @@\n+b\n"}};
    EXPECT_EQ(*foretold, expected);
    // And that is what dpkg does: what was not foretold is replaced, the rest is kept.
    EXPECT_EQ(packages_->run(wanted)->ending, TransactionEnding::Done);
    EXPECT_EQ(room_->read("/etc/t/edited"), "a\nmy line\nb\n");
    EXPECT_EQ(room_->read("/etc/t/foreign"), "mine\n");
    EXPECT_EQ(room_->read("/etc/t/same"), "b\n");
    EXPECT_EQ(room_->read("/etc/t/mine"), "mine\n");
    EXPECT_EQ(room_->read("/etc/t/fresh"), "x\n");
    EXPECT_FALSE(fs::exists(room_->root() + "/etc/t/removed"));
    for (const char* name : {"edited", "foreign", "removed"}) {
        EXPECT_TRUE(fs::exists(room_->root() + "/etc/t/" + name + ".dpkg-dist")) << name;
    }
}

TEST_F(AptConffiles, AreThoseThatUcfLooksAfterToo) {
    room_->install(room_->build({.name = "t-conf", .version = "1"}));
    room_->build({.name = "t-conf", .version = "2"});
    room_->publish();
    const Transaction wanted = transaction(resolve({"t-conf"}, "2")->steps);
    fs::create_directories(room_->root() + "/var/lib/ucf");
    AptRoom::write(
        room_->root() + "/var/lib/ucf/registry", "t-conf \t /etc/t/by-ucf\nother \t /etc/other\n");

    const auto paths = packages_->configuration_files(wanted.steps, room_->archives());

    ASSERT_TRUE(paths) << paths.error().text();
    EXPECT_EQ(*paths, std::vector<std::string>{"/etc/t/by-ucf"});
}

TEST_F(AptConffiles, OfADamagedArchiveAreAnError) {
    room_->build({.name = "t-conf", .version = "2"});
    room_->publish();
    const Transaction wanted = transaction(resolve({"t-conf"}, "2")->steps);
    const std::string path = room_->archives() + "/" + wanted.steps[0].archive->file_name;
    fs::resize_file(path, 100);

    EXPECT_EQ(
        packages_->predict_conffiles(wanted.steps, room_->archives()).error().code,
        "apply.bad_deb");
}

class AptKeep : public AptFixture {
protected:
    /// Installs version 1 and resolves the way to version 2.
    std::vector<model::PlannedStep> steps_from(
        const TestPackage& before, const TestPackage& after) {
        old_archive_ = room_->build(before);
        room_->install(old_archive_);
        room_->build(after);
        room_->publish();
        return resolve({after.name}, after.version)->steps;
    }

    /// Makes the repository forget version 1.
    void forget_old() {
        fs::remove(old_archive_);
        room_->publish();
    }

    static std::vector<model::PlannedStep> steps_of(const std::vector<KeptArchive>& kept) {
        std::vector<model::PlannedStep> steps;
        for (const KeptArchive& archive : kept) {
            steps.push_back(archive.step);
        }
        return steps;
    }

    std::string old_archive_;
};

TEST_F(AptKeep, TakesTheCachedArchiveFirst) {
    const auto steps = steps_from(
        {.name = "t-lib", .version = "1", .files = {{"/usr/share/t/a", "1"}}},
        {.name = "t-lib", .version = "2"});
    fs::copy_file(old_archive_, room_->root() + "/var/cache/apt/archives/t-lib_1_all.deb");

    const auto kept = packages_->keep_current(steps, room_->archives());

    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ(kept->front().obtained, "cache");
    EXPECT_EQ(kept->front().step.to_version, "1");
}

TEST_F(AptKeep, TakesWhatWasFetchedAheadWithoutARepository) {
    const auto steps = steps_from(
        {.name = "t-lib", .version = "1", .files = {{"/usr/share/t/a", "1"}}},
        {.name = "t-lib", .version = "2"});
    AptPlaces places = room_->places(THIMBLE_PROGRAMS);
    places.fetched = room_->archives() + "-ahead";
    fs::create_directories(places.fetched);
    AptPackages packages(room_->host(), places);
    packages.fetch_current(steps);
    ASSERT_TRUE(fs::exists(places.fetched + "/t-lib_1_all.deb"));
    forget_old();

    const auto kept = packages.keep_current(steps, room_->archives());

    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ(kept->front().obtained, "repository");
    EXPECT_TRUE(fs::exists(room_->archives() + "/t-lib_1_all.deb"));

    // What is there under that name and is something else is not taken.
    fs::copy_file(
        room_->build({.name = "t-other", .version = "1", .files = {{"/usr/share/t/a", "2"}}}),
        places.fetched + "/t-lib_1_all.deb",
        fs::copy_options::overwrite_existing);
    EXPECT_EQ(packages.keep_current(steps, room_->archives())->front().obtained, "repacked");
}

TEST_F(AptKeep, DoesNotTakeACachedArchiveOfSomethingElse) {
    const auto steps = steps_from(
        {.name = "t-lib", .version = "1", .files = {{"/usr/share/t/a", "1"}}},
        {.name = "t-lib", .version = "2"});
    const std::string other =
        room_->build({.name = "t-other", .version = "1", .files = {{"/usr/share/t/a", "2"}}});
    fs::copy_file(other, room_->root() + "/var/cache/apt/archives/t-lib_1_all.deb");

    EXPECT_NE(packages_->keep_current(steps, room_->archives())->front().obtained, "cache");
}

TEST_F(AptKeep, CopiesNoMoreThanAnArchiveOfThePackageCanHave) {
    const auto steps = steps_from(
        {.name = "t-lib",
         .version = "1",
         .fields = "Installed-Size: 9\n",
         .files = {{"/usr/share/t/a", "1"}}},
        {.name = "t-lib", .version = "2"});
    const std::string cached = room_->root() + "/var/cache/apt/archives/t-lib_1_all.deb";
    fs::copy_file(old_archive_, cached);
    ASSERT_EQ(packages_->keep_current(steps, room_->archives())->front().obtained, "cache");
    fs::resize_file(cached, std::uintmax_t{64} << 20);

    const auto kept = packages_->keep_current(steps, room_->archives());

    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ(kept->front().obtained, "repository");
    EXPECT_LT(fs::file_size(room_->archives() + "/t-lib_1_all.deb"), 64U << 10U);
}

TEST_F(AptKeep, PacksTheInstalledFilesWhenNobodyHasTheArchive) {
    const auto steps = steps_from(
        {.name = "t-lib",
         .version = "1:1.0-1",
         .files = {{"/usr/share/t/a", "first"}, {"/etc/t.conf", "old\n"}, {"/lib/t/x", "x"}},
         .scripts = {{"postinst", "echo \"$@\" >/var/tmp/t-lib.configured"}},
         .conffiles = "/etc/t.conf\n"},
        {.name = "t-lib",
         .version = "1:2.0-1",
         .files = {{"/usr/share/t/a", "second"}, {"/etc/t.conf", "new\n"}},
         .conffiles = "/etc/t.conf\n"});
    forget_old();
    const std::string state_before = *packages_->host_state();

    const auto kept = packages_->keep_current(steps, room_->archives());
    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ(kept->front().obtained, "repacked");
    EXPECT_EQ(packages_->run(transaction(steps))->ending, TransactionEnding::Done);
    EXPECT_EQ(room_->read("/usr/share/t/a"), "second");
    fs::remove(room_->root() + "/var/tmp/t-lib.configured");
    const auto report = packages_->run(prepared(steps_of(*kept)));

    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->output;
    EXPECT_EQ(version_of("t-lib"), "1:1.0-1");
    EXPECT_EQ(room_->read("/usr/share/t/a"), "first");
    EXPECT_EQ(room_->read("/etc/t.conf"), "old\n");
    EXPECT_EQ(room_->read("/lib/t/x"), "x");
    EXPECT_EQ(room_->read("/var/tmp/t-lib.configured"), "configure 1:2.0-1\n");
    EXPECT_EQ(*packages_->host_state(), state_before);
    EXPECT_TRUE(fs::is_symlink(room_->root() + "/lib"));
}

TEST_F(AptKeep, KeepsAnEditOfTheAdministratorAlsoFromTheVersionAfter) {
    const auto steps = steps_from(
        {.name = "t-lib",
         .version = "1",
         .files = {{"/etc/t.conf", "old\n"}},
         .conffiles = "/etc/t.conf\n"},
        {.name = "t-lib",
         .version = "2",
         .files = {{"/etc/t.conf", "new\n"}},
         .conffiles = "/etc/t.conf\n"});
    forget_old();
    AptRoom::write(room_->root() + "/etc/t.conf", "mine\n");

    const auto kept = packages_->keep_current(steps, room_->archives());
    const Transaction forward = transaction(steps);
    EXPECT_EQ(packages_->run(forward)->ending, TransactionEnding::Done);
    EXPECT_EQ(packages_->run(prepared(steps_of(*kept)))->ending, TransactionEnding::Done);
    EXPECT_EQ(room_->read("/etc/t.conf"), "mine\n");
    EXPECT_EQ(packages_->run(forward)->ending, TransactionEnding::Done);

    EXPECT_EQ(version_of("t-lib"), "2");
    EXPECT_EQ(room_->read("/etc/t.conf"), "mine\n");
}

TEST_F(AptKeep, GivesBackTheRecordOfConfigurationFilesThatItCouldNotPack) {
    const std::string paths = "/etc/t/edited\n/etc/t/same\n/etc/t/gone\n/etc/t/plain\n";
    const auto files = [](const std::string& text) {
        return std::vector<std::pair<std::string, std::string>>{
            {"/etc/t/edited", text},
            {"/etc/t/same", "always\n"},
            {"/etc/t/gone", text},
            {"/etc/t/plain", text}};
    };
    const auto steps = steps_from(
        {.name = "t-lib", .version = "1", .files = files("old\n"), .conffiles = paths},
        {.name = "t-lib", .version = "2", .files = files("new\n"), .conffiles = paths});
    forget_old();
    AptRoom::write(room_->root() + "/etc/t/edited", "mine\n");
    AptRoom::write(room_->root() + "/etc/t/same", "mine\n");
    fs::remove(room_->root() + "/etc/t/gone");
    const std::string status = "/var/lib/dpkg/status";
    const std::string before = room_->read(status);

    const auto kept = packages_->keep_current(steps, room_->archives());
    ASSERT_TRUE(kept) << kept.error().text();
    const Transaction forward = transaction(steps);
    EXPECT_EQ(packages_->run(forward)->ending, TransactionEnding::Done);
    EXPECT_EQ(packages_->run(prepared(steps_of(*kept)))->ending, TransactionEnding::Done);
    EXPECT_FALSE(fs::exists(room_->root() + "/etc/t/gone")) << "before anything else is done";
    const auto returned = packages_->return_records(room_->archives());

    EXPECT_TRUE(returned) << returned.error().text();
    EXPECT_EQ(room_->read(status), before);
    EXPECT_EQ(room_->read("/etc/t/edited"), "mine\n");
    EXPECT_TRUE(packages_->health()->is_clean());
    // And so the next update asks about just what it would have asked about.
    const auto foretold = packages_->predict_conffiles(forward.steps, room_->archives());
    std::vector<std::string> asked;
    for (const model::PlannedConffile& conffile : *foretold) {
        asked.push_back(conffile.path);
    }
    EXPECT_EQ(asked, (std::vector<std::string>{"/etc/t/edited", "/etc/t/gone"}));
}

TEST_F(AptKeep, PacksHardLinksModesAndOwners) {
    const std::string tree = room_->folder("linked");
    AptRoom::write(tree + "/usr/bin/t-one", "#!/bin/sh\n");
    fs::create_hard_link(tree + "/usr/bin/t-one", tree + "/usr/bin/t-two");
    fs::create_symlink("t-one", tree + "/usr/bin/t-three");
    fs::permissions(tree + "/usr/bin/t-one", fs::perms(04750));
    AptRoom::write(
        tree + "/DEBIAN/control",
        "Package: t-link\nVersion: 1\nArchitecture: all\nMaintainer: T <t@example.org>\n"
        "Description: test\n");
    ASSERT_EQ(::chown((tree + "/usr/bin/t-one").c_str(), 1, 2), 0);
    ASSERT_EQ(::chmod((tree + "/usr/bin/t-one").c_str(), 04750), 0);
    const std::string archive = room_->repository() + "/t-link_1_all.deb";
    ASSERT_TRUE(host::run_command({.argv = {"dpkg-deb", "--build", tree, archive}}));
    room_->install(archive);
    room_->build({.name = "t-link", .version = "2"});
    fs::remove(archive);
    room_->publish();
    const auto steps = resolve({"t-link"}, "2")->steps;

    const auto kept = packages_->keep_current(steps, room_->archives());
    EXPECT_EQ(packages_->run(transaction(steps))->ending, TransactionEnding::Done);
    EXPECT_FALSE(fs::exists(room_->root() + "/usr/bin/t-one"));
    EXPECT_EQ(packages_->run(prepared(steps_of(*kept)))->ending, TransactionEnding::Done);

    struct stat one{};
    struct stat two{};
    ASSERT_EQ(::stat((room_->root() + "/usr/bin/t-one").c_str(), &one), 0);
    ASSERT_EQ(::stat((room_->root() + "/usr/bin/t-two").c_str(), &two), 0);
    EXPECT_EQ(one.st_ino, two.st_ino);
    EXPECT_EQ(one.st_mode & 07777U, 04750U);
    EXPECT_EQ(one.st_uid, 1U);
    EXPECT_EQ(one.st_gid, 2U);
    EXPECT_EQ(fs::read_symlink(room_->root() + "/usr/bin/t-three"), "t-one");
}

TEST_F(AptKeep, GoesBackFromNewAndRemovedPackages) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->install(room_->build(
        {.name = "t-app",
         .version = "1",
         .fields = "Depends: t-lib (= 1)\n",
         .files = {{"/usr/share/t-app", "app"}}}));
    room_->build({.name = "t-lib", .version = "2", .fields = "Depends: t-new\n"});
    room_->build({.name = "t-new", .version = "2"});
    room_->publish();
    const auto steps = resolve({"t-lib"}, "2")->steps;
    ASSERT_EQ(steps.size(), 3U);
    const std::string state_before = *packages_->host_state();

    const auto kept = packages_->keep_current(steps, room_->archives());
    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ(packages_->run(transaction(steps))->ending, TransactionEnding::Done);
    EXPECT_EQ(version_of("t-app"), "");
    const auto report = packages_->run(prepared(steps_of(*kept)));

    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->output;
    EXPECT_EQ(version_of("t-new"), "");
    EXPECT_EQ(room_->read("/usr/share/t-app"), "app");
    EXPECT_EQ(*packages_->host_state(), state_before);
}

}  // namespace
}  // namespace thimble::apply
