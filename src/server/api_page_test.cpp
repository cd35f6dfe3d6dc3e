#include "thimble/server/api_page.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/server/body_members.hpp"
#include "thimble/server/openapi.hpp"
#include "thimble/server/route_table.hpp"
#include "thimble/store/list_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace thimble::server {

TEST(BodyMembers, HaveANameATypeAndMayBeLeftOut) {
    const auto members = body_members("name,days?:integer");
    ASSERT_EQ(members.size(), 2U);
    EXPECT_EQ(members[0].name, "name");
    EXPECT_EQ(members[0].type, "string");
    EXPECT_TRUE(members[0].is_required);
    EXPECT_EQ(members[1].name, "days");
    EXPECT_EQ(members[1].type, "integer");
    EXPECT_FALSE(members[1].is_required);
    EXPECT_TRUE(body_members("").empty());
    EXPECT_EQ(path_parameters("/a/{id}/b/{host}"), (std::vector<std::string_view>{"id", "host"}));
}

TEST(RouteTable, HasOnlyTypesThatAreDescribed) {
    constexpr std::array<std::string_view, 6> kTypes{
        "string", "integer", "boolean", "object", "strings", "objects"};
    for (const Route& route : routes()) {
        for (const BodyMember& member : body_members(route.members)) {
            EXPECT_NE(std::ranges::find(kTypes, member.type), kTypes.end())
                << route.path << " " << member.name;
        }
    }
}

TEST(ApiPage, HasEveryEndpointAndEveryColumn) {
    const std::string page = api_page_html();
    for (const Route& route : routes()) {
        if (route.path.find("{list}") == std::string_view::npos) {
            EXPECT_NE(page.find(route.path), std::string::npos) << route.path;
        }
    }
    for (const store::ListTable& table : store::list_tables()) {
        EXPECT_NE(page.find("<code>" + std::string(table.name) + "</code>"), std::string::npos);
        for (const store::ListColumn& column : table.columns) {
            EXPECT_NE(
                page.find("<code>" + std::string(column.name) + "</code>"), std::string::npos);
        }
    }
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_EQ(page.find("style="), std::string::npos);  // the content security policy allows none
}

TEST(OpenapiDocument, DescribesEveryParameterOfAPathAndTheTypesOfBodies) {
    const auto document = parse_json(openapi_document());
    ASSERT_TRUE(document);
    const JsonValue* paths = member_of(*document, "paths");
    ASSERT_NE(paths, nullptr);
    for (const auto& [path, methods] : std::get<JsonValue::Object>(paths->value)) {
        for (const auto& [method, operation] : std::get<JsonValue::Object>(methods.value)) {
            std::size_t parameters = 0;
            for (const JsonValue& parameter : JsonMembers(operation).array("parameters")) {
                parameters += JsonMembers(parameter).text("in") == "path" ? 1 : 0;
            }
            EXPECT_EQ(parameters, path_parameters(path).size()) << method << " " << path;
        }
    }
    EXPECT_NE(openapi_document().find(R"("days":{"type":"integer"})"), std::string::npos);
}

}  // namespace thimble::server
