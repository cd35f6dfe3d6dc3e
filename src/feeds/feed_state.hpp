#pragma once
/// @file What is known of each feed's copy on this machine: `<state>/feeds/<feed>/state.json`.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::feeds {

/// A record that was left out, and why.
struct QuarantinedRecord {
    std::string record;
    std::string reason;
    bool operator==(const QuarantinedRecord&) const = default;
};

/// One file in force.
struct FileState {
    std::string path;  ///< below the feed's data folder
    std::string address;
    std::string etag;
    std::string last_modified;  ///< as the server wrote it
    std::string sha256;
    std::uint64_t size = 0;
    std::optional<Instant> fetched_at;
    std::uint64_t records = 0;
    std::uint64_t quarantined = 0;
    std::optional<Instant> newest;  ///< the data's own date, else when the file was modified
    bool undated = false;  ///< neither the data nor a server gave the date: that of a copy, or none
    std::vector<QuarantinedRecord> quarantine;  ///< the first hundred
    bool operator==(const FileState&) const = default;
};

/// One feed.
struct FeedState {
    std::string feed;
    std::optional<Instant> last_attempt;
    std::optional<Instant> last_success;  ///< when every file was last found good
    std::string last_error;               ///< of the last attempt; empty when it went well
    std::uint64_t previous_records = 0;   ///< before the last change
    std::vector<FileState> files;

    [[nodiscard]] std::uint64_t records() const;
    [[nodiscard]] std::uint64_t quarantined() const;
    /// The oldest of the files' dates, where one has none of when it was fetched: a feed is as old as
    /// its oldest part.
    [[nodiscard]] std::optional<Instant> data_date() const;
    /// Whether the data or a server dates every file; else the age counts from when a copy was
    /// written, or from the fetch.
    [[nodiscard]] bool is_dated() const;
    bool operator==(const FeedState&) const = default;
};

/// How a feed stands.
enum class FeedStanding : std::uint8_t { Fresh, Stale, Absent };

/// Age and standing at an instant. Pure.
struct FeedHealth {
    FeedStanding standing = FeedStanding::Absent;
    std::optional<std::chrono::seconds> data_age;     ///< by data_date
    std::optional<std::chrono::seconds> checked_age;  ///< since every file was last found good
    bool operator==(const FeedHealth&) const = default;
};

/// Stale when it was not found good within `budget`, or when the data itself is older than `budget`
/// and `quiet_period` together: a mirror that was copied today can be a year old. So is one with a date that is to come.
FeedHealth feed_health(
    const FeedState& state,
    std::chrono::seconds budget,
    std::chrono::seconds quiet_period,
    Instant now);

/// JSON of a state, and back.
/// @error Corrupt "feeds.bad_state"
std::string format_state(const FeedState& state);
Result<FeedState> parse_state(std::string_view json);

/// `<state>/feeds/<feed>`; the files in force stand in `data` below it.
std::filesystem::path feed_folder(const std::filesystem::path& state, std::string_view feed);
std::filesystem::path feed_data_folder(const std::filesystem::path& state, std::string_view feed);

/// The feed's state; an empty one where there is none yet.
/// @error Corrupt "feeds.bad_state"
Result<FeedState> load_state(const std::filesystem::path& state, std::string_view feed);
/// @error Unavailable "feeds.cannot_write"
Result<void> save_state(const std::filesystem::path& state, const FeedState& feed);

}  // namespace thimble::feeds
