#include "thimble/agent/inventory_documents.hpp"

#include <gtest/gtest.h>

namespace thimble::agent {
namespace {

TEST(ReadingOf, ReadsOfThisMachineWhatAScanReads) {
    const inventory::InventoryOptions options = reading_of({.root = "", .cache = "/c"});

    EXPECT_TRUE(options.offers);
    EXPECT_TRUE(options.processes);
    EXPECT_TRUE(options.listeners);
    EXPECT_TRUE(options.changelogs);
    EXPECT_EQ(options.cache, "/c");
}

TEST(ReadingOf, AnswersALeaseInTimeWhileChangelogsAreRead) {
    const std::chrono::seconds a_helper_waits{20};

    EXPECT_LT(reading_of({.root = "", .cache = "/c"}).changelog_time_limit, a_helper_waits);
}

TEST(ReadingOf, ReadsNoChangelogWithoutAPlaceToKeepIt) {
    EXPECT_FALSE(reading_of({.root = "", .cache = ""}).changelogs);
}

TEST(ReadingOf, FetchesNothingForADirectory) {
    const inventory::InventoryOptions options = reading_of({.root = "/r", .cache = "/c"});

    EXPECT_FALSE(options.offers);
    EXPECT_FALSE(options.changelogs);
    EXPECT_TRUE(options.cache.empty());
}

}  // namespace
}  // namespace thimble::agent
