#include "thimble/verify/health.hpp"

#include "thimble/verify/parse_units.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace thimble::verify {
namespace {

HealthSnapshot good() {
    HealthSnapshot snapshot;
    snapshot.boot_id = "b1";
    snapshot.units_known = true;
    snapshot.units = {{"cron.service", "active", "running"}, {"ssh.service", "active", "running"}};
    snapshot.listeners_known = true;
    snapshot.listeners = {"tcp 0.0.0.0:22 sshd"};
    snapshot.ephemeral = kUsualPorts;
    snapshot.mounts = {"/ ext4", "/boot ext4"};
    snapshot.default_routes = {"eth0"};
    snapshot.probes = {{"web", true, "HTTP 200"}};
    return snapshot;
}

CheckVerdict verdict_of(const std::vector<HealthCheck>& checks, std::string_view name) {
    const auto found = std::ranges::find(checks, name, &HealthCheck::name);
    return found == checks.end() ? CheckVerdict::Unknown : found->verdict;
}

TEST(CompareHealth, PassesWhatDidNotChange) {
    const auto checks = compare_health(good(), good());

    EXPECT_TRUE(is_healthy(checks));
    EXPECT_EQ(verdict_of(checks, "services"), CheckVerdict::Pass);
}

TEST(CompareHealth, CallsNothingWellWhereThereIsNothingToLookAt) {
    const HealthSnapshot bare;  // a directory: no kernel, no service manager, no probe

    const auto checks = compare_health(bare, bare);

    EXPECT_FALSE(has_looked(checks));
    EXPECT_EQ(verdict_of(checks, "mounts"), CheckVerdict::Unknown);
    EXPECT_EQ(verdict_of(checks, "routes"), CheckVerdict::Unknown);
    EXPECT_TRUE(has_looked(compare_health(good(), good())));

    HealthCheck mounts{"mounts", CheckVerdict::Pass, "there was no mount to lose", {}, {}};
    EXPECT_FALSE(has_looked({mounts})) << "of a directory of a machine";
    mounts.verdict = CheckVerdict::Fail;
    EXPECT_TRUE(has_looked({mounts}));

    HealthSnapshot probed;
    probed.probes = {{"web", true, "HTTP 200"}};
    EXPECT_TRUE(has_looked(compare_health(bare, probed)));

    HealthSnapshot lonely = good();
    lonely.default_routes.clear();
    const auto without = compare_health(lonely, lonely);
    EXPECT_EQ(verdict_of(without, "routes"), CheckVerdict::Pass);
    EXPECT_EQ(
        std::ranges::find(without, "routes", &HealthCheck::name)->summary,
        "there was no default route to lose");
}

TEST(CompareHealth, FailsANewlyFailedAndAStoppedService) {
    HealthSnapshot after = good();
    after.units[0] = {"cron.service", "failed", "failed"};
    EXPECT_EQ(verdict_of(compare_health(good(), after), "services"), CheckVerdict::Fail);
    after = good();
    after.units[1] = {"ssh.service", "inactive", "dead"};
    EXPECT_EQ(verdict_of(compare_health(good(), after), "services"), CheckVerdict::Fail);
}

TEST(CompareHealth, BearsAServiceThatEndsByItself) {
    HealthSnapshot before = good();
    before.units.push_back({"systemd-hostnamed.service", "active", "running"});
    before.units.push_back({"user@1000.service", "active", "running"});

    EXPECT_EQ(verdict_of(compare_health(before, good()), "services"), CheckVerdict::Pass);

    HealthSnapshot failed = good();
    failed.units.push_back({"user@1000.service", "failed", "failed"});
    EXPECT_EQ(verdict_of(compare_health(before, failed), "services"), CheckVerdict::Fail);
}

TEST(CompareHealth, MissesWhatWasActiveOfEveryKind) {
    HealthSnapshot before = good();
    before.units.push_back({"apt.timer", "active", "waiting"});
    before.units.push_back({"nftables.service", "active", "exited"});
    before.units.push_back({"run-anything.service", "active", "running"});
    before.units.push_back({"run-u12.service", "active", "running"});
    before.units.push_back({"run-r0123456789abcdef0123456789abcdef.service", "active", "running"});
    for (const std::size_t lost : {2U, 3U, 4U}) {
        HealthSnapshot after = before;
        after.units[lost].active = "inactive";
        EXPECT_EQ(verdict_of(compare_health(before, after), "services"), CheckVerdict::Fail)
            << before.units[lost].name;
    }
    HealthSnapshot after = before;
    after.units.resize(5);
    EXPECT_EQ(verdict_of(compare_health(before, after), "services"), CheckVerdict::Pass);
    after.units[4].sub = "exited";
    EXPECT_EQ(verdict_of(compare_health(before, after), "services"), CheckVerdict::Fail);
}

TEST(CompareHealth, OnlyWarnsOfWhatHadFailedBefore) {
    HealthSnapshot before = good();
    before.units.push_back({"x.service", "failed", "failed"});

    const auto checks = compare_health(before, before);

    EXPECT_EQ(verdict_of(checks, "services"), CheckVerdict::Warn);
    EXPECT_TRUE(is_healthy(checks));
}

TEST(CompareHealth, FailsALostListenerMountRouteAndProbe) {
    HealthSnapshot after = good();
    after.listeners.clear();
    after.mounts.pop_back();
    after.default_routes.clear();
    after.probes[0] = {"web", false, "HTTP 500"};

    const auto checks = compare_health(good(), after);

    for (const char* name : {"listeners", "mounts", "routes", "probe web"}) {
        EXPECT_EQ(verdict_of(checks, name), CheckVerdict::Fail) << name;
    }
}

TEST(CompareHealth, DoesNotMissAListenerWhosePortTheKernelChose) {
    HealthSnapshot before = good();
    before.listeners = {"tcp 0.0.0.0:22 sshd", "tcp 0.0.0.0:40123 rpc.statd"};
    HealthSnapshot after = good();
    after.listeners = {"tcp 0.0.0.0:22 sshd", "tcp 0.0.0.0:51000 rpc.statd"};

    const auto checks = compare_health(before, after);

    EXPECT_EQ(verdict_of(checks, "listeners"), CheckVerdict::Pass);
    const auto listeners = std::ranges::find(checks, "listeners", &HealthCheck::name);
    EXPECT_NE(listeners->summary.find("1 on another"), std::string::npos) << listeners->summary;
    after.listeners[1] = "tcp 0.0.0.0:51000 other";
    EXPECT_EQ(verdict_of(compare_health(before, after), "listeners"), CheckVerdict::Fail);
    after.listeners[1] = "tcp 0.0.0.0:8080 rpc.statd";
    EXPECT_EQ(verdict_of(compare_health(before, after), "listeners"), CheckVerdict::Fail);
}

TEST(CompareHealth, CallsAProbeThatWasNotAskedNeitherWellNorFailed) {
    HealthSnapshot closed = good();
    closed.probes = {{"web", false, "nothing is executed", false}};
    const auto checks = compare_health(good(), closed);
    EXPECT_TRUE(is_healthy(checks));
    const auto found = std::ranges::find(checks, "probe web", &HealthCheck::name);
    ASSERT_NE(found, checks.end());
    EXPECT_TRUE(is_of_probe(*found));
    EXPECT_EQ(found->verdict, CheckVerdict::Unknown);
    EXPECT_EQ(found->summary, "not asked: nothing is executed");
    EXPECT_FALSE(has_looked(compare_probes({}, closed.probes)));

    HealthSnapshot failing = good();
    failing.probes = {{"web", false, "HTTP 500"}};
    EXPECT_EQ(verdict_of(compare_health(closed, failing), "probe web"), CheckVerdict::Fail)
        << "nobody has seen it fail before";
    const auto read = parse_health(format_health(closed));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, closed);
}

TEST(CompareHealth, FailsAProbeThatWasNeverAskedBefore) {
    HealthSnapshot before = good();
    before.probes.clear();
    HealthSnapshot after = good();
    after.probes[0].passed = false;

    EXPECT_FALSE(is_healthy(compare_health(before, after)));
}

TEST(CompareHealth, CallsUnknownWhatCannotBeSeen) {
    HealthSnapshot blind = good();
    blind.units_known = false;
    blind.listeners_known = false;

    const auto checks = compare_health(blind, good());

    EXPECT_EQ(verdict_of(checks, "services"), CheckVerdict::Unknown);
    EXPECT_EQ(verdict_of(checks, "listeners"), CheckVerdict::Unknown);
    EXPECT_EQ(verdict_of(compare_health(good(), blind), "listeners"), CheckVerdict::Unknown);
    // It answered before: what it looks after may be lost.
    EXPECT_EQ(verdict_of(compare_health(good(), blind), "services"), CheckVerdict::Fail);
}

TEST(HealthDocument, ReadsBackWhatItWrote) {
    const auto read = parse_health(format_health(good()));

    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, good());
    HealthSnapshot without = good();
    without.ephemeral = {};
    EXPECT_EQ(parse_health(format_health(without))->ephemeral, PortRange{});
    EXPECT_EQ(parse_health("{}").error().code, "verify.bad_health");
}

TEST(ParseUnits, ReadsWhatSystemctlShows) {
    // systemd 239 orders the properties in its own way, and tells those of no socket that it has not.
    const std::vector<UnitState> expected{
        {"a.service", "active", "running"}, {"z.socket", "failed", "failed"}};
    EXPECT_EQ(
        parse_units("Id=z.socket\nActiveState=failed\nSubState=failed\nUnitFileState=enabled\n\n"
                    "NRestarts=0\nSubState=running\nActiveState=active\nId=a.service\n\n"
                    "ActiveState=active\nSubState=running\n\nId=nameless\n"),
        expected);
    EXPECT_TRUE(parse_units("UNIT LOAD ACTIVE SUB DESCRIPTION\na.service loaded active\n").empty());
}

TEST(ParseUnitRecords, ReadsBlocksOfProperties) {
    const std::vector<UnitRecord> expected{
        {"a.service", 0, true, 4711},
        {"b.service", 7, false},
        {"c.socket", 0, true},
        {"d.service", 0, false}};
    EXPECT_EQ(
        parse_unit_records(
            "NRestarts=7\nId=b.service\nUnitFileState=static\n\n"
            "Id=a.service\nNRestarts=0\nUnitFileState=enabled\n"
            "ActiveEnterTimestampMonotonic=4711\n\nNRestarts=3\n\n"
            "Id=c.socket\nUnitFileState=enabled-runtime\n\nId=d.service\nNRestarts=x\n"),
        expected);
}

TEST(CheckRestarts, FailsWhereOneWasStartedAnewMeanwhile) {
    const auto with = [](std::uint64_t first, std::uint64_t second) {
        HealthSnapshot snapshot = good();
        snapshot.records_known = true;
        snapshot.records = {{"a.service", first, true}, {"b.service", second, true}};
        return snapshot;
    };
    const HealthSnapshot before = with(0, 7);
    EXPECT_EQ(check_restarts(before, with(0, 7), with(0, 7)).verdict, CheckVerdict::Pass);
    EXPECT_EQ(check_restarts(before, with(0, 7), with(0, 0)).verdict, CheckVerdict::Pass)
        << "somebody has started it";
    EXPECT_EQ(check_restarts(before, with(0, 7), with(0, 9)).verdict, CheckVerdict::Warn)
        << "it did so before";
    const HealthCheck check = check_restarts(before, with(0, 7), with(1, 9));
    EXPECT_EQ(check.verdict, CheckVerdict::Fail);
    EXPECT_EQ(check.after.front(), "a.service ended and was started anew 1 time");
    EXPECT_EQ(check_restarts(good(), with(0, 0), with(1, 0)).verdict, CheckVerdict::Warn)
        << "a baseline of before does not tell";
    EXPECT_EQ(check_restarts(before, with(0, 0), good()).verdict, CheckVerdict::Unknown);
    EXPECT_EQ(parse_health(format_health(before)).value_or(HealthSnapshot()), before);
}

TEST(CompareHealth, ExpectsAfterABootWhatABootStarts) {
    HealthSnapshot before = good();
    before.units = {{"polkit.service", "active", "running"}, {"web.service", "active", "running"}};
    HealthSnapshot after = good();
    after.boot_id = "b2";
    after.records_known = true;
    after.records = {{"polkit.service", 0, false}, {"web.service", 0, true}};
    after.units = {{"polkit.service", "inactive", "dead"}, {"web.service", "active", "running"}};
    EXPECT_EQ(verdict_of(compare_health(before, after), "services"), CheckVerdict::Warn);
    after.units[1] = {"web.service", "inactive", "dead"};
    EXPECT_EQ(verdict_of(compare_health(before, after), "services"), CheckVerdict::Fail);
    after.units[1] = {"web.service", "active", "running"};
    after.records_known = false;
    EXPECT_EQ(verdict_of(compare_health(before, after), "services"), CheckVerdict::Fail)
        << "nobody tells whether a boot starts it";
    after.records_known = true;
    after.boot_id = before.boot_id;
    EXPECT_EQ(verdict_of(compare_health(before, after), "services"), CheckVerdict::Fail);
}

TEST(CompareHealth, MissesNoListenerOfASession) {
    HealthSnapshot before = good();
    before.listeners = {"tcp 127.0.0.1:6010 sshd"};
    HealthSnapshot after = good();
    after.listeners = {};
    EXPECT_EQ(verdict_of(compare_health(before, after), "listeners"), CheckVerdict::Pass);
    before.listeners = {"tcp 0.0.0.0:22 sshd"};
    EXPECT_EQ(verdict_of(compare_health(before, after), "listeners"), CheckVerdict::Fail);
}

TEST(CompareHealth, MissesNoMountThatComesAndGoes) {
    HealthSnapshot before = good();
    before.mounts = {"/ ext4", "/home nfs4", "/media/usb vfat", "/srv xfs", "/var/lib/docker ext4"};
    HealthSnapshot after = good();
    after.mounts = {"/ ext4", "/home autofs", "/srv xfs", "/var/lib/docker ext4"};
    EXPECT_EQ(verdict_of(compare_health(before, after), "mounts"), CheckVerdict::Pass);
    after.mounts.pop_back();
    EXPECT_EQ(verdict_of(compare_health(before, after), "mounts"), CheckVerdict::Fail);
}

TEST(ParseMounts, KeepsPlacesForFilesOnly) {
    const auto mounts = parse_mounts(
        "36 35 98:0 / /boot rw,noatime shared:1 - ext4 /dev/sda1 rw\n"
        "37 35 0:5 / /proc rw - proc proc rw\n"
        "38 35 0:5 / /run/user/0 rw - tmpfs tmpfs rw\n"
        "39 35 0:6 / /procfiles rw - xfs /dev/sdb rw\nx y\n");

    EXPECT_EQ(mounts, (std::vector<std::string>{"/boot ext4", "/procfiles xfs"}));
}

TEST(ParseMounts, LeavesOutWhatComesAndGoesByItself) {
    const auto mounts = parse_mounts(
        "50 35 0:9 / /home rw - autofs systemd-1 rw\n"
        "51 50 0:10 / /home nfs4 - nfs4 server:/home rw\n"
        "52 35 0:11 / /srv rw - nfs4 server:/srv rw\n"
        "53 35 0:12 / /var/lib/kubelet/pods/1/volumes/x rw - tmpfs tmpfs rw\n"
        "54 35 0:13 / /media/usb rw - vfat /dev/sdc1 rw\n"
        "55 35 0:14 / /var/lib/docker rw - ext4 /dev/sdd1 rw\n");

    EXPECT_EQ(
        mounts, (std::vector<std::string>{"/home autofs", "/srv nfs4", "/var/lib/docker ext4"}));
}

TEST(ParseDefaultRoutes, ReadsInterfaces) {
    EXPECT_EQ(
        parse_default_routes(
            "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\n"
            "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\n"
            "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n",
            ""),
        std::vector<std::string>{"eth0"});
    const std::string none(32, '0');
    const auto line =
        [&](const char* to, const char* length, const char* flags, const char* interface) {
            return std::string(to) + " " + length + " " + none + " 00 " + none
                + " 00000400 00000002 00000000 " + flags + "     " + interface + "\n";
        };
    EXPECT_EQ(
        parse_default_routes(
            "",
            line(none.c_str(), "00", "00000003", "eth1")
                + line(none.c_str(), "00", "00200200", "lo")
                + line("fd000000000000000000000000000000", "40", "00000001", "eth2")
                + line(none.c_str(), "08", "00000001", "eth3") + "short\n"),
        std::vector<std::string>{"eth1 (IPv6)"});
}

TEST(CompareHealth, MissesContainersThatDidNotComeBack) {
    HealthSnapshot before;
    before.containers_known = true;
    HealthSnapshot after = before;
    const auto check = [&]() -> std::optional<HealthCheck> {
        const auto checks = compare_health(before, after);
        const auto found = std::ranges::find(checks, "containers", &HealthCheck::name);
        return found == checks.end() ? std::nullopt : std::optional(*found);
    };
    after.containers = {{"docker-1.scope", false}};
    EXPECT_EQ(check(), std::nullopt) << "there was none before";

    before.containers = {
        {"docker-1.scope", true}, {"docker-2.scope", true}, {"libpod-1.scope", false}};
    after.containers = {{"docker-8.scope", false}, {"docker-9.scope", false}};
    EXPECT_EQ(check()->verdict, CheckVerdict::Pass) << "made anew; a job of podman has ended";
    after.containers.pop_back();
    EXPECT_EQ(check()->verdict, CheckVerdict::Warn);
    EXPECT_EQ(check()->summary, "1 container fewer than before");
    after.containers.clear();
    EXPECT_EQ(check()->verdict, CheckVerdict::Warn) << "both may have ended by themselves";
    EXPECT_EQ(check()->summary, "2 containers fewer than before");
    EXPECT_EQ(check()->before, (std::vector<std::string>{"docker-1.scope", "docker-2.scope"}));
    after.containers_known = false;
    EXPECT_EQ(check()->verdict, CheckVerdict::Unknown);
    before.records_known = true;
    before.records = {{"docker.service", 0, true, 4711}};
    const auto again = parse_health(format_health(before));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->containers, before.containers);
    EXPECT_EQ(again->records, before.records);
}

/// A container of a kind ran, and none does, where the unit of its engine is as told.
HealthCheck without_container(
    const char* scope, const UnitRecord& earlier, const UnitRecord& now, const char* active) {
    HealthSnapshot before;
    before.boot_id = "b1";
    before.units_known = true;
    before.units = {{earlier.name, "active", "running"}};
    before.records_known = true;
    before.records = {earlier};
    before.containers_known = true;
    before.containers = {{scope, true}};
    HealthSnapshot after = before;
    after.containers.clear();
    after.records = {now};
    after.units[0].active = active;
    const auto checks = compare_health(before, after);
    const auto later = compare_health(before, after, Since::Anything);
    EXPECT_EQ(
        std::ranges::find(later, "containers", &HealthCheck::name)->verdict, CheckVerdict::Warn)
        << "long after whoever owns it may have taken it away";
    return *std::ranges::find(checks, "containers", &HealthCheck::name);
}

TEST(CompareHealth, FailsWhereAnEngineHasLeftNoContainer) {
    const UnitRecord docker{"docker.service", 0, true, 100};
    EXPECT_EQ(
        without_container("docker-1.scope", docker, docker, "active").verdict, CheckVerdict::Warn)
        << "a job that has ended";
    const UnitRecord anew{"docker.service", 0, true, 900};
    const HealthCheck check = without_container("docker-1.scope", docker, anew, "active");
    EXPECT_EQ(check.verdict, CheckVerdict::Fail);
    EXPECT_EQ(
        check.summary,
        "1 container fewer than before: none of their kind is left, and docker.service was "
        "started anew");
    const UnitRecord fallen{"docker.service", 1, true, 0};
    EXPECT_EQ(
        without_container("docker-1.scope", docker, fallen, "active").verdict, CheckVerdict::Fail);
    EXPECT_EQ(
        without_container("docker-1.scope", docker, docker, "inactive").verdict,
        CheckVerdict::Fail);
    EXPECT_EQ(
        without_container("machine-1.scope", docker, anew, "active").verdict, CheckVerdict::Warn)
        << "a guest does not hang on it";
    const UnitRecord old{"docker.service", 0, true};
    EXPECT_EQ(without_container("docker-1.scope", old, anew, "active").verdict, CheckVerdict::Warn)
        << "the baseline does not tell";

    const UnitRecord guests{"libvirtd.service", 0, true, 100};
    EXPECT_EQ(
        without_container("machine-1.scope", guests, guests, "inactive").verdict,
        CheckVerdict::Warn)
        << "it has ended for want of guests";
    EXPECT_EQ(
        without_container("machine-1.scope", guests, guests, "failed").verdict, CheckVerdict::Fail);
}

TEST(ParseContainers, TakesThoseThatRunAndTellsHowLong) {
    using std::chrono::minutes;
    const auto containers = parse_containers(
        "Id=machine-web.scope\nActiveState=active\nActiveEnterTimestampMonotonic=60000000\n\n"
        "Id=docker-2.scope\nActiveState=inactive\nActiveEnterTimestampMonotonic=1\n\n"
        "ActiveState=active\nId=docker-1.scope\nActiveEnterTimestampMonotonic=3000000000\n\n"
        "Id=libpod-conmon-1.scope\nActiveState=active\nActiveEnterTimestampMonotonic=1\n",
        minutes(55));

    EXPECT_EQ(
        containers,
        (std::vector<ContainerState>{{"docker-1.scope", false}, {"machine-web.scope", true}}));
    EXPECT_TRUE(parse_containers("", minutes(55)).empty());
}

TEST(CheckRestartsSince, WarnsOfAServiceThatEndedByItself) {
    HealthSnapshot before;
    before.boot_id = "b1";
    before.records_known = true;
    before.records = {{"calm.service", 0, true}, {"web.service", 2, true}};
    HealthSnapshot now = before;
    EXPECT_EQ(check_restarts_since(before, now), std::nullopt);

    now.records[1].restarts = 5;
    const auto check = check_restarts_since(before, now);
    ASSERT_TRUE(check.has_value());
    EXPECT_EQ(check->verdict, CheckVerdict::Warn);
    EXPECT_EQ(
        check->summary,
        "1 service ended and started anew since the baseline: web.service ended and was started "
        "anew 3 times");

    now.records[1].restarts = 0;
    EXPECT_EQ(check_restarts_since(before, now), std::nullopt) << "somebody has restarted it";
    now.boot_id = "b2";
    now.records[1].restarts = 1;
    EXPECT_TRUE(check_restarts_since(before, now).has_value()) << "a boot begins at none";
    now.records_known = false;
    EXPECT_EQ(check_restarts_since(before, now), std::nullopt);
}

}  // namespace
}  // namespace thimble::verify
