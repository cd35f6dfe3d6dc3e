#include "thimble/feeds/feed_state.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/feeds/feed_state_json.hpp"
#include "thimble/feeds/record_text.hpp"
#include "thimble/feeds/state_files.hpp"

#include <algorithm>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxStateBytes = 64U << 20U;

void write_instant(JsonWriter& json, JsonKey key, std::optional<Instant> instant) {
    json.member_or_null(key, instant ? format_instant(*instant) : std::string());
}

void write_number(JsonWriter& json, JsonKey key, std::uint64_t value) {
    json.key(key).number(static_cast<std::int64_t>(value));
}

void write_file(JsonWriter& json, const FileState& file) {
    json.open_object().member("path", file.path).member("address", file.address);
    json.member_or_null("etag", file.etag).member_or_null("last_modified", file.last_modified);
    json.member("sha256", file.sha256);
    write_number(json, "size", file.size);
    write_instant(json, "fetched_at", file.fetched_at);
    write_number(json, "records", file.records);
    write_number(json, "quarantined", file.quarantined);
    write_instant(json, "newest", file.newest);
    json.key("undated").boolean(file.undated);
    json.key("quarantine").open_array();
    for (const QuarantinedRecord& record : file.quarantine) {
        json.open_object().member("record", record.record).member("reason", record.reason);
        json.close_object();
    }
    json.close_array().close_object();
}

std::uint64_t number_in(JsonValue value, std::string_view key) {
    std::uint64_t number = 0;
    const auto found = member(value, key);
    const bool is_number = found && found->get_uint64().get(number) == simdjson::SUCCESS;
    return is_number ? number : 0;
}

FileState read_file(JsonValue value) {
    FileState file;
    file.path = member_text(value, "path");
    file.address = member_text(value, "address");
    file.etag = member_text(value, "etag");
    file.last_modified = member_text(value, "last_modified");
    file.sha256 = member_text(value, "sha256");
    file.size = number_in(value, "size");
    file.fetched_at = date_or_none(member_text(value, "fetched_at"));
    file.records = number_in(value, "records");
    file.quarantined = number_in(value, "quarantined");
    file.newest = date_or_none(member_text(value, "newest"));
    if (const auto undated = member(value, "undated")) {
        bool said = false;
        file.undated = undated->get_bool().get(said) == simdjson::SUCCESS && said;
    }
    if (const auto quarantine = member(value, "quarantine")) {
        for_each_item(*quarantine, [&](JsonValue record) {
            file.quarantine.push_back(
                {std::string(member_text(record, "record")),
                 std::string(member_text(record, "reason"))});
        });
    }
    return file;
}

}  // namespace

std::uint64_t FeedState::records() const {
    std::uint64_t sum = 0;
    for (const FileState& file : files) {
        sum += file.records;
    }
    return sum;
}

std::uint64_t FeedState::quarantined() const {
    std::uint64_t sum = 0;
    for (const FileState& file : files) {
        sum += file.quarantined;
    }
    return sum;
}

std::optional<Instant> FeedState::data_date() const {
    std::optional<Instant> oldest;
    for (const FileState& file : files) {
        const std::optional<Instant> date = file.newest ? file.newest : file.fetched_at;
        if (date && (!oldest || *date < *oldest)) {
            oldest = date;
        }
    }
    return oldest;
}

bool FeedState::is_dated() const {
    return std::ranges::all_of(
        files, [](const FileState& file) { return file.newest && !file.undated; });
}

FeedHealth feed_health(
    const FeedState& state,
    std::chrono::seconds budget,
    std::chrono::seconds quiet_period,
    Instant now) {
    if (state.records() == 0) {
        return {};
    }
    FeedHealth health;
    if (const auto date = state.data_date()) {
        health.data_age = now - *date;
    }
    if (state.last_success) {
        health.checked_age = now - *state.last_success;
    }
    // Dates are of days, and a day begins elsewhere first; what is dated later than that is not known to be new.
    static constexpr std::chrono::days kSlack{1};
    const auto is_within = [](const auto& age, std::chrono::seconds most) {
        return age && *age >= -kSlack && *age <= most;
    };
    const bool fresh =
        is_within(health.checked_age, budget) && is_within(health.data_age, budget + quiet_period);
    health.standing = fresh ? FeedStanding::Fresh : FeedStanding::Stale;
    return health;
}

void write_state(JsonWriter& json, const FeedState& state) {
    json.open_object().key("format").number(1).member("feed", state.feed);
    write_instant(json, "last_attempt", state.last_attempt);
    write_instant(json, "last_success", state.last_success);
    json.member_or_null("last_error", state.last_error);
    write_number(json, "previous_records", state.previous_records);
    json.key("files").open_array();
    for (const FileState& file : state.files) {
        write_file(json, file);
    }
    json.close_array().close_object();
}

std::string format_state(const FeedState& state) {
    std::string text;
    JsonWriter json(text);
    write_state(json, state);
    text += '\n';
    return text;
}

std::optional<FeedState> read_state(JsonValue value) {
    if (member_text(value, "feed").empty() || number_in(value, "format") != 1) {
        return std::nullopt;
    }
    FeedState state;
    state.feed = member_text(value, "feed");
    state.last_attempt = date_or_none(member_text(value, "last_attempt"));
    state.last_success = date_or_none(member_text(value, "last_success"));
    state.last_error = member_text(value, "last_error");
    state.previous_records = number_in(value, "previous_records");
    if (const auto files = member(value, "files")) {
        for_each_item(*files, [&](JsonValue file) { state.files.push_back(read_file(file)); });
    }
    return state;
}

Result<FeedState> parse_state(std::string_view json) {
    JsonScratch scratch;
    const PaddedText text(json);
    const auto root = parse_json(text.view(), ParseContext{"state.json", Limits{}, scratch});
    auto state = root ? read_state(*root) : std::nullopt;
    if (!state) {
        return failure(
            ErrorKind::Corrupt,
            "feeds.bad_state",
            "the state of a feed cannot be read; sync writes a new one when the file is removed");
    }
    return *std::move(state);
}

fs::path feed_folder(const fs::path& state, std::string_view feed) {
    return state / "feeds" / feed;
}

fs::path feed_data_folder(const fs::path& state, std::string_view feed) {
    return feed_folder(state, feed) / "data";
}

Result<FeedState> load_state(const fs::path& state, std::string_view feed) {
    const fs::path file = feed_folder(state, feed) / "state.json";
    const auto text = read_small_file(file, kMaxStateBytes);
    if (!text && text.error().kind == ErrorKind::NotFound) {
        FeedState empty;
        empty.feed = feed;
        return empty;
    }
    THIMBLE_TRY(text);
    auto parsed = parse_state(*text);
    if (!parsed) {
        return because(file.string(), std::move(parsed).error());
    }
    return parsed;
}

Result<void> save_state(const fs::path& state, const FeedState& feed) {
    const fs::path folder = feed_folder(state, feed.feed);
    THIMBLE_TRY(make_folder(folder));
    return write_atomically(folder / "state.json", format_state(feed));
}

}  // namespace thimble::feeds
