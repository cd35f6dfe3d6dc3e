#include "thimble/client/fleet_table.hpp"

#include <gtest/gtest.h>

namespace thimble::client {
namespace {

ListedHost host_of(std::uint64_t pending, std::string why) {
    ListedHost host;
    host.name = "web1";
    host.id = "0123456789abcdef";
    host.reach = "ssh";
    host.last_seen = *parse_instant("2026-11-24T20:19:31Z");
    host.pending = pending;
    host.overdue = host.exploited = host.blocked = host.unknown = 0;
    host.unknown_why = std::move(why);
    return host;
}

void expect_width(const std::string& table) {
    std::size_t start = 0;
    for (std::size_t end = 0; (end = table.find('\n', start)) != std::string::npos;
         start = end + 1) {
        EXPECT_LE(end - start, 80U) << table.substr(start, end - start);
    }
}

}  // namespace

TEST(HostTable, ShowsWhyAHostIsUnknown) {
    const std::string table = host_table(std::vector{host_of(3, "not heard of since noon")});

    EXPECT_EQ(
        table,
        "HOST         ID       VIA   SEEN        OVERDUE IN USE PENDING BLOCKED UNKNOWN\n"
        "web1         01234567 ssh   11-24 20:19       0      0       3       0       0\n"
        "  unknown: not heard of since noon\n"
        "1 host, 1 of them unknown\n");
}

TEST(HostTable, ShowsWhyAJobWaits) {
    ListedHost host = host_of(0, "");
    host.waits_why = "the root helper does not answer; see: systemctl status thimble-agent-helper";

    const std::string table = host_table(std::vector{host});
    EXPECT_TRUE(table.contains("\n  a job waits: the root helper does not answer; see: ")) << table;
    expect_width(table);
}

TEST(HostTable, ShowsNoZeroWhereNothingIsKnown) {
    ListedHost host = host_of(0, "not judged yet");
    host.overdue = host.exploited = host.pending = host.blocked = host.unknown = std::nullopt;
    host.last_seen.reset();

    EXPECT_NE(
        host_table(std::vector{host})
            .find(
                "web1         01234567 ssh   never             ?      ?       ?       ?       ?\n"),
        std::string::npos);
}

TEST(HostTable, TellsHostsOfOneNameApartAndWhichOneEnrolledAgain) {
    ListedHost old = host_of(0, "not heard of since noon");
    old.id = "01234567aaaa";
    old.superseded_by = "01234567bbbb";
    ListedHost current = host_of(0, "");
    current.id = old.superseded_by;
    current.tags = "env=prod";

    const std::string table = host_table(std::vector{old, current});

    expect_width(table);
    EXPECT_NE(table.find("01234567a ssh "), std::string::npos) << table;
    EXPECT_NE(
        table.find("  enrolled again as 01234567b, silent since: thimble hosts remove 01234567a\n"),
        std::string::npos)
        << table;
    EXPECT_NE(table.find("  tags: env=prod\n"), std::string::npos);
    EXPECT_NE(
        table.find("2 hosts, 1 of them unknown, 1 of them enrolled again"), std::string::npos);
}

TEST(PatchTable, DoesNotSayThatNothingIsMissingWhereNobodyKnows) {
    const ListedHost known = host_of(0, "");
    const ListedHost unknown = host_of(0, "silent");

    EXPECT_EQ(patch_table({}, std::vector{known}), "No patch is missing.\n");
    EXPECT_EQ(
        patch_table({}, std::vector{unknown}),
        "No missing patch is known; of the host it is not known whether one is:\n"
        "thimble hosts --unknown\n");
    EXPECT_NE(
        fleet_patch_table({}, std::vector{known, unknown}).find("of 1 host it is not known"),
        std::string::npos);
    EXPECT_EQ(fleet_patch_table({}, {}), "There is no host: thimble tokens enrol\n");
}

TEST(HostTable, IsNoWiderThanATerminalByItsWordsNorDrivesIt) {
    ListedHost host = host_of(1, std::string(500, 'w'));
    host.name = "\x1b[31mweb1";

    const std::string table = host_table(std::vector{host});

    expect_width(table);
    EXPECT_EQ(table.find('\x1b'), std::string::npos);
}

TEST(HostTable, CutsNoName) {
    ListedHost host = host_of(1, "");
    host.name = std::string(50, 'x');

    const std::string table = host_table(std::vector{host, host_of(1, "")});

    EXPECT_NE(table.find(host.name + " 01234567 "), std::string::npos) << table;
    EXPECT_NE(table.find("web1" + std::string(46, ' ') + " 01234567 "), std::string::npos) << table;
}

TEST(PatchTable, ShowsTheBlockerOfWhatIsBlocked) {
    ListedPatch patch;
    patch.source = "curl";
    patch.to = "7.88.1-10+deb12u14";
    patch.kev = patch.exploited = true;
    patch.state = "blocked";
    patch.blocker = "needs_new_packages";
    patch.due = *parse_instant("2026-11-27");

    const std::string table = patch_table(std::vector{patch}, {});

    EXPECT_NE(table.find("2026-11-27 KEV       needs_new_packages"), std::string::npos) << table;
    expect_width(table);
}

TEST(PatchTables, CutNeitherNamesNorVersions) {
    ListedPatch patch;
    patch.source = std::string(40, 's');
    patch.to = "1:" + std::string(40, '1') + "~deb12u1";
    const std::string both = "\n" + patch.source + "\n    " + patch.to + " ";

    for (const std::string& table :
         {patch_table(std::vector{patch}, {}), fleet_patch_table(std::vector{patch}, {})}) {
        EXPECT_NE(table.find(both), std::string::npos) << table;
        expect_width(table);
    }
}

TEST(FleetPatchTable, SaysOfHowManyHostsItCanSayNothing) {
    ListedPatch patch;
    patch.source = "curl";

    const std::string table =
        fleet_patch_table(std::vector{patch}, std::vector{host_of(0, ""), host_of(0, "silent")});

    EXPECT_TRUE(table.ends_with("\nNot known of 1 host: thimble hosts --unknown\n")) << table;
}

TEST(HostTable, SaysOnHowManyHostsChangelogsWereNotRead) {
    ListedHost host = host_of(1, "");
    host.has_unread_changelogs = true;

    const std::string table = host_table(std::vector{host});

    EXPECT_TRUE(table.contains("\n1 host\nOn 1 host changelogs of pending updates were not read"))
        << table;
}

TEST(FleetPatchTable, CountsHosts) {
    ListedPatch patch;
    patch.source = "curl";
    patch.hosts = 12;
    patch.ready = 3;

    const std::string table = fleet_patch_table(std::vector{patch}, {});

    expect_width(table);
    EXPECT_NE(table.find("no fix known"), std::string::npos);
    EXPECT_NE(table.find("   12     3\n"), std::string::npos);
}

TEST(FleetExitStatus, UnknownIsNeverFine) {
    EXPECT_EQ(fleet_exit_status(std::vector{host_of(0, "")}), 0);
    EXPECT_EQ(fleet_exit_status(std::vector{host_of(0, ""), host_of(0, "silent")}), 2);
    EXPECT_EQ(fleet_exit_status(std::vector{host_of(0, "silent"), host_of(1, "")}), 1);
    EXPECT_EQ(fleet_exit_status({}), 2);
}

TEST(FleetExitStatus, ARevokedHostDoesNotCount) {
    ListedHost revoked = host_of(1, "");
    revoked.is_revoked = true;

    EXPECT_EQ(fleet_exit_status(std::vector{revoked, host_of(0, "")}), 0);
}

}  // namespace thimble::client
