#include "thimble/cli/feed_compilation.hpp"

#include "thimble/cli/state_directory.hpp"
#include "thimble/feeds/feed_state.hpp"
#include "thimble/feeds/sink.hpp"
#include "thimble/host/replace_file.hpp"

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

namespace thimble::cli {
namespace {

constexpr std::size_t kQuarantinedKept = 1000;

/// Passes records on to the builder and keeps the first quarantined ones.
class CatalogSink final : public feeds::Sink {
public:
    explicit CatalogSink(catalog::Builder& builder) : builder_(builder) {}

    void advisory(model::Advisory advisory) override { builder_.add(advisory); }
    void facts(model::VulnerabilityFacts facts) override { builder_.add(facts); }
    void quarantine(std::string_view record, std::string_view reason) override {
        if (quarantined_.size() < kQuarantinedKept) {
            quarantined_.push_back({std::string(record), std::string(reason)});
        }
    }
    std::vector<QuarantinedRecord> take() { return std::move(quarantined_); }

private:
    catalog::Builder& builder_;
    std::vector<QuarantinedRecord> quarantined_;
};

/// Data age and check age that a feed may have where nobody has configured it.
std::map<std::string, FeedFreshness> built_in_freshness() {
    std::map<std::string, FeedFreshness> freshness;
    for (const feeds::FeedSettings& settings : feeds::default_settings({}).feeds) {
        freshness[settings.name].staleness_budget =
            settings.staleness_budget + settings.quiet_period;
    }
    return freshness;
}

/// A feed of the state directory that has files in force.
struct SyncedFeed {
    const feeds::FeedSource* source = nullptr;
    std::filesystem::path folder;
    FeedFreshness freshness;
};

std::vector<SyncedFeed> synced_feeds(
    const std::filesystem::path& state, const std::vector<feeds::FeedSettings>& settings) {
    std::vector<SyncedFeed> synced;
    for (const feeds::FeedSettings& feed : settings) {
        const feeds::FeedSource* source = feeds::feed_named(feed.name);
        const auto folder = feeds::feed_data_folder(state, feed.name);
        const auto known = feeds::load_state(state, feed.name);
        std::error_code ignored;
        if (source != nullptr && known && !known->files.empty()
            && std::filesystem::is_directory(folder, ignored)) {
            synced.push_back(
                {source,
                 folder,
                 {known->last_success.value_or(Instant{}),
                  feed.staleness_budget,
                  feed.staleness_budget + feed.quiet_period,
                  known->data_date(),
                  !known->is_dated()}});
        }
    }
    return synced;
}

}  // namespace

Result<void> FeedCompilation::read(
    const feeds::FeedSource& feed, const std::filesystem::path& path) {
    CatalogSink sink(builder_);
    auto summary = feeds::read_feed(feed, path, sink);
    if (!summary) {
        return because(
            "reading " + std::string(feed.name) + " from " + path.string(),
            std::move(summary).error());
    }
    read_.push_back({std::string(feed.name), path.string(), *summary, sink.take()});
    return {};
}

void FeedCompilation::set_freshness(const std::string& feed, FeedFreshness freshness) {
    freshness_[feed] = freshness;
}

/// One source per feed, however many paths it came from; it is as old as its oldest part.
void FeedCompilation::add_sources() {
    const std::map<std::string, FeedFreshness> built_in = built_in_freshness();
    std::map<std::string, catalog::Source> sources;
    for (const ReadFeed& feed : read_) {
        catalog::Source& source = sources[feed.name];
        const Instant as_of = feed.summary.newest.value_or(Instant{});
        source.as_of = source.feed.empty() ? as_of : std::min(source.as_of, as_of);
        source.feed = feed.name;
        source.records += feed.summary.records;
        source.quarantined += feed.summary.quarantined;
        const auto configured = freshness_.find(feed.name);
        const auto fallback = built_in.find(feed.name);
        if (configured != freshness_.end()) {
            source.as_of = configured->second.data_date.value_or(source.as_of);
            source.undated = configured->second.undated;
            source.staleness_budget = configured->second.staleness_budget;
            source.checked_at = configured->second.checked_at;
            source.check_budget = configured->second.check_budget;
        } else if (fallback != built_in.end()) {
            source.staleness_budget = fallback->second.staleness_budget;
        }
    }
    for (auto& [name, source] : sources) {
        builder_.add(std::move(source));
    }
}

Result<std::size_t> FeedCompilation::write(const std::string& output, Instant now) {
    add_sources();
    THIMBLE_TRY(const std::string bytes, builder_.build(now));
    THIMBLE_TRY(host::replace_file(output, bytes, host::Readers::Anyone));
    return bytes.size();
}

Result<std::vector<std::string>> compile_synced_feeds(
    const std::filesystem::path& state,
    const std::vector<feeds::FeedSettings>& settings,
    Instant now,
    const std::function<void(std::string_view)>& begun) {
    std::vector<SyncedFeed> synced = synced_feeds(state, settings);
    std::vector<std::string> left_out;
    while (!synced.empty()) {
        FeedCompilation compilation;
        // A feed that breaks midway has left half of itself in the compilation: begin again without it.
        const auto broken = std::find_if(synced.begin(), synced.end(), [&](const SyncedFeed& feed) {
            begun("compiling " + std::string(feed.source->name));
            const auto read = compilation.read(*feed.source, feed.folder);
            if (!read) {
                left_out.push_back(read.error().text());
            }
            compilation.set_freshness(std::string(feed.source->name), feed.freshness);
            return !read;
        });
        if (broken == synced.end()) {
            begun("writing the catalog");
            THIMBLE_TRY(compilation.write(catalog_path(state).string(), now));
            break;
        }
        synced.erase(broken);
    }
    return left_out;
}

}  // namespace thimble::cli
