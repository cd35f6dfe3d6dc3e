#include "thimble/shield/hardening_steps.hpp"

#include "thimble/shield/audit_rules.hpp"

#include <gtest/gtest.h>

namespace thimble::shield {
namespace {

TEST(HardeningFile, SaysItToWhoeverReadsItAtTheNextStart) {
    EXPECT_EQ(hardening_file("c-1", mitigate::DisabledUnit{"cups.service"}), std::nullopt);
    EXPECT_EQ(
        hardening_file("c-1", mitigate::BlacklistedModule{"dccp"}),
        (OwnedFile{
            "/etc/modprobe.d/thimble-c-1.conf", "blacklist dccp\ninstall dccp /bin/false\n"}));
    EXPECT_EQ(
        hardening_file("c-1", mitigate::KernelSetting{"net.ipv4.ip_forward", "0"}),
        (OwnedFile{"/etc/sysctl.d/zz-thimble-c-1.conf", "net.ipv4.ip_forward = 0\n"}));
    EXPECT_EQ(
        hardening_file(
            "c-1",
            mitigate::UnitSandbox{"a.service", {{"PrivateTmp", "yes"}, {"IPAddressDeny", "any"}}}),
        (OwnedFile{
            "/etc/systemd/system/a.service.d/zz-thimble-c-1.conf",
            "[Service]\nPrivateTmp=yes\nIPAddressDeny=any\n"}));
}

TEST(HardeningTarget, IsOneForWhateverIsDoneToAUnit) {
    EXPECT_EQ(hardening_target(mitigate::DisabledUnit{"a.service"}), "unit a.service");
    EXPECT_EQ(hardening_target(mitigate::UnitSandbox{"a.service", {}}), "unit a.service");
    EXPECT_EQ(hardening_target(mitigate::BlacklistedModule{"a"}), "module a");
    EXPECT_EQ(hardening_target(mitigate::KernelSetting{"a.b", "1"}), "setting a.b");
    EXPECT_EQ(hardening_target(mitigate::RemovedPackage{"a"}), "package a");
}

TEST(HardeningSteps, ReadWhatTheHostTells) {
    EXPECT_EQ(path_of_setting("net.ipv4.ip_forward"), "/proc/sys/net/ipv4/ip_forward");
    EXPECT_EQ(normal_value(" 4\t4  1 7\n"), "4 4 1 7");
    EXPECT_EQ(shown_property("ActiveState=active\nActive=x\n", "Active"), "x");
    EXPECT_EQ(shown_property("ActiveState=active\n", "Active"), "");
    const char* const modules = "dccp_ipv4 1 0 - Live 0\ndccp 90112 3 dccp_ipv4, Live 0\n";
    EXPECT_EQ(users_of_module(modules, "dccp"), 3);
    EXPECT_EQ(users_of_module(modules, "dcc"), std::nullopt);
}

TEST(AuditRules, AreWrittenAsAuditctlListsThem) {
    mitigate::Monitoring settings;
    settings.watch = {{"/etc/passwd", "wa"}};
    settings.programs = {"/usr/bin/wget"};

    EXPECT_EQ(
        audit_rules("c-1", settings),
        (std::vector<std::string>{
            "-w /etc/passwd -p wa -k thimble-c-1", "-w /usr/bin/wget -p x -k thimble-c-1"}));
}

TEST(AuditRules, KnowTheirEventByKeyAndProcess) {
    const std::string log =
        "type=SYSCALL msg=audit(1:1): arch=c000003e syscall=257 ppid=42 pid=7 auid=0 "
        "key=\"thimble-c-1\"\n"
        "type=PATH msg=audit(1:1): pid=9 key=\"thimble-c-1\"\n";

    EXPECT_TRUE(has_event(log, "thimble-c-1", 7));
    EXPECT_FALSE(has_event(log, "thimble-c-1", 42)) << "the parent's";
    EXPECT_FALSE(has_event(log, "thimble-c-1", 9)) << "no system call";
    EXPECT_FALSE(has_event(log, "thimble-c", 7));
    EXPECT_EQ(audit_listener("enabled 1\npid 812\n"), 812);
    EXPECT_EQ(audit_listener("enabled 0\n"), 0);
}

}  // namespace
}  // namespace thimble::shield
