#include "thimble/client/fleet_page.hpp"

#include "thimble/client/fleet_json.hpp"
#include "thimble/client/fleet_lists.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace thimble::client {
namespace {

std::string seed(const std::string& name) {
    std::ifstream in(std::string(THIMBLE_TESTDATA) + "/corpus_fleet_page_fuzz/" + name);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST(ParseHostPage, ReadsNumbersAndTheNextPage) {
    const auto page = parse_host_page(seed("hosts"));

    ASSERT_TRUE(page);
    EXPECT_EQ(page->next_cursor, "abc");
    ASSERT_EQ(page->items.size(), 1U);
    const ListedHost& host = page->items.front();
    EXPECT_EQ(host.tags, "env=prod,web");
    EXPECT_EQ(host.reach, "ssh");
    EXPECT_EQ(host.pending, 3U);
    EXPECT_EQ(host.blocked, std::nullopt);
    EXPECT_EQ(host.last_seen, *parse_instant("2026-11-24T12:00:00Z"));
    EXPECT_FALSE(host.is_revoked);
}

TEST(ParseHostPage, ReadsWhereChangelogsWereNotRead) {
    std::string text = seed("hosts");
    text.insert(
        text.find("\"unknown_why\""),
        R"("gaps":"[{\"code\":\"inventory.no_changelog\",\"detail\":\"\",\"next\":null}]",)");

    const auto page = parse_host_page(text);

    ASSERT_TRUE(page) << text;
    EXPECT_TRUE(page->items.front().has_unread_changelogs);
    EXPECT_FALSE(parse_host_page(seed("hosts"))->items.front().has_unread_changelogs);
}

TEST(ParsePatchPage, ReadsMarksDatesAndIds) {
    const auto page = parse_patch_page(seed("patches"));

    ASSERT_TRUE(page);
    EXPECT_EQ(page->next_cursor, "");
    ASSERT_EQ(page->items.size(), 1U);
    EXPECT_TRUE(page->items[0].kev);
    EXPECT_EQ(page->items[0].due, *parse_instant("2026-11-27"));
    EXPECT_EQ(
        page->items[0].vulnerabilities, (std::vector<std::string>{"CVE-2026-1", "CVE-2026-2"}));
    EXPECT_EQ(page->items[0].exception, "x1");
}

TEST(ParseFleetPatchPage, ReadsHowManyHosts) {
    const auto page = parse_fleet_patch_page(seed("fleet_patches"));

    ASSERT_TRUE(page);
    EXPECT_EQ(page->items[0].hosts, 2);
    EXPECT_EQ(page->items[0].due, std::nullopt);
}

TEST(ParsePage, RefusesWhatIsNotAPage) {
    for (const char* bad : {"", "[]", "{}", R"({"items":[{}],"next_cursor":null})"}) {
        EXPECT_EQ(parse_host_page(bad).error().code, "client.odd_answer") << bad;
    }
    EXPECT_EQ(parse_answer_member("{}", "token").error().code, "client.odd_answer");
}

TEST(HostsJson, SaysNullOfWhatIsNotKnown) {
    const auto page = parse_host_page(seed("hosts"));

    EXPECT_EQ(
        hosts_json(page->items),
        R"({"format":"thimble.hosts/1","hosts":[{"id":"1","name":"web1","group":"g","reach":"ssh",)"
        R"("tags":["env=prod","web"],"overdue":1,"exploited":2,"pending":3,"blocked":null,)"
        R"("unknown":0,"unknown_why":null,"superseded_by":null,"waits_why":null,)"
        R"("unread_changelogs":false,"last_seen":"2026-11-24T12:00:00Z"}]})");
}

TEST(PatchesJson, SaysWhatAScanSays) {
    const auto page = parse_patch_page(seed("patches"));

    EXPECT_EQ(
        patches_json(page->items, true),
        R"({"format":"thimble.patches/1","patches":[{"source":"curl","from":"1","to":"2",)"
        R"("vulnerabilities":["CVE-2026-1","CVE-2026-2"],"kev":true,"exploited":true,)"
        R"("public_exploit":false,"due":"2026-11-27","outcome":"immediate",)"
        R"("rule":"BOD 26-04 row 8","state":"ready","blocker":null,"restart":"none",)"
        R"("exception":"x1","excepted_until":"2026-12-20T00:00:00Z"}]})");
}

TEST(FilterOf, EncodesWhatIsNotPlain) {
    EXPECT_EQ(filter_of("name", "a&b=c \xC3\xA4"), "&name=a%26b%3Dc%20%C3%A4");
}

}  // namespace thimble::client
