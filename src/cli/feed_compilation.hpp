#pragma once
/// @file Feeds read and compiled into a catalog: what `catalog build` and `feeds sync` share.

#include "thimble/base/result.hpp"
#include "thimble/catalog/builder.hpp"
#include "thimble/feeds/feed_settings.hpp"
#include "thimble/feeds/feed_table.hpp"
#include "thimble/feeds/read_feed.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::cli {

struct QuarantinedRecord {
    std::string record;
    std::string reason;
};

/// What was read of one feed from one path.
struct ReadFeed {
    std::string name;
    std::string path;
    feeds::ReadSummary summary;
    std::vector<QuarantinedRecord> quarantined;  ///< the first 1,000
};

/// When a feed was last asked for, and how old its data may be.
struct FeedFreshness {
    Instant checked_at;
    std::chrono::seconds check_budget{};
    std::chrono::seconds staleness_budget{};
    std::optional<Instant> data_date;  ///< of its oldest file; absent: that of what is read
    bool undated = false;              ///< data_date is that of a copy or of the fetch
};

/// Reads feeds one after the other, then writes the catalog once.
class FeedCompilation {
public:
    /// @error Corrupt  the feed is broken as a whole; records of it that came before are in, so
    ///        the compilation is to be thrown away
    Result<void> read(const feeds::FeedSource& feed, const std::filesystem::path& path);

    /// Overrides the built-in budgets of a feed.
    void set_freshness(const std::string& feed, FeedFreshness freshness);

    /// Compiles and replaces `output` atomically. Call once.
    /// @return the size of the file in bytes
    Result<std::size_t> write(const std::string& output, Instant now);

    [[nodiscard]] const std::vector<ReadFeed>& read_feeds() const { return read_; }
    [[nodiscard]] const catalog::BuildReport& report() const { return builder_.report(); }

private:
    void add_sources();

    catalog::Builder builder_;
    std::vector<ReadFeed> read_;
    std::map<std::string, FeedFreshness> freshness_;
};

/// Compiles what `feeds sync` or `feeds import` has brought into the catalog of the state directory.
/// A feed whose files no longer read is left out and named in the result.
/// @param begun  hears what is begun, in words
/// @return feeds that were left out, with the reason; the catalog is written when any feed was read
Result<std::vector<std::string>> compile_synced_feeds(
    const std::filesystem::path& state,
    const std::vector<feeds::FeedSettings>& settings,
    Instant now,
    const std::function<void(std::string_view)>& begun);

}  // namespace thimble::cli
