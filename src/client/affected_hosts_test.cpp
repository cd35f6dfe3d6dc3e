#include "thimble/client/affected_hosts.hpp"

#include <gtest/gtest.h>

namespace thimble::client {
namespace {

AffectedHosts page(const std::string& known, const std::string& unknown, const std::string& items) {
    const auto page = parse_affected_page(
        R"({"vulnerability":"CVE-1","known":)" + known + R"(,"affected":9,"unknown":)" + unknown
        + R"(,"items":[)" + items + R"(],"next_cursor":null})");
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
}

TEST(AffectedTable, SaysHowManyHostsAreNotKnown) {
    const std::string some = affected_table(page("true", "3", kHost));

    EXPECT_NE(some.find("web1"), std::string::npos) << some;
    EXPECT_NE(some.find("Not known of 3 hosts"), std::string::npos) << some;
    const std::string none = affected_table(page("true", "0", ""));
    EXPECT_TRUE(none.starts_with("Open on no host that was judged, by what feeds say.")) << none;
    EXPECT_NE(none.find("thimble findings --host HOST\n"), std::string::npos) << none;
    const std::string unnamed = affected_table(page("false", "0", ""));
    EXPECT_TRUE(unnamed.starts_with("No advisory for a release of these hosts names it."))
        << unnamed;
    EXPECT_NE(unnamed.find("thimble findings --host HOST\n"), std::string::npos) << unnamed;
    AffectedHosts nobody = page("false", "0", "");
    nobody.is_fleet_empty = true;
    EXPECT_TRUE(affected_table(nobody).starts_with("There is no host yet"))
        << affected_table(nobody);
}

TEST(AffectedJson, HasTheHostsAsTheServerGaveThem) {
    EXPECT_EQ(
        affected_json(page("true", "3", kHost)),
        R"({"format":"thimble.affected/1","vulnerability":"CVE-1","known":true,"unknown":3,"hosts":[)"
        R"({"id":"1","name":"web1","group":"default"}]})");
}

TEST(ParseAffectedPage, RefusesWhatIsNotAsDocumented) {
    EXPECT_FALSE(parse_affected_page("junk"));
    EXPECT_FALSE(parse_affected_page(R"({"items":[],"next_cursor":null})"));
    EXPECT_FALSE(parse_affected_page(
        R"({"vulnerability":"","known":true,"affected":0,"unknown":-1,"items":[],"next_cursor":null})"));
    EXPECT_FALSE(parse_affected_page(
        R"({"vulnerability":"","known":true,"affected":0,"unknown":0,"items":[1],"next_cursor":null})"));
}

}  // namespace thimble::client
