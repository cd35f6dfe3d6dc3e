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
        "a                     planning          half\n");
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
}

TEST(HaveAllEnded, WaitsForWhoIsUnderWay) {
    EXPECT_FALSE(have_all_ended(hosts({{"a", "verified"}, {"b", "applying"}})));
    EXPECT_TRUE(have_all_ended(hosts({{"a", "verified"}, {"b", "unknown"}})));
}

TEST(DeploymentExitStatus, IsWellOnlyWhenEveryHostIs) {
    EXPECT_EQ(deployment_exit_status(hosts({{"a", "verified"}, {"b", "nothing-to-do"}})), 0);
    EXPECT_EQ(deployment_exit_status(hosts({{"a", "verified"}, {"b", "pending-reboot"}})), 1);
    EXPECT_EQ(deployment_exit_status(hosts({{"a", "verified"}, {"b", "unknown"}})), 2);
    EXPECT_EQ(deployment_exit_status(hosts({{"a", "unknown"}, {"b", "failed"}})), 1);
    EXPECT_EQ(deployment_exit_status({}), 2);
}

}  // namespace thimble::client
