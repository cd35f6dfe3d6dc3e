#include "thimble/cli/feeds_command.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/feed_compilation.hpp"
#include "thimble/cli/feeds_report.hpp"
#include "thimble/cli/progress_bar.hpp"
#include "thimble/cli/state_directory.hpp"
#include "thimble/cli/state_room.hpp"
#include "thimble/feeds/bundle.hpp"
#include "thimble/feeds/feed_table.hpp"
#include "thimble/feeds/mirror.hpp"
#include "thimble/feeds/state_files.hpp"
#include "thimble/feeds/sync.hpp"
#include "thimble/host/system_clock.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <ostream>
#include <system_error>
#include <utility>

namespace thimble::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxConfigBytes = 1U << 20U;
constexpr std::uint64_t kMaxBundledFileBytes = 4ULL << 30U;

/// The configuration's settings, or the defaults where there is no feeds.json.
Result<feeds::FetchSettings> load_settings(const FeedsOptions& options) {
    const fs::path file = config_directory(options.config) / "feeds.json";
    const auto text = feeds::read_small_file(file, kMaxConfigBytes);
    if (!text && text.error().kind != ErrorKind::NotFound) {
        return text.error();
    }
    auto settings = feeds::settings_from(text ? *text : "{}", options.ecosystems);
    if (!settings) {
        return because(file.string(), std::move(settings).error());
    }
    return settings;
}

/// The feeds that the command line names, or every enabled one.
Result<std::vector<feeds::FeedSettings>> chosen_feeds(
    const feeds::FetchSettings& settings, const std::vector<std::string>& names) {
    std::vector<feeds::FeedSettings> chosen;
    for (const std::string& name : names) {
        const feeds::FeedSource* source = feeds::feed_named(name);
        if (source == nullptr) {
            return failure(
                ErrorKind::Invalid, "cli.unknown_feed", "no feed is called \"" + name + "\"");
        }
        const auto found = std::ranges::find_if(
            settings.feeds, [source](const auto& feed) { return feed.name == source->name; });
        THIMBLE_CHECK(found != settings.feeds.end());
        chosen.push_back(*found);
    }
    if (names.empty()) {
        std::ranges::copy_if(
            settings.feeds, std::back_inserter(chosen), [](const feeds::FeedSettings& feed) {
                return feed.enabled;
            });
    }
    return chosen;
}

/// The mirror of the command line, else of the environment.
Result<std::optional<fs::path>> chosen_mirror(const FeedsOptions& options) {
    const char* from_environment = std::getenv("THIMBLE_MIRROR");
    std::string mirror = options.mirror;
    if (mirror.empty() && from_environment != nullptr) {
        mirror = from_environment;
    }
    if (mirror.empty()) {
        return std::optional<fs::path>();
    }
    fs::path path = mirror;
    if (mirror.starts_with("file:")) {
        THIMBLE_TRY(path, feeds::path_of_file_address(mirror));
    }
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
        return failure(
            ErrorKind::NotFound, "cli.no_mirror", "the mirror " + mirror + " is no directory");
    }
    return std::optional<fs::path>(std::move(path));
}

FeedRow row_of(feeds::FeedSettings settings, feeds::FeedState state, Instant now) {
    FeedRow row;
    row.health = feeds::feed_health(state, settings.staleness_budget, settings.quiet_period, now);
    row.settings = std::move(settings);
    row.state = std::move(state);
    return row;
}

int print_rows(
    const std::vector<FeedRow>& rows,
    const FeedsOptions& options,
    bool details,
    std::ostream& out) {
    if (options.json) {
        out << feeds_json(rows);
        return feeds_exit_status(rows);
    }
    out << feeds_table(rows);
    for (const FeedRow& row : rows) {
        out << (details ? feed_details(row) : "");
    }
    return feeds_exit_status(rows);
}

bool shows_progress(const FeedsOptions& options) {
    return ::isatty(STDERR_FILENO) == 1 && !options.json;
}

/// What a sync came to.
struct Synced {
    std::vector<FeedRow> rows;
    std::optional<Error> unwritten;  ///< what of it could not be written, if anything
};

Result<Synced> sync_rows(const FeedsOptions& options, std::ostream& err) {
    THIMBLE_TRY(const feeds::FetchSettings settings, load_settings(options));
    feeds::SyncRequest request;
    request.state = state_directory(options.state);
    THIMBLE_TRY(request.feeds, chosen_feeds(settings, options.feeds));
    THIMBLE_TRY(request.mirror, chosen_mirror(options));
    request.download.proxy = settings.proxy;
    const host::SystemClock clock;
    std::vector<feeds::FeedSync> outcomes;
    {
        ProgressBar bar(err, shows_progress(options));
        request.begun = [&bar](std::string_view what) {
            bar.show(what);
        };
        THIMBLE_TRY(
            outcomes,
            feeds::sync_feeds(request, clock, [&bar](std::uint64_t received, std::uint64_t all) {
                bar.show(received, all);
            }));
    }
    Synced synced;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const std::optional<Error>& error = outcomes[i].error;
        if (error && error->code == feeds::kCannotWrite) {
            synced.unwritten = *error;
        }
        synced.rows.push_back(row_of(request.feeds[i], std::move(outcomes[i].state), clock.now()));
    }
    return synced;
}

Result<std::vector<FeedRow>> status_rows(const FeedsOptions& options) {
    THIMBLE_TRY(const feeds::FetchSettings settings, load_settings(options));
    THIMBLE_TRY(const auto chosen, chosen_feeds(settings, options.feeds));
    const Instant now = host::SystemClock().now();
    std::vector<FeedRow> rows;
    for (const feeds::FeedSettings& feed : chosen) {
        THIMBLE_TRY(
            feeds::FeedState state, feeds::load_state(state_directory(options.state), feed.name));
        rows.push_back(row_of(feed, std::move(state), now));
    }
    return rows;
}

/// The keys that may have signed: the one given, or those of the configuration's folder.
Result<std::vector<feeds::PublicKey>> trusted_keys(const FeedsOptions& options) {
    if (options.key.empty()) {
        return feeds::keys_in_folder(config_directory(options.config) / "trusted-keys");
    }
    std::error_code ignored;
    std::string text = options.key;
    if (fs::is_regular_file(options.key, ignored)) {
        THIMBLE_TRY(text, feeds::read_small_file(options.key, kMaxConfigBytes));
    }
    THIMBLE_TRY(const feeds::PublicKey key, feeds::parse_public_key(text));
    return std::vector<feeds::PublicKey>{key};
}

Result<feeds::BundleManifest> import_file(const FeedsOptions& options) {
    feeds::ImportRequest request;
    THIMBLE_TRY(request.trusted, trusted_keys(options));
    if (request.trusted.empty()) {
        return failure(
            ErrorKind::Denied,
            "cli.no_trusted_key",
            "no key is trusted: give --key, or put one into "
                + (config_directory(options.config) / "trusted-keys").string());
    }
    request.state = state_directory(options.state);
    request.file = options.file;
    request.allow_older = options.allow_older;
    request.limits.max_member_bytes = kMaxBundledFileBytes;
    return feeds::import_bundle(request);
}

/// What an export made, and whom its reader has to trust.
struct Exported {
    feeds::BundleManifest manifest;
    feeds::PublicKey key;
};

Result<Exported> export_file(const FeedsOptions& options) {
    const fs::path state = state_directory(options.state);
    THIMBLE_TRY(
        const feeds::SigningKey key,
        feeds::SigningKey::load_or_make(state / "keys" / "feed-bundle.key"));
    THIMBLE_TRY(
        feeds::BundleManifest manifest,
        feeds::export_bundle(state, options.file, key, host::SystemClock().now()));
    return Exported{std::move(manifest), key.public_key()};
}

/// Names the state directory where that is what could not be written.
int complain_of_feeds(const FeedsOptions& options, const Error& error, std::ostream& err) {
    if (error.code != feeds::kCannotWrite) {
        return complain(err, error);
    }
    return complain_unwritten(err, blaming_state(error, state_directory(options.state)));
}

/// Compiles all feeds in force, whichever were just fetched, and says what could not be used.
/// @return 0, or the exit status of the failure
int compile_catalog(const FeedsOptions& options, std::ostream& err) {
    const auto settings = load_settings(options);
    if (!settings) {
        return complain(err, settings.error());
    }
    ProgressBar bar(err, shows_progress(options));
    const auto left_out = compile_synced_feeds(
        state_directory(options.state),
        settings->feeds,
        host::SystemClock().now(),
        [&bar](std::string_view what) { bar.show(what); });
    if (!left_out) {
        return complain_unwritten(
            err, blaming_state(left_out.error(), state_directory(options.state)));
    }
    for (const std::string& feed : *left_out) {
        tell(err, "left out of the catalog: " + printable(feed));
    }
    return left_out->empty() ? kNothingDue : kSomethingDue;
}

}  // namespace

int run_feeds_sync(const FeedsOptions& options, std::ostream& out, std::ostream& err) {
    const auto synced = sync_rows(options, err);
    if (!synced) {
        return complain_of_feeds(options, synced.error(), err);
    }
    const int written =
        synced->unwritten ? complain_of_feeds(options, *synced->unwritten, err) : kNothingDue;
    const int compiled = compile_catalog(options, err);
    return std::max({written, compiled, print_rows(synced->rows, options, false, out)});
}

int run_feeds_status(const FeedsOptions& options, std::ostream& out, std::ostream& err) {
    const auto rows = status_rows(options);
    return rows ? print_rows(*rows, options, !options.feeds.empty(), out)
                : complain(err, rows.error());
}

int run_feeds_import(const FeedsOptions& options, std::ostream& out, std::ostream& err) {
    const auto imported = import_file(options);
    if (!imported) {
        return complain_of_feeds(options, imported.error(), err);
    }
    const int compiled = compile_catalog(options, err);
    FeedsOptions shown = options;
    shown.feeds.clear();
    for (const feeds::FeedState& feed : imported->feeds) {
        shown.feeds.push_back(feed.feed);
    }
    const auto rows = status_rows(shown);
    return rows ? std::max(compiled, print_rows(*rows, shown, false, out))
                : complain(err, rows.error());
}

int run_feeds_export(const FeedsOptions& options, std::ostream& out, std::ostream& err) {
    const auto exported = export_file(options);
    if (!exported) {
        const bool is_unwritten = exported.error().code == feeds::kCannotWrite;
        return is_unwritten ? complain_unwritten(err, exported.error())
                            : complain(err, exported.error());
    }
    const std::string key = feeds::format_public_key(exported->key);
    if (options.json) {
        out << R"({"format":"thimble.feeds_export/1","public_key":")" << key << R"(","manifest":)"
            << feeds::format_manifest(exported->manifest) << "}\n";
        return kNothingDue;
    }
    out << options.file << ": " << counted(exported->manifest.feeds.size(), "feed")
        << ", signed; import it with\n  thimble feeds import "
        << shell_word(printable(options.file)) << " --key " << key << '\n';
    return kNothingDue;
}

}  // namespace thimble::cli
