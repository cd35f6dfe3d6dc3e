#include "thimble/client/affected_hosts.hpp"

#include <gtest/gtest.h>

namespace thimble::client {
namespace {

AffectedHosts page(
    const std::string& known,
    const std::string& unknown,
    const std::string& items,
    const std::string& unread = "0") {
    const auto page = parse_affected_page(
        R"({"vulnerability":"CVE-1","known":)" + known + R"(,"affected":)"
        + (items.empty() ? "0" : "9") + R"(,"unknown":)" + unknown + R"(,"unread_changelogs":)"
        + unread + R"(,"items":[)" + items + R"(],"next_cursor":null})");
    EXPECT_TRUE(page) << page.error().text();
    return *page;
}

constexpr const char* kHost = R"({"id":"1","name":"web1","group":"default"})";

}  // namespace

TEST(AffectedExitStatus, IsZeroOnlyWhereEveryHostIsKnownNotToBe) {
    EXPECT_EQ(affected_exit_status(page("true", "0", "")), 0);
    EXPECT_EQ(affected_exit_status(page("true", "3", kHost)), 1);
    EXPECT_EQ(affected_exit_status(page("true", "3", "")), 2);
    EXPECT_EQ(affected_exit_status(page("false", "0", "")), 2);
    EXPECT_EQ(affected_exit_status(page("true", "0", "", "1")), 2);
    EXPECT_EQ(affected_exit_status(page("true", "0", kHost, "1")), 1);
}

TEST(AffectedTable, SaysHowManyHostsAreNotKnown) {
    const std::string some = affected_table(page("true", "3", kHost));

    EXPECT_NE(some.find("web1"), std::string::npos) << some;
    EXPECT_NE(some.find("Not known of 3 hosts: thimble hosts --unknown\n"), std::string::npos)
        << some;
    EXPECT_EQ(affected_table(page("true", "0", "")), "Open on no host that was judged.\n");
    EXPECT_EQ(
        affected_table(page("true", "0", "", "1")),
        "Open on no host that was judged.\n"
        "On 1 host changelogs of pending updates were not read, which alone may\n"
        "name more: thimble hosts --unread\n");
    const std::string unnamed = affected_table(page("false", "0", ""));
    EXPECT_TRUE(unnamed.starts_with("Neither an advisory for a release of these hosts names it"))
        << unnamed;
    AffectedHosts nobody = page("false", "0", "");
    nobody.is_fleet_empty = true;
    EXPECT_TRUE(affected_table(nobody).starts_with("There is no host yet"))
        << affected_table(nobody);
}

TEST(AffectedJson, HasTheHostsAsTheServerGaveThem) {
    EXPECT_EQ(
        affected_json(page("true", "3", kHost)),
        R"({"format":"thimble.affected/1","vulnerability":"CVE-1","known":true,"unknown":3,"unread_changelogs":0,"hosts":[)"
        R"({"id":"1","name":"web1","group":"default"}]})");
}

TEST(ParseAffectedPage, RefusesWhatIsNotAsDocumented) {
    EXPECT_FALSE(parse_affected_page("junk"));
    EXPECT_FALSE(parse_affected_page(R"({"items":[],"next_cursor":null})"));
    EXPECT_FALSE(parse_affected_page(
        R"({"vulnerability":"","known":true,"affected":0,"unknown":-1,"unread_changelogs":0,"items":[],"next_cursor":null})"));
    EXPECT_FALSE(parse_affected_page(
        R"({"vulnerability":"","known":true,"affected":0,"unknown":0,"unread_changelogs":0,"items":[1],"next_cursor":null})"));
}

}  // namespace thimble::client
