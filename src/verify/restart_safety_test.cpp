#include "thimble/verify/verdict.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace thimble::verify {
namespace {

model::StaleProcess process(std::string unit, std::string kind, std::string file) {
    model::StaleProcess stale;
    stale.pid = 42;
    stale.command = "served";
    stale.unit = std::move(unit);
    stale.unit_kind = std::move(kind);
    stale.files = {std::move(file)};
    return stale;
}

TEST(RestartOf, RestartsNothingThatCutsPeopleOff) {
    EXPECT_EQ(restart_of(process("nginx.service", "service", ""), "").safety, RestartSafety::Safe);
    EXPECT_EQ(
        restart_of(process("session-1.scope", "session", ""), "").safety, RestartSafety::Careful);
    EXPECT_EQ(restart_of(process("", "", ""), "").safety, RestartSafety::Careful);
    EXPECT_EQ(
        restart_of(process("docker.service", "service", ""), "").safety, RestartSafety::Careful);
    EXPECT_EQ(restart_of(process("dbus.service", "service", ""), "").safety, RestartSafety::Reboot);
    EXPECT_EQ(restart_of(process("", "init", ""), "").argv.back(), "daemon-reexec");
}

TEST(RestartOf, LeavesNetworkContainersAndScreensToAPerson) {
    for (const char* unit :
         {"wpa_supplicant@wlan0.service",
          "dhcpcd.service",
          "ovs-vswitchd.service",
          "ovsdb-server.service",
          "tailscaled.service",
          "wg-quick@wg0.service",
          "xrdp-sesman.service",
          "xrdp.service",
          "systemd-nspawn@web.service",
          "virtqemud.service",
          "crio.service",
          "k3s.service",
          "iscsid.service"}) {
        EXPECT_EQ(restart_of(process(unit, "service", ""), "").safety, RestartSafety::Careful)
            << unit;
        EXPECT_TRUE(restart_of(process(unit, "service", ""), "").argv.empty()) << unit;
    }
    EXPECT_EQ(
        restart_of(process("app.service", "container", ""), "").safety, RestartSafety::Careful);
    for (const char* unit :
         {"nginx.service",
          "cron.service",
          "postgresql@15-main.service",
          "named.service",
          "systemd-machined.service",
          "ssh.service",
          "polkit.service",
          "php8.2-fpm.service"}) {
        EXPECT_EQ(restart_of(process(unit, "service", ""), "").safety, RestartSafety::Safe) << unit;
    }
}

TEST(RestartOf, LeavesFirewallsClustersAndRunsOfOthersToAPerson) {
    for (const char* unit :
         {"firewalld.service",
          "patroni.service",
          "patroni@15-main.service",
          "etcd.service",
          "consul.service",
          "nomad.service",
          "keepalived.service",
          "pacemaker.service",
          "corosync.service",
          "salt-minion.service",
          "puppet.service",
          "puppet-agent.service",
          "chef-client.service",
          "autofs.service"}) {
        EXPECT_EQ(restart_of(process(unit, "service", ""), "").safety, RestartSafety::Careful)
            << unit;
    }
}

TEST(RestartOf, DoesNotEndTheServiceThatAsks) {
    const model::StaleProcess ours = process("agent.service", "service", "");

    EXPECT_EQ(restart_of(ours, "agent.service").safety, RestartSafety::Careful);
    EXPECT_TRUE(restart_of(ours, "agent.service").argv.empty());
    EXPECT_EQ(restart_of(ours, "other.service").safety, RestartSafety::Safe);
}

TEST(PendingRestarts, NamesEachUnitOnceAndLeavesOurOwnAlone) {
    VerifyFacts facts;
    facts.own_unit = "agent.service";
    for (const char* unit : {"web.service", "agent.service", "web.service"}) {
        facts.inventory.stale_processes.push_back(process(unit, "service", "/usr/lib/libx.so.1"));
    }

    const std::vector<UnitRestart> restarts = pending_restarts(facts);

    ASSERT_EQ(restarts.size(), 2U);
    EXPECT_EQ(restarts[0].safety, RestartSafety::Careful);
    EXPECT_EQ(restarts[1].safety, RestartSafety::Safe);
}

}  // namespace
}  // namespace thimble::verify
