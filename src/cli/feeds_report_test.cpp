#include "thimble/cli/feeds_report.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace thimble::cli {
namespace {

using feeds::FeedStanding;

FeedRow row(
    std::string name, FeedStanding standing, std::uint64_t records, std::string error = "") {
    FeedRow row;
    row.settings.name = name;
    row.state.feed = std::move(name);
    row.state.last_error = std::move(error);
    row.health.standing = standing;
    if (records > 0) {
        feeds::FileState file;
        file.path = "list";
        file.records = records;
        file.quarantined = 2;
        file.quarantine = {{"DSA-1-1", "bad \x1b[31m line"}};
        row.state.files.push_back(file);
    }
    return row;
}

TEST(FeedsExitStatus, TellsFreshFromDoubtfulFromNothing) {
    const FeedRow fresh = row("kev", FeedStanding::Fresh, 9);
    const FeedRow failed = row("kev", FeedStanding::Fresh, 9, "no connection");
    const FeedRow stale = row("osv", FeedStanding::Stale, 9);
    const FeedRow absent = row("epss", FeedStanding::Absent, 0);

    EXPECT_EQ(feeds_exit_status({fresh, fresh}), 0);
    EXPECT_EQ(feeds_exit_status({fresh, stale}), 1);
    EXPECT_EQ(feeds_exit_status({fresh, failed}), 1);
    EXPECT_EQ(feeds_exit_status({fresh, absent}), 1);
    EXPECT_EQ(feeds_exit_status({absent, absent}), 2);
}

TEST(FeedsTable, FitsEightyColumns) {
    FeedRow wide = row("debian-tracker", FeedStanding::Absent, 123'456'789, "x");
    wide.state.previous_records = 1'000'000;
    wide.health.data_age = std::chrono::hours(24 * 4000);
    wide.health.checked_age = std::chrono::hours(24 * 4000);

    std::istringstream table(feeds_table({wide}));

    for (std::string line; std::getline(table, line);) {
        EXPECT_LE(line.size(), 80U) << line;
    }
}

TEST(FeedsTable, BreaksLongErrorsAndCutsNothing) {
    const std::string words =
        "the mirror /srv/a/mirror/that/lies/deep/below has no file for this feed, which is looked "
        "for under the names that docs/formats/feeds-state.md tells, and that are many, so that "
        "the sentence is longer than several lines of a terminal and names its last word, END";
    const std::string name = "a-feed-with-a-very-long-name";
    const std::string table = feeds_table(
        {row("kev", FeedStanding::Absent, 0, words), row(name, FeedStanding::Fresh, 1)});

    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_TRUE(
            line.size() <= 80 || line.starts_with("FEED ") || line.contains(" fresh")
            || line.contains(" undated") || line.contains(" absent"))
            << line;
    }
    EXPECT_TRUE(table.contains(name + " ")) << table;
    EXPECT_TRUE(table.contains("END\n")) << table;
    EXPECT_TRUE(table.contains("\n\nkev: the mirror ")) << table;
}

TEST(FeedDetails, BreaksLongReasonsAndKeepsAddressesWhole) {
    FeedRow feed = row("osv", FeedStanding::Fresh, 9);
    feed.state.files[0].address = "https://example.org/" + std::string(500, 'a');
    feed.state.files[0].quarantine[0].reason = std::string(200, 'r') + " END";

    const std::string details = feed_details(feed);

    EXPECT_TRUE(details.contains(feed.state.files[0].address + "\n")) << details;
    EXPECT_TRUE(details.contains("END\n")) << details;
}

TEST(FeedsTable, NamesFeedsWithoutADate) {
    FeedRow dated = row("kev", FeedStanding::Fresh, 9);
    dated.state.files[0].newest = Instant{};
    FeedRow copied = row("nuclei", FeedStanding::Fresh, 9);
    copied.state.files[0].newest = Instant{};
    copied.state.files[0].undated = true;

    EXPECT_EQ(feeds_table({dated}).find("Without a date"), std::string::npos);
    const std::string table =
        feeds_table({dated, copied, row("exploitdb", FeedStanding::Fresh, 9)});
    EXPECT_TRUE(table.ends_with(
        "\nWithout a date of their own; aged from when the copy was written or fetched:\n"
        "  nuclei exploitdb\n"))
        << table;
    EXPECT_NE(feeds_json({copied}).find("\"undated\":true"), std::string::npos);
    EXPECT_NE(feed_details(copied).find("its own date is not told"), std::string::npos);
}

TEST(FeedsTable, NamesTheDateOfTheDataAndCallsNothingFreshWithoutOne) {
    FeedRow dated = row("kev", FeedStanding::Fresh, 9);
    dated.state.files[0].newest = *parse_instant("2026-11-20");
    EXPECT_NE(feeds_table({dated}).find(" 2026-11-20        -  fresh\n"), std::string::npos)
        << feeds_table({dated});

    FeedRow copied = row("nuclei", FeedStanding::Fresh, 9);
    copied.state.files[0].newest = *parse_instant("2026-11-30");
    copied.state.files[0].undated = true;
    const std::string table = feeds_table({copied});
    EXPECT_NE(table.find("  not told        -  undated\n"), std::string::npos) << table;
    EXPECT_EQ(table.find("fresh"), std::string::npos);
    EXPECT_EQ(
        feeds_table({row("osv", FeedStanding::Absent, 0)}).find("not told"), std::string::npos);
}

TEST(FeedsTable, SaysThatTheLastGoodCopyStaysInForce) {
    const std::string table = feeds_table({row("kev", FeedStanding::Stale, 9, "arrived broken")});

    EXPECT_NE(table.find("kev: arrived broken"), std::string::npos);
    EXPECT_NE(table.find("stale, failed*"), std::string::npos);
    EXPECT_NE(table.find("* the last good copy stays in force"), std::string::npos);
}

TEST(FeedsTable, ShowsTheChangeOfRecords) {
    FeedRow kev = row("kev", FeedStanding::Fresh, 1500);
    kev.state.previous_records = 1404;
    EXPECT_NE(feeds_table({kev}).find("+96"), std::string::npos);
}

TEST(FeedDetails, NamesWhatWasLeftOutWithoutItsEscapes) {
    const std::string details = feed_details(row("debian-dsa", FeedStanding::Fresh, 9));

    EXPECT_NE(details.find("DSA-1-1: bad ?[31m line"), std::string::npos);
    EXPECT_NE(details.find("and 1 more"), std::string::npos);
}

TEST(FeedsJson, HasARootRecordAndNullForWhatIsNotKnown) {
    EXPECT_EQ(
        feeds_json({row("epss", FeedStanding::Absent, 0)}),
        "{\"format\":\"thimble.feeds/1\",\"feeds\":[{\"feed\":\"epss\",\"standing\":\"absent\","
        "\"enabled\":true,\"undated\":false,\"records\":0,\"previous_records\":0,\"quarantined\":0,"
        "\"data_age_s\":null,\"checked_age_s\":null,\"staleness_budget_s\":0,"
        "\"quiet_period_s\":0,\"last_attempt\":null,\"last_success\":null,\"error\":null,"
        "\"files\":[]}]}\n");
}

}  // namespace
}  // namespace thimble::cli
