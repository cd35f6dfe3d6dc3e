#pragma once
/// @file Controls for tests, and what each database must keep of them.

#include "thimble/store/controls.hpp"

#include <gtest/gtest.h>

namespace thimble::store {

inline constexpr Instant kControlTime{std::chrono::seconds(1'790'000'000)};

inline ControlRecord a_control(const std::string& id) {
    return {
        .id = id,
        .name = "wall",
        .kind = "segmentation",
        .document = "{}",
        .digest = "d",
        .owner = "web team",
        .requester = "user:ada",
        .requested_at = kControlTime,
        .why = "no fix yet",
        .covers = {"CVE-2026-1", "CVE-2026-2"},
        .sources = {"nginx"},
        .scope = "{}",
        .host_group = "*",
        .vector = "network",
        .residual_risk = "the proxy",
        .verify_seconds = 3600,
        .expires_at = kControlTime + Days{30},
        .retirement = "remove",
        .approver = "",
        .approved_at = Instant{},
        .state = "proposed",
        .since = kControlTime};
}

/// On an empty database.
inline void expect_controls_are_kept(Connection& connection) {
    ControlRecord control = a_control("c");
    ASSERT_TRUE(add_control(connection, control));
    control.approver = "user:bob";
    control.approved_at = control.since = kControlTime + Days{1};
    control.state = "approved";
    ASSERT_TRUE(set_control(connection, control));
    EXPECT_EQ(*control_of(connection, "c"), control);
    EXPECT_EQ(*live_controls(connection), std::vector{control});

    ControlHost host{"c", "h1", "approved", kControlTime};
    host.job_id = "j";
    ASSERT_TRUE(set_control_host(connection, host));
    EXPECT_EQ(*control_host_of_job(connection, "j"), host);
    EXPECT_EQ(*control_host_of_job(connection, "other"), std::nullopt);
    host = {
        "c",
        "h1",
        "verified",
        kControlTime + Days{1},
        "",
        "d",
        "block",
        2,
        kControlTime,
        kControlTime,
        kControlTime + Days{1},
        "e",
        "port 8080",
        "why",
        kControlTime};
    ASSERT_TRUE(set_control_host(connection, host));
    EXPECT_EQ(*hosts_of_control(connection, "c"), std::vector{host});
    EXPECT_EQ(*controls_of_host(connection, "h1"), std::vector{host});

    const ControlCheck first{
        "c", "h1", kControlTime, "deploy", "deployed", "deployed", "host:h1", "e", ""};
    ControlCheck second = first;
    second.action = "verify";
    ASSERT_TRUE(add_control_check(connection, first));
    ASSERT_TRUE(add_control_check(connection, second));
    EXPECT_EQ(*checks_of_control(connection, "c", "h1"), (std::vector{first, second}));

    host.state = control.state = "retired";
    ASSERT_TRUE(set_control_host(connection, host));
    ASSERT_TRUE(set_control(connection, control));
    EXPECT_TRUE(controls_of_host(connection, "h1")->empty());
    EXPECT_TRUE(live_controls(connection)->empty());
}

}  // namespace thimble::store
