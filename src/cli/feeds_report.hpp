#pragma once
/// @file What the user sees of the feeds: a table, the details of some, or JSON. Pure.

#include "thimble/base/instant.hpp"
#include "thimble/feeds/feed_settings.hpp"
#include "thimble/feeds/feed_state.hpp"

#include <string>
#include <vector>

namespace thimble::cli {

/// One feed as it stands now.
struct FeedRow {
    feeds::FeedSettings settings;
    feeds::FeedState state;
    feeds::FeedHealth health;
};

/// The exit status for feeds in this standing.
int feeds_exit_status(const std::vector<FeedRow>& rows);

/// At most 80 columns; failures stand below the table, each with its feed.
std::string feeds_table(const std::vector<FeedRow>& rows);

/// Files, dates and quarantined records of one feed.
std::string feed_details(const FeedRow& row);

/// {"format":"thimble.feeds/1","feeds":[…]}, see docs/formats/feeds-json.md.
std::string feeds_json(const std::vector<FeedRow>& rows);

}  // namespace thimble::cli
