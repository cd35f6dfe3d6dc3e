#include "thimble/client/deployment.hpp"

#include "thimble/client/list_view.hpp"

#include <gtest/gtest.h>

namespace thimble::client {
namespace {

std::vector<JsonValue> hosts(const std::vector<std::pair<std::string, std::string>>& phases) {
    std::string text = R"({"items":[)";
    for (const auto& [host, phase] : phases) {
        text += (text.ends_with('[') ? "" : ",") + (R"({"id":"d.)" + host) + R"(","host":")" + host
            + R"(","phase":")" + phase + R"(","why":"because","progress":"half"})";
    }
    return parse_item_page(text + R"(],"next_cursor":null})")->items;
}

}  // namespace

TEST(NewsOf, TellsEachChangeOnce) {
    WatchedHosts seen;
    EXPECT_EQ(
        news_of(seen, hosts({{"a", "planning"}})),
        "a                     planning          because; half\n");
    EXPECT_EQ(news_of(seen, hosts({{"a", "planning"}})), "");
    EXPECT_EQ(
        news_of(seen, hosts({{"a", "skipped"}})),
        "a                     skipped           because\n");
}

TEST(NewsOf, SaysWhatAJobWaitsFor) {
    const auto page = parse_item_page(
        R"({"items":[{"id":"d.a","host":"a","phase":"planning","progress":"","job_state":"waiting"}],)"
        R"("next_cursor":null})");
    WatchedHosts seen;

    EXPECT_NE(news_of(seen, page->items).find("waits for thimble-agent"), std::string::npos);
    seen.clear();
    const auto begun = parse_item_page(
        R"({"items":[{"id":"d.a","host":"a","phase":"planning","why":"begun anew","progress":"",)"
        R"("job_state":"running","job_begun_at":"2026-12-01T10:00:00Z"}],"next_cursor":null})");
    const std::string at_it = news_of(seen, begun->items);
    EXPECT_NE(at_it.find("begun anew; the agent is at it since"), std::string::npos) << at_it;
    EXPECT_EQ(at_it.find("waits for"), std::string::npos) << at_it;
    seen["d.a"].second = "half";
    EXPECT_EQ(news_of(seen, begun->items).find("begun anew"), std::string::npos);
}

TEST(HaveAllEnded, WaitsForWhoIsUnderWay) {
    EXPECT_FALSE(have_all_ended(hosts({{"a", "verified"}, {"b", "applying"}})));
    EXPECT_TRUE(have_all_ended(hosts({{"a", "verified"}, {"b", "unknown"}})));
}

TEST(DeploymentSummary, CountsHostsByPhase) {
    EXPECT_EQ(
        deployment_summary(hosts({{"a", "verified"}, {"b", "failed"}, {"c", "verified"}})),
        "3 hosts: 1 failed, 2 verified\n");
}

TEST(DeploymentSummary, DoesNotPassOverASelectionThatNoHostKnows) {
    const auto page = parse_item_page(
        R"({"items":[{"id":"d.a","host":"a","phase":"nothing-to-do",)"
        R"("why":"no patch closes CVE-1999-1 [apply.nothing_selected]"}],"next_cursor":null})");

    EXPECT_TRUE(was_nothing_selected(page->items));
    EXPECT_NE(deployment_summary(page->items).find("No host is offered"), std::string::npos);
    EXPECT_FALSE(was_nothing_selected(hosts({{"a", "nothing-to-do"}})));
}

TEST(LastWordsIn, AreTheEndOfWhatTheProgramOfThatJobSaid) {
    const auto page = parse_item_page(
        R"({"items":[{"content":"junk"},{"content":"{\"job\":\"k\",\"output\":\"other\"}"},)"
        R"({"content":"{\"job\":\"j\",\"output\":\"1\\n2\\n3\\n4\\n\\n5\\n6\\n7\\n\"}"}],)"
        R"("next_cursor":null})");
    ASSERT_TRUE(page);

    EXPECT_EQ(
        last_words_in(page->items, "j"), (std::vector<std::string>{"2", "3", "4", "5", "6", "7"}));
    EXPECT_TRUE(last_words_in(page->items, "x").empty());
}

TEST(DeploymentDetail, ShowsWhyAndTheLastWordsOfWhatFailedAndNothingThatDrivesATerminal) {
    const auto deployment = parse_item_page(
        R"({"items":[{"id":"d1","why":"monthly","created_by":"user:a\u001b[2J"}],"next_cursor":null})");
    const auto items = hosts({{"a", "failed"}, {"b", "verified"}});

    const std::string detail =
        deployment_detail(deployment->items[0], items, {{"d.a", {"dpkg: \x1b[31merror"}}});

    EXPECT_NE(detail.find("Deployment d1\n"), std::string::npos) << detail;
    EXPECT_NE(detail.find("  because\n  | dpkg: "), std::string::npos) << detail;
    EXPECT_NE(detail.find("2 hosts: 1 failed, 1 verified\n"), std::string::npos);
    EXPECT_EQ(detail.find('\x1b'), std::string::npos);
    EXPECT_TRUE(has_failed(items[0]));
    EXPECT_FALSE(has_failed(items[1]));
}

TEST(DeploymentExitStatus, IsWellOnlyWhenEveryHostIs) {
    EXPECT_EQ(deployment_exit_status(hosts({{"a", "verified"}, {"b", "nothing-to-do"}})), 0);
    EXPECT_EQ(deployment_exit_status(hosts({{"a", "verified"}, {"b", "pending-reboot"}})), 1);
    EXPECT_EQ(deployment_exit_status(hosts({{"a", "verified"}, {"b", "unknown"}})), 2);
    EXPECT_EQ(deployment_exit_status(hosts({{"a", "unknown"}, {"b", "failed"}})), 1);
    EXPECT_EQ(deployment_exit_status({}), 2);
}

}  // namespace thimble::client
