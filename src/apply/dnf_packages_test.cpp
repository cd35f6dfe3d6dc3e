#include "thimble/apply/rpm_fixture_test.hpp"
#include "thimble/host/run_command.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

class DnfPackagesTest : public RpmRoomTest, public testing::WithParamInterface<RoomKind> {
protected:
    void SetUp() override { open_dnf(GetParam()); }

    /// Also from one file system to another.
    static void move(const std::string& from, const std::string& to) {
        fs::copy_file(from, to, fs::copy_options::overwrite_existing);
        fs::remove(from);
    }
};

TEST_P(DnfPackagesTest, BringsAPackageToTheVersionOfThePlan) {
    offer({.name = "t-lib", .version = "1"}, {.name = "t-new", .version = "2"});
    room_->build({.name = "t-lib", .version = "2", .fields = "Requires: t-new\n"});
    room_->publish();

    const auto resolution = resolve({"t-lib"}, "2-1");
    ASSERT_TRUE(resolution) << resolution.error().text();
    ASSERT_EQ(resolution->steps.size(), 2U) << format_resolution(*resolution);
    EXPECT_TRUE(resolution->steps[1].automatic);
    const auto report = packages_->run(transaction(resolution->steps));
    ASSERT_TRUE(report) << report.error().text();

    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->detail << report->output;
    EXPECT_EQ(versions_of("t-lib"), "2-1");
    EXPECT_EQ(versions_of("t-new"), "2-1");
    const auto health = packages_->health();
    ASSERT_TRUE(health) << health.error().text();
    EXPECT_TRUE(health->is_clean());
}

TEST_P(DnfPackagesTest, GoesBackToTheVersionsBefore) {
    offer(
        {.name = "t-lib", .version = "1", .files = {{"/usr/share/t/a", "1\n"}}},
        {.name = "t-new", .version = "2"});
    room_->build(
        {.name = "t-lib",
         .version = "2",
         .fields = "Requires: t-new\n",
         .files = {{"/usr/share/t/a", "2\n"}}});
    room_->publish();
    const auto before = packages_->host_state();
    const auto steps = resolve({"t-lib"}, "2-1")->steps;
    const auto kept = packages_->keep_current(steps, room_->archives());
    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ(kept->front().obtained, "repository");
    EXPECT_EQ(packages_->run(transaction(steps))->ending, TransactionEnding::Done);
    EXPECT_EQ(room_->read("/usr/share/t/a"), "2\n");

    std::vector<model::PlannedStep> back;
    for (const KeptArchive& archive : *kept) {
        back.push_back(archive.step);
    }
    const auto report = packages_->run(prepared(back));

    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->detail << report->output;
    EXPECT_EQ(versions_of("t-lib"), "1-1");
    EXPECT_EQ(versions_of("t-new"), "");
    EXPECT_EQ(room_->read("/usr/share/t/a"), "1\n");
    EXPECT_EQ(*packages_->host_state(), *before);
}

TEST_P(DnfPackagesTest, RefusesAnArchiveThatIsNotThePlans) {
    offer({.name = "t-lib", .version = "1"}, {.name = "t-lib", .version = "2"});
    room_->build({.name = "t-lib", .version = "3"});
    room_->publish();
    auto two = transaction(resolve({"t-lib"}, "2-1")->steps);
    const auto three = transaction(resolve({"t-lib"}, "3-1")->steps);
    two.steps[0].archive->file_name = three.steps[0].archive->file_name;

    const auto report = packages_->run(two);

    EXPECT_EQ(report->ending, TransactionEnding::Refused) << report->detail;
    EXPECT_NE(report->detail.find("holds t-lib-3-1"), std::string::npos) << report->detail;
    EXPECT_EQ(versions_of("t-lib"), "1-1");
}

TEST_P(DnfPackagesTest, RefusesAPlanThatLeavesSomethingOut) {
    offer({.name = "t-lib", .version = "1"}, {.name = "t-new", .version = "2"});
    room_->build({.name = "t-lib", .version = "2", .fields = "Requires: t-new\n"});
    room_->publish();
    auto steps = resolve({"t-lib"}, "2-1")->steps;
    ASSERT_EQ(steps.size(), 2U);
    steps.pop_back();

    const auto report = packages_->run(transaction(steps));

    EXPECT_EQ(report->ending, TransactionEnding::Refused) << report->output;
    EXPECT_NE(report->detail.find("t-new"), std::string::npos) << report->detail;
    EXPECT_EQ(versions_of("t-lib"), "1-1");
}

TEST_P(DnfPackagesTest, RemovesWhatIsObsoletedOnlyWhenThePlanSaysSo) {
    room_->install(room_->build({.name = "t-old", .version = "1"}));
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib", .version = "2", .fields = "Obsoletes: t-old\n"});
    const auto steps = resolve({"t-lib"}, "2-1")->steps;
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[1].change, model::PlannedChange::Remove);
    const Transaction whole = transaction(steps);
    Transaction part = whole;
    part.steps.pop_back();

    const auto refused = packages_->run(part);
    EXPECT_EQ(refused->ending, TransactionEnding::Refused);
    EXPECT_EQ(refused->detail, "dnf would remove t-old 1-1 (noarch)");
    const auto done = packages_->run(whole);

    EXPECT_EQ(done->ending, TransactionEnding::Done) << done->detail << done->output;
    EXPECT_EQ(versions_of("t-old"), "");
    EXPECT_EQ(versions_of("t-lib"), "2-1");
}

TEST_P(DnfPackagesTest, NamesThePackageWhosePreScriptFails) {
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib", .version = "2", .scripts = "%pre\nexit 4\n"});

    const auto report = packages_->run(transaction(resolve({"t-lib"}, "2-1")->steps));

    EXPECT_EQ(report->ending, TransactionEnding::Failed);
    EXPECT_EQ(report->failed_package, "t-lib");
    EXPECT_EQ(report->detail, "t-lib: its prein script failed");
    EXPECT_EQ(versions_of("t-lib"), "1-1");
}

TEST_P(DnfPackagesTest, DoesNotTakeAFailingPostScriptForWell) {
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib", .version = "2", .scripts = "%post\necho words >&2\nexit 3\n"});

    const auto report = packages_->run(transaction(resolve({"t-lib"}, "2-1")->steps));

    EXPECT_EQ(report->ending, TransactionEnding::Failed);
    EXPECT_EQ(report->failed_package, "t-lib");
    EXPECT_NE(report->detail.find("postin"), std::string::npos);
    EXPECT_NE(report->output.find("words"), std::string::npos);
    EXPECT_EQ(versions_of("t-lib"), "2-1");  // that is rpm's way
}

TEST_P(DnfPackagesTest, TellsWhatKeepsAVersionAway) {
    for (const char* name : {"t-held", "t-excluded", "t-app"}) {
        room_->install(room_->build({.name = name, .version = "1"}));
    }
    room_->build({.name = "t-held", .version = "2"});
    room_->build({.name = "t-excluded", .version = "2"});
    room_->build({.name = "t-app", .version = "2", .fields = "Requires: t-nowhere\n"});
    room_->publish();
    RpmRoom::write(
        room_->root() + "/etc/dnf/plugins/versionlock.conf",
        "[main]\nenabled=1\nlocklist=/etc/dnf/plugins/versionlock.list\n");
    RpmRoom::write(room_->root() + "/etc/dnf/plugins/versionlock.list", "# mine\nt-held-0:1-1.*\n");
    RpmRoom::write(
        room_->root() + "/etc/dnf/dnf.conf", "[main]\ngpgcheck=1\nexcludepkgs=t-excluded\n");

    const auto resolution = resolve({"t-held", "t-excluded", "t-app", "t-gone"}, "2-1");

    ASSERT_TRUE(resolution) << resolution.error().text();
    const std::vector<std::string> expected{
        "apply.held", "apply.excluded", "apply.version_gone", "apply.dependency_conflict"};
    EXPECT_EQ(codes(*resolution), expected) << format_resolution(*resolution);
    EXPECT_NE(resolution->problems.back().detail.find("t-nowhere"), std::string::npos);
}

TEST_P(DnfPackagesTest, RefusesAnUnsignedArchiveWhereSignaturesAreDemanded) {
    offer({.name = "t-lib", .version = "1"}, {.name = "t-lib", .version = "2"});
    room_->configure_repository("gpgcheck=1\n");
    const auto resolution = resolve({"t-lib"}, "2-1");
    EXPECT_TRUE(resolution->problems.empty());

    const auto fetched = packages_->fetch(resolution->steps, room_->archives(), {});

    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, "apply.untrusted_origin");
    EXPECT_NE(fetched.error().text().find("not signed"), std::string::npos)
        << fetched.error().text();
}

TEST_P(DnfPackagesTest, LeavesTheDownloadsOfAnotherFetchAlone) {
    offer({.name = "t-lib", .version = "1"}, {.name = "t-lib", .version = "2"});
    const auto steps = resolve({"t-lib"}, "2-1")->steps;
    const fs::path archives = room_->archives();
    const fs::path other = archives / ".unchecked-other";
    const fs::path killed = archives / ".unchecked-killed";
    for (const fs::path& folder : {other, killed}) {
        fs::create_directories(folder);
        std::ofstream(folder / "t-lib-2-1.noarch.rpm") << "half";
    }
    fs::last_write_time(killed, fs::file_time_type::clock::now() - std::chrono::hours(25));

    const auto fetched = packages_->fetch(steps, archives, {});

    ASSERT_TRUE(fetched) << fetched.error().text();
    EXPECT_TRUE(fs::exists(archives / steps[0].archive->file_name));
    EXPECT_TRUE(fs::exists(other / "t-lib-2-1.noarch.rpm"));
    EXPECT_FALSE(fs::exists(killed));
    const auto entries = fs::directory_iterator(archives);
    EXPECT_EQ(
        std::count_if(
            begin(entries),
            end(entries),
            [](const fs::directory_entry& entry) { return entry.is_directory(); }),
        1)
        << "its own is gone";
}

TEST_P(DnfPackagesTest, NamesARepositoryThatChecksNothing) {
    offer({.name = "t-lib", .version = "1"}, {.name = "t-lib", .version = "2"});

    const auto resolution = resolve({"t-lib"}, "2-1");

    ASSERT_EQ(resolution->problems.size(), 1U);
    EXPECT_EQ(resolution->problems[0].code, "apply.untrusted_origin");
}

TEST_P(DnfPackagesTest, ForetellsConfigurationConflictsAndReportsWhatRpmDid) {
    const auto configs = [](const std::string& text) {
        return std::vector<std::pair<std::string, std::string>>{
            {"/etc/t/edited", text}, {"/etc/t/same", text}, {"/etc/t/removed", text}};
    };
    room_->install(room_->build(
        {.name = "t-hard",
         .version = "1",
         .configs = {{"/etc/t/hard", "a\n"}},
         .noreplace = false}));
    offer(
        {.name = "t-lib", .version = "1", .configs = configs("a\n")},
        {.name = "t-lib", .version = "2", .configs = configs("b\n")});
    room_->build(
        {.name = "t-hard",
         .version = "2",
         .configs = {{"/etc/t/hard", "b\n"}},
         .noreplace = false});
    room_->publish();
    RpmRoom::write(room_->root() + "/etc/t/edited", "mine\n");
    RpmRoom::write(room_->root() + "/etc/t/hard", "mine\n");
    fs::remove(room_->root() + "/etc/t/removed");
    const Transaction wanted = transaction(resolve({"t-lib", "t-hard"}, "2-1")->steps);

    const auto foretold = packages_->predict_conffiles(wanted.steps, room_->archives());
    const auto configuration = packages_->configuration_files(wanted.steps, room_->archives());
    const auto report = packages_->run(wanted);

    ASSERT_TRUE(foretold) << foretold.error().text();
    using model::ConffileConflict;
    const std::string diff = "@@ -1,1 +1,1 @@\n-mine\n+b\n";
    const std::vector<model::PlannedConffile> expected{
        {"t-hard", "/etc/t/hard", ConffileConflict::Replaced, diff},
        {"t-lib", "/etc/t/edited", ConffileConflict::Edited, diff},
        {"t-lib", "/etc/t/removed", ConffileConflict::Deleted, ""}};
    EXPECT_EQ(*foretold, expected);
    const std::vector<std::string> paths{
        "/etc/t/edited", "/etc/t/hard", "/etc/t/removed", "/etc/t/same"};
    EXPECT_EQ(*configuration, paths);
    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->detail;
    EXPECT_EQ(
        report->detail,
        "/etc/t/edited.rpmnew is the new version's configuration; "
        "/etc/t/hard.rpmsave is the host's configuration, which was replaced");
    EXPECT_EQ(room_->read("/etc/t/edited"), "mine\n");
    EXPECT_EQ(room_->read("/etc/t/hard"), "b\n");
    EXPECT_EQ(room_->read("/etc/t/same"), "b\n");
    EXPECT_EQ(room_->read("/etc/t/removed"), "b\n");
}

TEST_P(DnfPackagesTest, TakesTheOldArchiveFromTheCacheAndSaysWhenThereIsNone) {
    const std::string old = room_->build({.name = "t-lib", .version = "1"});
    room_->install(old);
    room_->build({.name = "t-lib", .version = "2"});
    const std::string cache = room_->root() + "/var/cache/dnf/t-1/packages/";
    fs::create_directories(cache);
    move(old, cache + "t-lib-1-1.noarch.rpm");
    room_->publish();
    const auto steps = resolve({"t-lib"}, "2-1")->steps;

    const auto kept = packages_->keep_current(steps, room_->archives());
    ASSERT_TRUE(kept) << kept.error().text();
    EXPECT_EQ(kept->front().obtained, "cache");
    // An archive of that name that is another build is not what is installed.
    room_->build({.name = "t-lib", .version = "1", .files = {{"/usr/share/t/a", "other\n"}}});
    move(old, cache + "t-lib-1-1.noarch.rpm");
    const auto none = packages_->keep_current(steps, room_->archives());

    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, "apply.not_kept") << none.error().text();
    EXPECT_NE(none.error().text().find("t-lib 1-1"), std::string::npos);
}

TEST_P(DnfPackagesTest, TellsThatTheHostChanged) {
    const auto before = packages_->host_state();
    ASSERT_TRUE(before) << before.error().text();
    EXPECT_EQ(*before, *packages_->host_state());

    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    const auto after = packages_->host_state();
    RpmRoom::write(room_->root() + "/etc/dnf/plugins/versionlock.list", "t-lib-1\n");

    EXPECT_NE(*before, *after);
    EXPECT_NE(*after, *packages_->host_state());
}

TEST_P(DnfPackagesTest, SaysWhatDnfsHistoryNeverEnded) {
    offer(
        {.name = "t-lib", .version = "1"},
        {.name = "t-lib",
         .version = "2",
         .scripts = "%post\n[ -e /hold ] && sleep 1000 || true\n"});
    auto hanging = transaction(resolve({"t-lib"}, "2-1")->steps);
    hanging.policy.silence_timeout = std::chrono::seconds(3);
    RpmRoom::write(room_->root() + "/hold", "");
    EXPECT_EQ(packages_->run(hanging)->ending, TransactionEnding::TimedOut);
    fs::remove(room_->root() + "/hold");
    EXPECT_TRUE(packages_->health()->interrupted);
    EXPECT_EQ(versions_of("t-lib"), "1-1 2-1");

    const auto repaired = packages_->repair(hanging);

    ASSERT_TRUE(repaired) << repaired.error().text();
    EXPECT_EQ(repaired->ending, TransactionEnding::Done) << repaired->detail << repaired->output;
    EXPECT_EQ(versions_of("t-lib"), "2-1");
    EXPECT_TRUE(packages_->health()->is_clean());
}

INSTANTIATE_TEST_SUITE_P(
    Rooms,
    DnfPackagesTest,
    testing::Values(RoomKind::InstallRoot, RoomKind::OwnPrograms),
    [](const auto& room) { return room_name(room.param); });

}  // namespace
}  // namespace thimble::apply
