#include "thimble/cli/feeds_report.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/exit_status.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace thimble::cli {
namespace {

using feeds::FeedStanding;

/// Text is broken at blanks, and no word of it is cut: whoever pipes it gets all of it.
constexpr LineFrame kBelow{.first = "", .further = "  "};
constexpr std::string_view kInset = "            ";

std::string_view standing_name(FeedStanding standing) {
    switch (standing) {
        case FeedStanding::Fresh: return "fresh";
        case FeedStanding::Stale: return "stale";
        case FeedStanding::Absent: return "absent";
    }
    return "absent";
}

std::string age_text(const std::optional<std::chrono::seconds>& age) {
    return age ? format_age(std::max(*age, std::chrono::seconds(0))) : "-";
}

/// The change since the data before, where there was any.
std::string delta_text(const feeds::FeedState& state) {
    if (state.previous_records == 0 || state.records() == 0) {
        return "-";
    }
    return fmt::format(
        "{:+}",
        static_cast<std::int64_t>(state.records())
            - static_cast<std::int64_t>(state.previous_records));
}

/// Of when the data is, where it tells; when a copy was written or fetched is no date of it.
std::string data_text(const FeedRow& row) {
    if (row.health.standing == FeedStanding::Absent) {
        return "-";
    }
    const std::optional<Instant> date = row.state.data_date();
    return row.state.is_dated() && date ? format_date(*date) : "not told";
}

/// "undated": it came here in time, but nothing tells that it is of that time.
std::string status_text(const FeedRow& row) {
    const bool is_undated = row.health.standing == FeedStanding::Fresh && !row.state.is_dated();
    std::string text(is_undated ? "undated" : standing_name(row.health.standing));
    if (!row.state.last_error.empty()) {
        text += row.health.standing == FeedStanding::Absent ? ", failed" : ", failed*";
    }
    return text;
}

std::string date_words(const feeds::FileState& file) {
    if (!file.newest) {
        return "not told: aged from the fetch";
    }
    return format_instant(*file.newest)
        + (file.undated ? ", of the copy: its own date is not told" : "");
}

/// Ages that are only the least there can be.
std::string undated_note(const std::vector<FeedRow>& rows) {
    std::string names;
    for (const FeedRow& row : rows) {
        names += row.state.is_dated() ? std::string() : row.state.feed + ' ';
    }
    return names.empty()
        ? names
        : "\nWithout a date of their own; aged from when the copy was written or fetched:\n"
            + wrapped_text(names, {.first = "  ", .further = "  "});
}

void write_age(JsonWriter& json, JsonKey key, const std::optional<std::chrono::seconds>& age) {
    if (age) {
        json.key(key).number(age->count());
    } else {
        json.key(key).null();
    }
}

void write_instant(JsonWriter& json, JsonKey key, const std::optional<Instant>& instant) {
    json.member_or_null(key, instant ? format_instant(*instant) : std::string());
}

void write_count(JsonWriter& json, JsonKey key, std::uint64_t count) {
    json.key(key).number(static_cast<std::int64_t>(count));
}

void write_file(JsonWriter& json, const feeds::FileState& file) {
    json.open_object().member("path", file.path).member("address", file.address);
    json.member("sha256", file.sha256);
    write_count(json, "bytes", file.size);
    write_count(json, "records", file.records);
    write_count(json, "quarantined", file.quarantined);
    write_instant(json, "fetched_at", file.fetched_at);
    write_instant(json, "data_date", file.newest);
    json.key("undated").boolean(file.undated || !file.newest);
    json.key("quarantine").open_array();
    for (const feeds::QuarantinedRecord& one : file.quarantine) {
        json.open_object().member("record", one.record).member("reason", one.reason).close_object();
    }
    json.close_array().close_object();
}

void write_row(JsonWriter& json, const FeedRow& row) {
    json.open_object().member("feed", row.state.feed);
    json.member("standing", standing_name(row.health.standing));
    json.key("enabled").boolean(row.settings.enabled);
    json.key("undated").boolean(!row.state.is_dated());
    write_count(json, "records", row.state.records());
    write_count(json, "previous_records", row.state.previous_records);
    write_count(json, "quarantined", row.state.quarantined());
    write_age(json, "data_age_s", row.health.data_age);
    write_age(json, "checked_age_s", row.health.checked_age);
    json.key("staleness_budget_s").number(row.settings.staleness_budget.count());
    json.key("quiet_period_s").number(row.settings.quiet_period.count());
    write_instant(json, "last_attempt", row.state.last_attempt);
    write_instant(json, "last_success", row.state.last_success);
    json.member_or_null("error", row.state.last_error);
    json.key("files").open_array();
    for (const feeds::FileState& file : row.state.files) {
        write_file(json, file);
    }
    json.close_array().close_object();
}

}  // namespace

int feeds_exit_status(const std::vector<FeedRow>& rows) {
    const auto is_absent = [](const FeedRow& row) {
        return row.health.standing == FeedStanding::Absent;
    };
    const auto is_well = [](const FeedRow& row) {
        return row.health.standing == FeedStanding::Fresh && row.state.last_error.empty();
    };
    if (std::ranges::all_of(rows, is_absent)) {
        return kCouldNotTell;
    }
    return std::ranges::all_of(rows, is_well) ? kNothingDue : kSomethingDue;
}

std::string feeds_table(const std::vector<FeedRow>& rows) {
    std::size_t name_width = std::string_view("debian-tracker ").size();
    for (const FeedRow& row : rows) {
        name_width = std::max(name_width, printable(row.state.feed).size());
    }
    std::string out = fmt::format(
        "{:<{}} {:>9} {:>8} {:>6} {:>10} {:>8}  {}\n",
        "FEED",
        name_width,
        "RECORDS",
        "DELTA",
        "QUAR.",
        "DATA OF",
        "CHECKED",
        "STATUS");
    for (const FeedRow& row : rows) {
        out += fmt::format(
            "{:<{}} {:>9} {:>8} {:>6} {:>10} {:>8}  {}\n",
            printable(row.state.feed),
            name_width,
            row.state.records(),
            delta_text(row.state),
            row.state.quarantined(),
            data_text(row),
            age_text(row.health.checked_age),
            status_text(row));
    }
    std::string errors;
    for (const FeedRow& row : rows) {
        if (!row.state.last_error.empty()) {
            errors += wrapped_text(row.state.feed + ": " + row.state.last_error, kBelow);
        }
    }
    out += errors.empty() ? "" : "\n" + errors;
    const bool older = std::ranges::any_of(rows, [](const FeedRow& row) {
        return !row.state.last_error.empty() && row.health.standing != FeedStanding::Absent;
    });
    out += older ? "* the last good copy stays in force\n" : "";
    return out + undated_note(rows);
}

std::string feed_details(const FeedRow& row) {
    std::string out;
    const auto add = [&out](std::string_view name, const std::string& value) {
        out += wrapped_text(value, {.first = fmt::format("  {:<9} ", name), .further = kInset});
    };
    for (const feeds::FileState& file : row.state.files) {
        out += "\n" + wrapped_text(file.path, kBelow);
        add("from", file.address);
        add("fetched", file.fetched_at ? format_instant(*file.fetched_at) : "-");
        add("data of", date_words(file));
        add("sha256", file.sha256);
        add("records",
            fmt::format("{} in {:.1f} MB", file.records, static_cast<double>(file.size) / 1e6));
        add("left out", std::to_string(file.quarantined));
        for (const feeds::QuarantinedRecord& one : file.quarantine) {
            out += wrapped_text(
                one.record + ": " + one.reason, {.first = "    ", .further = "      "});
        }
        if (file.quarantine.size() < file.quarantined) {
            out += fmt::format("    ... and {} more\n", file.quarantined - file.quarantine.size());
        }
    }
    return out;
}

std::string feeds_json(const std::vector<FeedRow>& rows) {
    std::string out;
    JsonWriter json(out);
    json.open_object().member("format", "thimble.feeds/1").key("feeds").open_array();
    for (const FeedRow& row : rows) {
        write_row(json, row);
    }
    json.close_array().close_object();
    return out + "\n";
}

}  // namespace thimble::cli
