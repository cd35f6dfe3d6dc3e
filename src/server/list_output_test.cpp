#include "thimble/server/list_output.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/server/openapi.hpp"
#include "thimble/server/route_table.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

constexpr std::array kColumns{
    store::ListColumn{"id", "id", store::ColumnType::Text, "x"},
    store::ListColumn{"count", "count", store::ColumnType::Number, "x"},
    store::ListColumn{"at", "at", store::ColumnType::Instant, "x"},
    store::ListColumn{"open", "open", store::ColumnType::Boolean, "x"},
};
constexpr store::ListTable kTable{"things", "thing", kColumns, store::ListScope::Whole, "id", "x"};

const std::vector<store::Row> kRows{
    {"a\"b,c", std::int64_t{1}, std::int64_t{0}, std::int64_t{1}},
    {"=cmd()", std::int64_t{2}, std::int64_t{1'767'225'600}, std::int64_t{0}},
    {"z", std::int64_t{3}, std::int64_t{0}, std::int64_t{0}}};

Target target_of(std::vector<std::string> segments) {
    Target target;
    target.segments = std::move(segments);
    return target;
}

}  // namespace

TEST(ListResponse, IsJsonWithTheCursorOfTheNextPage) {
    const Response response = list_response(kTable, {.limit = 2}, kRows, ListFormat::Json);

    EXPECT_EQ(
        response.body,
        R"x({"items":[{"id":"a\"b,c","count":1,"at":null,"open":true},)x"
        R"x({"id":"=cmd()","count":2,"at":"2026-01-01T00:00:00Z","open":false}],)x"
        R"x("next_cursor":"eyJzb3J0ZWQiOiI9Y21kKCkiLCJrZXkiOiI9Y21kKCkifQ"})x");
    EXPECT_TRUE(list_response(kTable, {.limit = 3}, kRows, ListFormat::Json)
                    .body.ends_with("\"next_cursor\":null}"));
}

TEST(ListResponse, HasListsOfWordsAsArrays) {
    static constexpr std::array kWords{
        store::ListColumn{"id", "id", store::ColumnType::Text, "x"},
        store::ListColumn{"words", "words", store::ColumnType::Words, "x"}};
    constexpr store::ListTable kThings{"t", "t", kWords, store::ListScope::Whole, "id", "x"};

    EXPECT_EQ(
        format_item(kThings, {"a", "env=prod,web"}), R"({"id":"a","words":["env=prod","web"]})");
    EXPECT_EQ(format_item(kThings, {"a", ""}), R"({"id":"a","words":[]})");
}

TEST(ListResponse, IsCsvThatNoSpreadsheetExecutes) {
    EXPECT_EQ(
        list_response(kTable, {.limit = 3}, kRows, ListFormat::Csv).body,
        "id,count,at,open\r\n\"a\"\"b,c\",1,,true\r\n\"'=cmd()\",2,2026-01-01T00:00:00Z,false\r\nz,"
        "3,,"
        "false\r\n");
}

TEST(ListResponse, IsOneObjectALineAsNdjson) {
    const Response response = list_response(kTable, {.limit = 1}, kRows, ListFormat::Ndjson);

    EXPECT_EQ(response.body, "{\"id\":\"a\\\"b,c\",\"count\":1,\"at\":null,\"open\":true}\n");
    EXPECT_EQ(response.headers.front().first, "Thimble-Next-Cursor");
}

TEST(RouteOf, FindsLiteralPathsBeforeLists) {
    EXPECT_EQ(
        route_of(Method::Get, target_of({"api", "v1", "health"})).route->endpoint,
        Endpoint::Health);
    const Routed item = route_of(Method::Get, target_of({"api", "v1", "hosts", "h1"}));
    EXPECT_EQ(item.route->endpoint, Endpoint::Item);
    EXPECT_EQ(item.parameters, (std::vector<std::string>{"hosts", "h1"}));
    EXPECT_EQ(
        route_of(Method::Delete, target_of({"api", "v1", "hosts", "h1"})).route->endpoint,
        Endpoint::RevokeHost);
}

TEST(RouteOf, TellsAWrongMethodFromAWrongPath) {
    const Routed wrong = route_of(Method::Delete, target_of({"api", "v1", "hosts"}));
    EXPECT_EQ(wrong.route, nullptr);
    EXPECT_EQ(wrong.allowed, "GET");
    for (const auto& segments : std::vector<std::vector<std::string>>{
             {}, {"api"}, {"api", "v1", "nothing"}, {"api", "v1", "hosts", "a", "b"}}) {
        const Routed nowhere = route_of(Method::Get, target_of(segments));
        EXPECT_EQ(nowhere.route, nullptr);
        EXPECT_EQ(nowhere.allowed, "");
    }
}

TEST(Routes, WhatChangesSomethingIsNeverOpenToAnybodyButByASecret) {
    for (const Route& route : routes()) {
        if (route.door == Door::Anybody && route.method != Method::Get) {
            EXPECT_TRUE(
                route.endpoint == Endpoint::SignIn || route.endpoint == Endpoint::RedeemLink
                || route.endpoint == Endpoint::RedeemSignOn || route.endpoint == Endpoint::Enrol)
                << route.path;
        }
        EXPECT_TRUE(route.work != Work::Memory || route.door != Door::SignedIn) << route.path;
        EXPECT_EQ(
            route.door == Door::Agent,
            route.path.starts_with("/agent/") && route.endpoint != Endpoint::Enrol);
    }
}

TEST(OpenapiDocument, IsJsonAndDescribesEveryRouteAndList) {
    const std::string text = openapi_document();

    ASSERT_TRUE(parse_json(text));
    for (const Route& route : routes()) {
        if (route.path.find("{list}") == std::string_view::npos) {
            EXPECT_NE(text.find("\"" + std::string(route.path) + "\":{"), std::string::npos)
                << route.path;
        }
    }
    for (const store::ListTable& table : store::list_tables()) {
        EXPECT_NE(
            text.find("\"/api/v1/" + std::string(table.name) + "/{id}\":{"), std::string::npos);
    }
}

}  // namespace thimble::server
