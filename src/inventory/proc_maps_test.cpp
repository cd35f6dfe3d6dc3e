#include "thimble/inventory/proc_maps.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {
namespace {

using namespace std::string_view_literals;

TEST(ParseExecutableMappings, TakesExecutableFilesOnly) {
    const auto mappings = parse_executable_mappings(
                              "55d0-55d1 r--p 00000000 fe:01 10 /usr/sbin/sshd\n"
                              "55d1-55d2 r-xp 00001000 fe:01 10 /usr/sbin/sshd\n"
                              "7f00-7f01 r-xp 00000000 00:2e 22    /usr/lib/lib x.so.1 (deleted)\n"
                              "7f01-7f02 rwxp 00000000 00:00 0 [heap]\n"
                              "7f02-7f03 r-xp 00000000 00:00 0 [vdso]\n"
                              "7f03-7f04 r-xp 00000000 fe:01 10 /usr/sbin/sshd\n")
                              .value();

    ASSERT_EQ(mappings.size(), 2U);
    EXPECT_EQ(
        mappings[0],
        (Mapping{
            .range = "55d1-55d2",
            .device_major = 0xfe,
            .device_minor = 1,
            .inode = 10,
            .path = "/usr/sbin/sshd",
            .deleted = false}));
    EXPECT_EQ(mappings[1].path, "/usr/lib/lib x.so.1");
    EXPECT_TRUE(mappings[1].deleted);
}

TEST(ParseExecutableMappings, UndoesTheKernelsEscape) {
    const auto mappings = parse_executable_mappings("1-2 r-xp 0 1:2 3 /a\\012b\n").value();

    ASSERT_EQ(mappings.size(), 1U);
    EXPECT_EQ(mappings[0].path, "/a\nb");
}

TEST(ParseExecutableMappings, SurvivesNonsense) {
    EXPECT_TRUE(parse_executable_mappings("").value().empty());
    EXPECT_TRUE(parse_executable_mappings("1-2 r-xp\n1-2 r-xp 0 12 3 /a\n1-2 x 0 1:2 3 /a\n")
                    .value()
                    .empty());
    EXPECT_TRUE(
        parse_executable_mappings("1-2 r-xp 0 1:2 99999999999999999999 /a\n").value().empty());
}

TEST(ParseExecutableMappings, SaysWhenThereAreMoreThanItLooksAt) {
    std::string maps;
    for (std::size_t inode = 1; inode <= kMaxMappings; ++inode) {
        maps += "1-2 r-xp 0 1:2 " + std::to_string(inode) + " /a\n";
    }
    maps += "1-2 r-xp 0 1:2 1 /a\n1-2 r--p 0 1:2 1 /data\n";
    EXPECT_EQ(parse_executable_mappings(maps).value().size(), kMaxMappings);

    maps += "1-2 r-xp 0 1:2 1 /one/more\n";
    const auto mappings = parse_executable_mappings(maps);
    ASSERT_FALSE(mappings);
    EXPECT_EQ(mappings.error().code, "inventory.too_many_mappings");
}

TEST(IsIgnoredMapping, KnowsWhatIsNoFile) {
    const std::vector<std::string> ignored{"/opt/jit/"};

    EXPECT_TRUE(is_ignored_mapping("/memfd:x", {}));
    EXPECT_TRUE(is_ignored_mapping("/dev/zero", {}));
    EXPECT_TRUE(is_ignored_mapping("/SYSV00000000", {}));
    EXPECT_TRUE(is_ignored_mapping("/drm mm object", {}));
    EXPECT_TRUE(is_ignored_mapping("[vdso]", {}));
    EXPECT_TRUE(is_ignored_mapping("/opt/jit/a", ignored));
    EXPECT_FALSE(is_ignored_mapping("/opt/jit/a", {}));
    EXPECT_FALSE(is_ignored_mapping("/usr/lib/libc.so.6", ignored));
}

TEST(UnitOf, NamesServicesSessionsAndUsers) {
    EXPECT_EQ(
        unit_of("0::/system.slice/ssh.service\n"), (UnitMembership{"ssh.service", "service"}));
    EXPECT_EQ(
        unit_of("0::/system.slice/docker.service/child\n"),
        (UnitMembership{"docker.service", "service"}));
    EXPECT_EQ(unit_of("0::/init.scope\n"), (UnitMembership{"init.scope", "init"}));
    EXPECT_EQ(
        unit_of("0::/user.slice/user-1000.slice/session-3.scope\n"),
        (UnitMembership{"session-3.scope", "session"}));
    EXPECT_EQ(
        unit_of("0::/user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service\n"),
        (UnitMembership{"dbus.service", "user"}));
    EXPECT_EQ(
        unit_of("0::/user.slice/user-1000.slice/user@1000.service/init.scope\n"),
        (UnitMembership{"user@1000.service", "user"}));
    EXPECT_EQ(unit_of("0::/\n"), UnitMembership{});
}

TEST(UnitOf, TellsContainersAndGuests) {
    EXPECT_EQ(
        unit_of("0::/system.slice/docker-0123.scope\n"),
        (UnitMembership{"docker-0123.scope", "container"}));
    EXPECT_EQ(unit_of("0::/kubepods.slice/pod1/crio-9.scope\n").kind, "container");
    EXPECT_EQ(
        unit_of("0::/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt\n"),
        (UnitMembership{"machine-qemu\\x2d1\\x2dvm.scope", "vm"}));
}

TEST(UnitOf, DoesNotTakeAServiceInAContainerForOneOfTheHost) {
    EXPECT_EQ(
        unit_of(
            "0::/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service\n"),
        (UnitMembership{"systemd-nspawn@web.service", "container"}));
    EXPECT_EQ(
        unit_of("0::/machine.slice/machine-web.scope/payload/system.slice/nginx.service\n"),
        (UnitMembership{"machine-web.scope", "container"}));
    EXPECT_EQ(
        unit_of("0::/machine.slice/machine-web.scope/payload/init.scope\n").kind, "container");
    EXPECT_EQ(
        unit_of("0::/system.slice/app.service/libpod-payload-0123\n"),
        (UnitMembership{"app.service", "container"}));
    EXPECT_EQ(
        unit_of("0::/system.slice/app.service/runtime\n"),
        (UnitMembership{"app.service", "container"}))
        << "what looks after it: a restart takes the container down";
    EXPECT_EQ(
        unit_of("0::/lxc.payload.web/system.slice/nginx.service\n"),
        (UnitMembership{"lxc.payload.web", "container"}));
    EXPECT_EQ(
        unit_of("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-9.scope\n"),
        (UnitMembership{"cri-containerd-9.scope", "container"}));
    EXPECT_EQ(
        unit_of("0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-9.scope\n"),
        (UnitMembership{"libpod-9.scope", "container"}));
    EXPECT_EQ(unit_of("0::/docker/0123456789ab\n"), (UnitMembership{"0123456789ab", "container"}));
    EXPECT_EQ(unit_of("0::/system.slice/systemd-machined.service\n").kind, "service");
    EXPECT_EQ(unit_of("0::/system.slice/libvirtd.service\n").kind, "service");
    EXPECT_EQ(
        unit_of("0::/runtime.slice/containerd.service\n"),
        (UnitMembership{"containerd.service", "service"}));
}

TEST(UnitOf, ReadsSystemdsHierarchyOfVersionOne) {
    EXPECT_EQ(
        unit_of("12:cpu,cpuacct:/x\n1:name=systemd:/system.slice/cron.service\n"),
        (UnitMembership{"cron.service", "service"}));
}

TEST(UnitOf, LooksIntoTheHierarchyThatSystemdUses) {
    EXPECT_EQ(
        unit_of("9:name=systemd:/\n8:pids:/\n0::/system.slice/cron.service\n"),
        (UnitMembership{"cron.service", "service"}));
    EXPECT_EQ(
        unit_of("9:name=systemd:/system.slice/cron.service\n0::/\n"),
        (UnitMembership{"cron.service", "service"}));
}

TEST(ParseProcessStat, AllowsParenthesesAndBlanksInTheName) {
    const auto stat = parse_process_stat(
        "12 (a) b (c) S 1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2\n");

    ASSERT_TRUE(stat.has_value());
    EXPECT_EQ(stat->command, "a) b (c");
    EXPECT_FALSE(stat->kernel_thread);
    EXPECT_EQ(stat->start_ticks, 98765U);
}

TEST(ParseProcessStat, KnowsKernelThreads) {
    const auto stat =
        parse_process_stat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0\n");

    EXPECT_TRUE(stat->kernel_thread);
    EXPECT_EQ(parse_process_stat("2 (kthreadd) S 0 0"), std::nullopt);
    EXPECT_EQ(parse_process_stat(""), std::nullopt);
}

TEST(InterpretedScript, IsTheFirstArgumentThatIsNoOption) {
    EXPECT_EQ(
        interpreted_script("/usr/bin/python3.11", "python3\0-u\0/srv/app.py\0--x\0"sv),
        "/srv/app.py");
    EXPECT_EQ(interpreted_script("/usr/bin/python3.11", "python3\0-m\0http.server\0"sv), "");
    EXPECT_EQ(interpreted_script("/usr/bin/perl", "perl\0-e\0print\0"sv), "");
    EXPECT_EQ(
        interpreted_script("/usr/lib/jvm/bin/java", "java\0-Xmx1g\0-jar\0/srv/a.jar\0"sv),
        "/srv/a.jar");
    EXPECT_EQ(
        interpreted_script("/usr/bin/lua5.4", "lua5.4\0/usr/bin/prosody\0-F\0"sv),
        "/usr/bin/prosody");
    EXPECT_EQ(interpreted_script("/usr/sbin/sshd", "sshd\0/x\0"sv), "");
}

}  // namespace
}  // namespace thimble::inventory
