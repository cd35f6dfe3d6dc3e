#include "thimble/apply/prechecks.hpp"

#include "thimble/apply/deb_control.hpp"
#include "thimble/apply/plan_builder_test.hpp"
#include "thimble/apply/read_prechecks.hpp"
#include "thimble/host/root_host.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

PrecheckFacts good_facts() {
    PrecheckFacts facts;
    facts.host.machine_id = small_plan().machine_id;
    facts.host_state = small_plan().host_state;
    facts.health = PackageHealth{};
    facts.lock_known = true;
    facts.space = {
        {.folder = "/usr",
         .free_bytes = std::uint64_t{1} << 30,
         .file_system = 1,
         .read_only = false}};
    return facts;
}

std::string first_code(const PrecheckFacts& facts) {
    const auto refusals = precheck(small_plan(), facts, Direction::Forward);
    return refusals.empty() ? "" : refusals.front().code;
}

TEST(Precheck, LetsAHealthyHostPass) {
    EXPECT_EQ(first_code(good_facts()), "");
}

TEST(Precheck, BeginsNothingOnAMachineThatGoesDown) {
    PrecheckFacts facts = good_facts();
    facts.going_down = "the machine is going down";

    for (const Direction direction : {Direction::Forward, Direction::Back}) {
        const auto refusals = precheck(small_plan(), facts, direction);
        ASSERT_EQ(refusals.size(), 1U);
        EXPECT_EQ(refusals[0].code, "apply.going_down");
        EXPECT_EQ(refusals[0].detail, "the machine is going down");
    }
}

TEST(Precheck, NamesWhoHoldsTheLock) {
    PrecheckFacts facts = good_facts();
    facts.lock_holder = LockHolder{4711, "unattended-upgr", "/var/lib/dpkg/lock-frontend"};

    const auto refusals = precheck(small_plan(), facts, Direction::Forward);

    ASSERT_EQ(refusals.size(), 1U);
    EXPECT_EQ(refusals[0].code, "apply.locked");
    EXPECT_NE(refusals[0].detail.find("4711 (unattended-upgr)"), std::string::npos);
}

TEST(Precheck, RefusesToChangeWhatTheOwnerHolds) {
    PrecheckFacts facts = good_facts();
    facts.health->held = {{"another", "amd64", "1.0"}};
    EXPECT_EQ(first_code(facts), "");
    const model::PlannedStep step = small_plan().steps.front();
    facts.health->held.push_back({step.name, step.architecture, "1.0"});

    for (const Direction direction : {Direction::Forward, Direction::Back}) {
        const auto refusals = precheck(small_plan(), facts, direction);
        ASSERT_EQ(refusals.size(), 1U);
        EXPECT_EQ(refusals[0].code, "apply.held");
        EXPECT_NE(refusals[0].detail.find(step.name), std::string::npos);
        EXPECT_EQ(refusals[0].next, "If it may change: apt-mark unhold " + step.name);
    }
}

TEST(Precheck, RefusesWhatItCouldNotLearn) {
    PrecheckFacts facts = good_facts();
    facts.lock_known = false;
    EXPECT_EQ(first_code(facts), "apply.lock_unknown");
    facts = good_facts();
    facts.health.reset();
    EXPECT_EQ(first_code(facts), "apply.health_unknown");
    facts = good_facts();
    facts.host_state.reset();
    EXPECT_EQ(first_code(facts), "apply.state_unknown");
}

TEST(Precheck, RefusesAnotherHostAndAChangedOne) {
    PrecheckFacts facts = good_facts();
    facts.host = {.name = "web2", .machine_id = "other"};
    EXPECT_EQ(first_code(facts), "apply.other_host");
    facts = good_facts();
    facts.host_state = "other";
    EXPECT_EQ(first_code(facts), "apply.stale_plan");
}

TEST(OtherHostRefusal, NamesBoth) {
    const auto refusal =
        other_host_refusal(small_plan(), {.name = "web2", .machine_id = "fedcba9876543210"});

    ASSERT_TRUE(refusal);
    EXPECT_EQ(
        refusal->detail,
        "the plan is of another host: it was made for web1 (machine id "
        "0123456789abcdef0123456789abcdef), and this is web2 (machine id fedcba9876543210)");
}

TEST(OtherHostRefusal, KnowsAHostByItsMachineIdAlone) {
    model::Plan plan = small_plan();
    EXPECT_FALSE(other_host_refusal(plan, {.name = "renamed", .machine_id = plan.machine_id}));
    EXPECT_TRUE(other_host_refusal(plan, {.name = plan.host, .machine_id = ""}));
}

/// Of a root without a machine id.
HostSigns signs_at(const std::string& path, std::uint64_t inode, const std::string& machine) {
    return {.name = path, .machine_id = "", .place = {path, inode, machine}};
}

TEST(OtherHostRefusal, KnowsARootWithoutAMachineIdByItsPlace) {
    model::Plan plan = small_plan();
    plan.machine_id.clear();
    plan.root = signs_at("/srv/a", 7, "m1").place;
    EXPECT_FALSE(other_host_refusal(plan, signs_at("/srv/a", 7, "m1")));
    HostSigns booted = signs_at("/srv/a", 7, "m1");
    booted.machine_id = "made since";
    EXPECT_FALSE(other_host_refusal(plan, booted));

    EXPECT_EQ(
        other_host_refusal(plan, signs_at("/srv/b", 7, "m1"))->detail,
        "the plan is of another root: it was made for /srv/a, and this is /srv/b");
    EXPECT_EQ(
        other_host_refusal(plan, signs_at("/srv/a", 8, "m1"))->detail,
        "the plan is of another root: it was made for what was /srv/a before, and another "
        "directory is there now");
    EXPECT_EQ(
        other_host_refusal(plan, signs_at("/srv/a", 7, "m2"))->detail,
        "the plan is of another machine: it was made for /srv/a (machine id m1), and this is "
        "/srv/a (machine id m2)");
    plan.root.reset();
    EXPECT_TRUE(other_host_refusal(plan, signs_at("", 0, "")))
        << "nothing is not the same as nothing";
}

TEST(OtherHostRefusal, TellsACopyWithTheSameMachineIdByItsPackages) {
    model::Plan plan = small_plan();
    plan.root = signs_at("/srv/a", 7, "m1").place;
    HostSigns copy = signs_at("/srv/b", 8, "m1");
    copy.machine_id = plan.machine_id;
    EXPECT_FALSE(other_host_refusal(plan, copy)) << "seen from elsewhere, it may be the very one";
    EXPECT_FALSE(other_host_refusal(plan, copy, plan.host_state));
    EXPECT_EQ(
        other_host_refusal(plan, copy, "other")->detail,
        "the plan is of another root: it was made for /srv/a, and this is /srv/b, which has the "
        "same machine id and other packages");
    copy.place = signs_at("/srv/a", 9, "m1").place;
    EXPECT_FALSE(other_host_refusal(plan, copy, "other"))
        << "restored from a backup: it has changed";
}

TEST(UnfinishedRefusal, NamesTheCure) {
    EXPECT_FALSE(unfinished_refusal(PackageHealth()));
    PackageHealth health;
    health.unfinished = {{"libx1", "amd64", "1-1"}};
    const auto refusal = unfinished_refusal(health);
    ASSERT_TRUE(refusal);
    EXPECT_NE(refusal->detail.find("libx1 is not fully installed"), std::string::npos);
    EXPECT_NE(refusal->next.find("dpkg --configure -a"), std::string::npos);
    const auto at_work = unfinished_refusal(health, LockHolder{7, "apt-get", "/var/lib/dpkg/lock"});
    ASSERT_TRUE(at_work);
    EXPECT_EQ(at_work->code, "apply.locked");
    EXPECT_NE(at_work->detail.find("process 7 (apt-get)"), std::string::npos);
}

TEST(Precheck, NamesWhatChangedSinceThePlan) {
    PrecheckFacts facts = good_facts();
    facts.host_state = "other";
    model::Plan plan = small_plan();
    plan.held.emplace();
    facts.health->held = {{"another", "amd64", "1.0"}};
    const auto refusals = precheck(plan, facts, Direction::Forward);
    ASSERT_EQ(refusals.size(), 1U);
    EXPECT_EQ(
        refusals[0].detail,
        "the host's packages have changed since the plan was made: another is held since");
}

TEST(Precheck, RefusesAnInterruptedDatabaseAndBrokenDependencies) {
    PrecheckFacts facts = good_facts();
    facts.health->interrupted = true;
    EXPECT_EQ(first_code(facts), "apply.interrupted");
    facts = good_facts();
    facts.health->unfinished = {{"libx1", "amd64", "1-1"}};
    EXPECT_EQ(first_code(facts), "apply.interrupted");
    facts = good_facts();
    facts.health->broken = {"a: Depends: b"};
    EXPECT_EQ(first_code(facts), "apply.broken_dependencies");
}

TEST(Precheck, CountsDownloadGrowthAndReserve) {
    PrecheckFacts facts = good_facts();
    facts.space[0].free_bytes = (std::uint64_t{256} << 20) + 1233;
    EXPECT_EQ(first_code(facts), "apply.no_space");
    const auto refusal_of = [&](const model::Plan& plan, Direction direction) {
        return precheck(plan, facts, direction).front().detail;
    };
    EXPECT_TRUE(refusal_of(small_plan(), Direction::Forward)
                    .ends_with("the plan needs 256 MiB, of it 256 MiB are the reserve"));
    facts.space[0].free_bytes = 0;
    model::Plan shrunk = small_plan();
    shrunk.steps.front().growth_bytes = -5;
    EXPECT_FALSE(refusal_of(shrunk, Direction::Back).contains("reserve"));
    model::Plan frugal = small_plan();
    frugal.policy.reserve_bytes = 0;
    EXPECT_FALSE(refusal_of(frugal, Direction::Forward).contains("reserve"));
    facts.space[0].free_bytes = (std::uint64_t{256} << 20) + 1233;
    facts.space[0].free_bytes += 1;
    EXPECT_EQ(first_code(facts), "");
    facts.space[0].read_only = true;
    EXPECT_EQ(first_code(facts), "apply.read_only");
}

TEST(Precheck, CountsThatAPackageIsUnpackedBesideTheOneThatIsThere) {
    PrecheckFacts facts = good_facts();
    model::Plan plan = small_plan();
    plan.policy.reserve_bytes = 0;
    plan.download_bytes = 0;
    plan.steps[0].unpacked_bytes = 5000;
    plan.steps[0].growth_bytes = -2000;
    plan.steps[1].unpacked_bytes = 9000;  // new: it grows, and stands beside nothing
    plan.steps[1].growth_bytes = 9000;
    facts.space[0].free_bytes = 4999;
    EXPECT_EQ(precheck(plan, facts, Direction::Forward).size(), 1U);
    facts.space[0].free_bytes = 5000;
    EXPECT_TRUE(precheck(plan, facts, Direction::Forward).empty());
    facts.space[0].free_bytes = 7874;  // 7000 in whole blocks
    EXPECT_EQ(precheck(plan, facts, Direction::Back).size(), 1U);
    facts.space[0].free_bytes = 7875;
    EXPECT_TRUE(precheck(plan, facts, Direction::Back).empty());
}

TEST(Precheck, AsksOfAWayBackThatWasCutForWhatIsLeftOfIt) {
    PrecheckFacts facts = good_facts();
    model::Plan plan = small_plan();
    plan.steps = {upgrade_step("liba1", "1-1", "1-2"), upgrade_step("libb1", "1-1", "1-2")};
    for (model::PlannedStep& step : plan.steps) {
        step.unpacked_bytes = 8000;
        step.growth_bytes = -2000;
    }
    const auto refuses = [&](std::uint64_t free_bytes, Direction direction) {
        facts.space[0].free_bytes = free_bytes;
        return !precheck(plan, facts, direction).empty();
    };
    constexpr std::uint64_t kOfBoth =
        4000 + 11250;  // what both grow by, and one unpacked in blocks
    constexpr std::uint64_t kOfOne = 2000 + 11250;

    EXPECT_TRUE(refuses(kOfBoth - 1, Direction::Back)) << "what is installed is not known";
    facts.installed = {{"liba1", "amd64", "1-2"}, {"libb1", "amd64", "1-2"}};
    EXPECT_TRUE(refuses(kOfBoth - 1, Direction::Back));
    EXPECT_FALSE(refuses(kOfBoth, Direction::Back));
    facts.installed = {{"liba1", "amd64", "1-1"}, {"libb1", "amd64", "1-2"}};
    EXPECT_FALSE(refuses(kOfOne, Direction::Back));
    EXPECT_TRUE(refuses(kOfOne - 1, Direction::Back));
    EXPECT_TRUE(refuses(kOfOne, Direction::Forward)) << "with its reserve";
    facts.installed = {{"liba1", "amd64", "1-1"}, {"libb1", "amd64", "1-1"}};
    EXPECT_FALSE(refuses(0, Direction::Back)) << "all is back";
    facts.health->interrupted = true;
    EXPECT_TRUE(refuses(kOfBoth - 1, Direction::Back));
}

TEST(Precheck, LooksAtBootAndVarWhereTheyAreFileSystemsOfTheirOwn) {
    PrecheckFacts facts = good_facts();
    facts.space.push_back(
        {.folder = "/boot", .free_bytes = 1 << 20, .file_system = 1, .read_only = false});
    facts.space.push_back(
        {.folder = "/var", .free_bytes = 1 << 20, .file_system = 2, .read_only = false});
    EXPECT_EQ(first_code(facts), "apply.no_space") << "/var has no room for archives";
    facts.space[2].free_bytes = std::uint64_t{1} << 30;
    EXPECT_EQ(first_code(facts), "");
    facts.space[1].file_system = 3;
    EXPECT_EQ(first_code(facts), "") << "no kernel is among it";
    model::Plan plan = small_plan();
    plan.steps.front().name = "linux-image-6.1.0-30-amd64";
    EXPECT_EQ(precheck(plan, facts, Direction::Forward).front().code, "apply.no_space");
    facts.space[1].free_bytes = std::uint64_t{1} << 30;
    EXPECT_TRUE(precheck(plan, facts, Direction::Forward).empty());
}

TEST(Precheck, LeavesRoomInBootForAnInitialFileSystemThatIsMadeAnew) {
    PrecheckFacts facts = good_facts();
    facts.space.push_back(
        {.folder = "/boot",
         .free_bytes = 4999,
         .file_system = 3,
         .read_only = false,
         .initial_bytes = 5000});
    model::Plan plan = small_plan();
    EXPECT_TRUE(precheck(plan, facts, Direction::Forward).empty());
    plan.steps.front().name = "intel-microcode";
    for (const Direction direction : {Direction::Forward, Direction::Back}) {
        ASSERT_EQ(precheck(plan, facts, direction).size(), 1U);
        EXPECT_EQ(precheck(plan, facts, direction).front().code, "apply.no_space");
    }
    facts.space[1].free_bytes = 5000;
    EXPECT_TRUE(precheck(plan, facts, Direction::Forward).empty());
    facts.space[1].free_bytes = 4999;
    for (const char* name :
         {"e2fsprogs", "busybox-static", "busybox-initramfs", "linux-firmware", "zfs-dkms"}) {
        plan.steps.front().name = name;
        EXPECT_EQ(precheck(plan, facts, Direction::Forward).size(), 1U) << name;
    }
    // Whatever its name is, its archive tells.
    plan.steps.front().name = "curl";
    EXPECT_TRUE(precheck(plan, facts, Direction::Forward).empty());
    facts.space[1].initial_remade = true;
    EXPECT_EQ(precheck(plan, facts, Direction::Forward).size(), 1U);
    EXPECT_EQ(precheck(plan, facts, Direction::Back).size(), 1U);
}

TEST(RemakesInitialFiles, IsToldByScriptsAndActivatedTriggers) {
    EXPECT_FALSE(remakes_initial_files("set -e\nldconfig\n", ""));
    EXPECT_TRUE(remakes_initial_files("if true; then\n  update-initramfs -u\nfi\n", ""));
    EXPECT_TRUE(remakes_initial_files("dracut --force\n", ""));
    EXPECT_TRUE(
        remakes_initial_files("", "activate-noawait ldconfig\nactivate update-initramfs\n"));
    EXPECT_TRUE(remakes_initial_files("", "  activate-noawait update-initramfs"));
    EXPECT_FALSE(remakes_initial_files("", "interest-noawait update-initramfs\n"));
}

TEST(WritesInitialFiles, IsSoForKernelsAndWhatRemakesThem) {
    model::Plan plan = small_plan();
    EXPECT_FALSE(writes_initial_files(plan.steps));
    for (const char* name : {"linux-image-6.1.0-30-amd64", "intel-microcode", "kernel-core"}) {
        plan.steps.front().name = name;
        EXPECT_TRUE(writes_initial_files(plan.steps)) << name;
    }
}

TEST(FullDiskWords, NameTheFileSystemWithTheLeastRoom) {
    std::vector<FreeSpace> space{
        {.folder = "/", .free_bytes = 5 << 20, .file_system = 1},
        {.folder = "/usr", .free_bytes = 5 << 20, .file_system = 1},
        {.folder = "/var", .free_bytes = 7 << 20, .file_system = 2}};
    model::Plan plan = small_plan();
    const auto words = [&](Direction direction) {
        return full_disk_words(plan, space, direction);
    };
    EXPECT_EQ(words(Direction::Forward), "the disk of /usr is full (5 MiB free)");
    EXPECT_EQ(words(Direction::Back), "the disk of /usr is full (5 MiB free)");
    EXPECT_TRUE(words(Direction::Back).starts_with(kFullDisk));
    plan.steps.front().growth_bytes = -(40 << 20);  // what has become smaller comes back
    plan.growth_bytes = 40 << 20;                   // as the plan of a rollback tells it
    EXPECT_EQ(words(Direction::Forward), "the disk of /usr is full (5 MiB free)");
    EXPECT_EQ(words(Direction::Back), "the disk of /usr is full (5 MiB free, 41 MiB are needed)");
    space[2].free_bytes = 100;
    EXPECT_EQ(words(Direction::Back), "the disk of /var is full (0 MiB free)");
    space.clear();
    EXPECT_EQ(words(Direction::Back), "the disk is full");
}

TEST(IsDiskFull, ComparesWithWhatThePlanNeedsThere) {
    model::Plan plan = small_plan();
    plan.growth_bytes = 100 << 20;
    plan.policy.reserve_bytes = 0;
    std::vector<FreeSpace> space{
        {.folder = "/", .free_bytes = 90 << 20, .file_system = 1},
        {.folder = "/usr", .free_bytes = 90 << 20, .file_system = 1}};
    EXPECT_TRUE(is_disk_full(plan, space, Direction::Forward));
    plan.steps.front().growth_bytes = 100 << 20;
    EXPECT_FALSE(is_disk_full(plan, space, Direction::Back)) << "it becomes smaller again";
    plan.growth_bytes = -(100 << 20);
    plan.steps.front().growth_bytes = -(100 << 20);
    EXPECT_FALSE(is_disk_full(plan, space, Direction::Forward));
    EXPECT_TRUE(is_disk_full(plan, space, Direction::Back));
    plan.growth_bytes = 0;
    EXPECT_FALSE(is_disk_full(plan, space, Direction::Forward));
    // The largest package before is unpacked beside the new one, in whole blocks.
    plan.steps.front().unpacked_bytes = 85 << 20;
    plan.steps.front().growth_bytes = 0;
    EXPECT_FALSE(is_disk_full(plan, space, Direction::Forward));
    EXPECT_TRUE(is_disk_full(plan, space, Direction::Back));
    plan.steps.front().unpacked_bytes = 0;
    space.push_back({.folder = "/var", .free_bytes = 15 << 20, .file_system = 2});
    EXPECT_TRUE(is_disk_full(plan, space, Direction::Back));
    space.back() = {.folder = "/boot", .free_bytes = 15 << 20, .file_system = 2};
    EXPECT_FALSE(is_disk_full(plan, space, Direction::Back)) << "nothing is written there";
    EXPECT_FALSE(is_disk_full(plan, {}, Direction::Forward));
}

TEST(ReadSpace, LooksIntoBootOnlyWhereAStepWritesThere) {
    std::string root = testing::TempDir() + "thimble-boot-XXXXXX";
    ASSERT_NE(::mkdtemp(root.data()), nullptr);
    std::filesystem::create_directories(root + "/boot");
    std::ofstream(root + "/boot/initrd.img-6.1") << std::string(5000, 'x');
    auto host = host::RootHost::open(root).value();
    model::Plan plan = small_plan();
    const auto initial_bytes = [&] {
        const auto space = read_space(*host, plan.steps);
        return std::ranges::find(space, "/boot", &FreeSpace::folder)->initial_bytes;
    };

    EXPECT_EQ(initial_bytes(), 0U);
    plan.steps.front().name = "intel-microcode";
    EXPECT_EQ(initial_bytes(), 5000U);

    std::filesystem::remove_all(root);
}

TEST(Precheck, LetsAHostThatIsNotWellGoBack) {
    PrecheckFacts facts = good_facts();
    model::Plan plan = small_plan();
    plan.steps.front().growth_bytes = -5;  // which comes back
    facts.health->interrupted = true;
    facts.health->broken = {"a: Depends: b"};
    facts.load_per_cpu = 9.0;
    facts.on_battery = true;
    EXPECT_TRUE(precheck(plan, facts, Direction::Back).empty());
    facts.health.reset();
    facts.space[0].free_bytes = 1234;
    EXPECT_EQ(precheck(plan, facts, Direction::Back).size(), 1U) << "without the reserve";
    facts.space[0].free_bytes = 1;
    const auto refusals = precheck(plan, facts, Direction::Back);
    ASSERT_EQ(refusals.size(), 2U);
    EXPECT_EQ(refusals[0].code, "apply.health_unknown");
    EXPECT_EQ(refusals[1].next, "Free some space");
}

TEST(Precheck, NeedsNoRoomToTakeAKernelAway) {
    PrecheckFacts facts = good_facts();
    facts.space.push_back(
        {.folder = "/boot", .free_bytes = 1 << 20, .file_system = 3, .read_only = false});
    model::Plan plan = small_plan();
    model::PlannedStep& kernel = plan.steps.front();
    kernel.name = "linux-image-6.1.0-30-amd64";
    kernel.from_version.clear();
    kernel.change = model::PlannedChange::Install;
    EXPECT_TRUE(precheck(plan, facts, Direction::Back).empty());
    kernel.from_version = "1-1";
    EXPECT_EQ(precheck(plan, facts, Direction::Back).front().code, "apply.no_space");
}

TEST(Precheck, RefusesOnBatteryAndUnderLoad) {
    PrecheckFacts facts = good_facts();
    facts.on_battery = true;
    EXPECT_EQ(first_code(facts), "apply.on_battery");
    facts = good_facts();
    facts.load_per_cpu = 9.0;
    EXPECT_EQ(first_code(facts), "apply.load");
}

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

TEST(RoomForWayBack, IsForTheLargestPackageBeforeAndWhatHasBecomeSmaller) {
    model::Plan plan = small_plan();
    for (model::PlannedStep& step : plan.steps) {
        step.growth_bytes = 0;
    }
    plan.policy.reserve_bytes = 200 * kMiB;
    plan.steps[0].unpacked_bytes = 50 * kMiB;
    plan.steps[0].growth_bytes = 10 * static_cast<std::int64_t>(kMiB);
    plan.steps[1].unpacked_bytes = 90 * kMiB;  // new: nothing of it comes back
    plan.steps[1].growth_bytes = 90 * static_cast<std::int64_t>(kMiB);
    EXPECT_EQ(room_for_way_back(plan), (45 + 32) * kMiB)
        << "disks count blocks; scripts write, too";
    EXPECT_EQ(room_for_record(plan), 32 * kMiB);

    plan.steps[2].growth_bytes = -20 * static_cast<std::int64_t>(kMiB);  // removed: all of it does
    EXPECT_EQ(room_for_way_back(plan), (20 + 45 + 32) * kMiB);
    EXPECT_EQ(room_left_free(plan), 200 * kMiB);
    plan.policy.reserve_bytes = 1;
    EXPECT_EQ(room_left_free(plan), (20 + 45 + 32 + 32) * kMiB) << "a small reserve holds no less";

    plan.policy.reserve_bytes = 0;
    EXPECT_EQ(room_for_way_back(plan) + room_for_record(plan) + room_left_free(plan), 0U);
}

}  // namespace
}  // namespace thimble::apply
