#include "thimble/client/list_view.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/terminal_lines.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace thimble::client {
namespace {

ItemPage page_of(const std::string& items) {
    const auto page = parse_item_page(R"({"items":[)" + items + R"(],"next_cursor":null})");
    EXPECT_TRUE(page);
    return *page;
}

}  // namespace

TEST(ListViews, FitIntoEightyColumns) {
    for (const ListView& view : list_views()) {
        for (const auto& columns : {view.columns, view.columns_of_host}) {
            std::size_t width = 0;
            for (const ViewColumn& column : columns) {
                width += column.width + (width == 0 ? 0 : 2);
                EXPECT_LE(column.heading.size(), column.width) << view.list;
            }
            EXPECT_LE(width, 80U) << view.list;
        }
        EXPECT_EQ(list_view_named(view.list), &view);
    }
    EXPECT_EQ(list_view_named("nothing"), nullptr);
}

TEST(ViewTable, ShowsItemsAndNothingThatIsNotSafeToShow) {
    const ItemPage page =
        page_of(R"({"host":"web\u001b[2J","kind":"apply","state":"done","why":null})");

    const std::string table = view_table(*list_view_named("jobs"), page.items);

    EXPECT_NE(table.find("HOST"), std::string::npos);
    EXPECT_NE(table.find("apply"), std::string::npos);
    EXPECT_EQ(table.find('\x1b'), std::string::npos);
}

TEST(ViewTable, ShowsTheYearOfADateAndAsMuchOfAnIdAsTellsItApart) {
    const ItemPage feeds = page_of(R"({"feed":"kev","as_of":"2024-10-24T21:01:00Z"})");
    const ItemPage jobs = page_of(
        R"({"id":"0123456789aa","created_at":"2024-10-24T21:01:00Z"},{"id":"0123456789bb"})");

    EXPECT_NE(
        view_table(*list_view_named("feeds"), feeds.items).find("2024-10-24"), std::string::npos);
    const std::string table = view_table(*list_view_named("jobs"), jobs.items);
    EXPECT_NE(table.find("0123456789a  "), std::string::npos) << table;
    EXPECT_NE(table.find("10-24 21:01"), std::string::npos) << table;
}

TEST(ViewTable, CutsWordsForPeopleAndNothingElse) {
    const std::string version = "1:2.36.1-8+deb12u2~really1234567890";
    const ItemPage states = page_of(
        R"({"host":"database-primary.example","source":"linux-signed-amd64","to":")" + version
        + R"(","state":"missing"})");
    const ItemPage deployments = page_of(R"({"id":"a","why":")" + std::string(60, 'w') + R"("})");

    const std::string table = view_table(*list_view_named("patch-states"), states.items);

    EXPECT_NE(
        table.find("\ndatabase-primary.example  linux-signed-amd64\n    " + version),
        std::string::npos)
        << table;
    EXPECT_NE(table.find("missing"), std::string::npos) << table;
    EXPECT_NE(
        view_table(*list_view_named("deployments"), deployments.items)
            .find(std::string(31, 'w') + "~\n"),
        std::string::npos);
}

TEST(ViewTable, BreaksALineThatIsTooLongAndNoOther) {
    const ItemPage page = page_of(
        R"({"name":"linux-headers-6.1.0-30-common","version":"6.1.124-1","release":"debian 12","hosts":1,"open":2},)"
        R"({"name":"golang-github-prometheus-client-golang-dev","version":"1.14.0-3+deb12u1~bpo11+really1.13","release":"debian 12","hosts":1,"open":0})");

    const std::string table = view_table(*list_view_named("packages"), page.items);

    std::size_t longest = 0;
    Lines lines(table);
    std::size_t count = 0;
    for (std::string_view line; lines.next(line); ++count) {
        longest = std::max(longest, columns_of(line));
    }
    EXPECT_LE(longest, kTerminalColumns) << table;
    EXPECT_EQ(count, 4U) << table;
    EXPECT_NE(
        table.find(
            "golang-github-prometheus-client-golang-dev  1.14.0-3+deb12u1~bpo11+really1.13\n"),
        std::string::npos)
        << table;
}

TEST(ViewTable, TakesNoMoreRoomThanNamesNeedWhereThatFits) {
    const ItemPage page = page_of(
        R"({"name":"a-rather-long-name-of-a-package-1","version":"1","release":"debian 12","hosts":1,"open":0})");

    const std::string table = view_table(*list_view_named("packages"), page.items);

    EXPECT_NE(
        table.find("a-rather-long-name-of-a-package-1  1        debian 12  1      0\n"),
        std::string::npos)
        << table;
}

TEST(ViewTable, ShowsOfListsTheItemsThatFitEachWhole) {
    const ItemPage page = page_of(
        R"({"id":"DSA-1","vulnerability_ids":["CVE-2026-0001","CVE-2026-0002","CVE-2026-0003"]})");

    const std::string table = view_table(*list_view_named("advisories"), page.items);

    EXPECT_NE(table.find("  CVE-2026-0001 +2\n"), std::string::npos) << table;
}

TEST(ViewTable, ShowsACountThatIsNotKnownAsSuch) {
    const std::vector<JsonValue> items{
        *parse_json(R"({"name":"web","hosts":1,"unknown":1,"overdue":null,"exploited":0})")};

    const std::string table = view_table(*list_view_named("groups"), items);

    const std::string row = table.substr(table.find('\n') + 1);
    EXPECT_NE(row.find('?'), std::string::npos) << table;
    EXPECT_NE(row.find('0'), std::string::npos) << table;
}

TEST(ViewTable, SaysWhatNoItemsMean) {
    EXPECT_TRUE(view_table(*list_view_named("patch-states"), {}).starts_with("No patch of a host"));

    EXPECT_EQ(view_table(*list_view_named("jobs"), {}), "There is no job.\n");
}

TEST(ViewJson, GivesBackWhatTheServerGave) {
    const ItemPage page = page_of(R"({"id":"a","n":3,"b":true,"x":null,"l":[1,"2"]})");

    EXPECT_EQ(
        view_json("jobs", page.items),
        R"({"format":"thimble.jobs/1","jobs":[{"id":"a","n":3,"b":true,"x":null,"l":[1,"2"]}]})");
}

TEST(ViewJson, SaysOfHowManyHostsAListCanSayNothing) {
    EXPECT_EQ(
        view_json("vulnerabilities", {}, FleetCoverage{3, 1, 2}),
        R"({"format":"thimble.vulnerabilities/1","unknown_hosts":1,"unread_changelogs":2,)"
        R"("vulnerabilities":[]})");
}

TEST(ParseItemPage, RefusesWhatIsNoList) {
    EXPECT_FALSE(parse_item_page("no"));
    EXPECT_FALSE(parse_item_page("{}"));
    EXPECT_FALSE(parse_item_page(R"({"items":[1],"next_cursor":null})"));
}

}  // namespace thimble::client
