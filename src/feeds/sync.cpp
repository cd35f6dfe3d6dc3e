#include "thimble/feeds/sync.hpp"

#include "thimble/feeds/digest.hpp"
#include "thimble/feeds/mirror.hpp"
#include "thimble/feeds/read_feed.hpp"
#include "thimble/feeds/record_text.hpp"
#include "thimble/feeds/state_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxKeptQuarantine = 100;

/// Counts nothing and keeps the first reasons: verification wants no records.
class VerifyingSink final : public Sink {
public:
    void advisory(model::Advisory /*advisory*/) override {}
    void facts(model::VulnerabilityFacts /*facts*/) override {}
    void quarantine(std::string_view record, std::string_view reason) override {
        if (kept.size() < kMaxKeptQuarantine) {
            kept.push_back({one_line(record, 128), one_line(reason, 256)});
        }
    }

    std::vector<QuarantinedRecord> kept;
};

/// One file of one feed on its way.
struct Job {
    std::size_t feed = 0;
    RemoteFile file;
    fs::path local_source;  ///< empty: to be downloaded
    fs::path incoming;
    FileState transfer;  ///< validators, and a date for data that has none of its own
    std::optional<Error> error;
    bool unchanged = false;
};

/// When a local file was last written, or `now` when that lies ahead.
std::optional<Instant> modified_before(const fs::path& file, Instant now) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) {
        return std::nullopt;
    }
    return std::min(Instant{std::chrono::seconds(status.st_mtim.tv_sec)}, now);
}

/// The date of how a file came here, for data that has none of its own.
void take_date(FileState& file, const FileState& transfer) {
    file.newest = transfer.newest;
    file.undated = transfer.undated || !transfer.newest;
}

/// The sync while it runs.
class Sync {
public:
    Sync(const SyncRequest& request, Instant now) : request_(request), now_(now) {}

    Result<std::vector<FeedSync>> run(const DownloadProgress& progress);

private:
    void begin(const std::string& what) const {
        if (request_.begun) {
            request_.begun(what);
        }
    }
    Result<void> plan_feed(std::size_t feed);
    Result<void> plan_job(std::size_t feed, RemoteFile file, fs::path local_source);
    void download(const DownloadProgress& progress);
    void take_local(Job& job);
    void note_unchanged(const Job& job);
    void put_into_force(Job& job);
    Result<FileState> install(const Job& job);
    void finish_feed(std::size_t feed);
    void fail(std::size_t feed, Error error);
    [[nodiscard]] const FileState* in_force(const Job& job) const;

    const SyncRequest& request_;
    Instant now_;
    std::vector<FeedSync> results_;
    std::vector<Job> jobs_;
};

Result<std::vector<FeedSync>> Sync::run(const DownloadProgress& progress) {
    THIMBLE_TRY(make_folder(request_.state / "feeds"));
    THIMBLE_TRY(const FileLock lock, FileLock::take(request_.state / "feeds" / ".lock"));
    for (std::size_t feed = 0; feed < request_.feeds.size(); ++feed) {
        FeedSync result;
        auto state = load_state(request_.state, request_.feeds[feed].name);
        if (state) {
            result.state = *std::move(state);
        } else {
            // A state that cannot be read describes nothing: fetch everything again.
            result.state.feed = request_.feeds[feed].name;
        }
        result.state.last_attempt = now_;
        result.records_before = result.state.records();
        results_.push_back(std::move(result));
        if (auto planned = plan_feed(feed); !planned) {
            fail(feed, std::move(planned).error());
        }
    }
    begin("asking for " + std::to_string(jobs_.size()) + " files");
    download(progress);
    for (Job& job : jobs_) {
        if (!job.error && !job.unchanged) {
            begin("reading " + request_.feeds[job.feed].name + ": " + job.file.path);
        }
        put_into_force(job);
    }
    for (std::size_t feed = 0; feed < results_.size(); ++feed) {
        finish_feed(feed);
        THIMBLE_TRY(save_state(request_.state, results_[feed].state));
    }
    return std::move(results_);
}

void Sync::fail(std::size_t feed, Error error) {
    if (!results_[feed].error) {
        results_[feed].error = std::move(error);
    }
}

Result<void> Sync::plan_feed(std::size_t feed) {
    const FeedSettings& settings = request_.feeds[feed];
    if (request_.mirror) {
        THIMBLE_TRY(const auto paths, files_in_mirror(settings, *request_.mirror, request_.limits));
        for (const std::string& path : paths) {
            const fs::path source = *request_.mirror / path;
            THIMBLE_TRY(plan_job(
                feed, RemoteFile{path, "file://" + fs::absolute(source).generic_string()}, source));
        }
        return {};
    }
    for (const RemoteFile& file : settings.files) {
        fs::path source;
        if (scheme_of(file.address) == "file") {
            THIMBLE_TRY(source, path_of_file_address(file.address));
        }
        THIMBLE_TRY(plan_job(feed, file, std::move(source)));
    }
    return {};
}

Result<void> Sync::plan_job(std::size_t feed, RemoteFile file, fs::path local_source) {
    Job job;
    job.feed = feed;
    job.incoming = feed_folder(request_.state, request_.feeds[feed].name) / "incoming" / file.path;
    job.file = std::move(file);
    job.local_source = std::move(local_source);
    THIMBLE_TRY(make_folder(job.incoming.parent_path()));
    jobs_.push_back(std::move(job));
    return {};
}

/// The file of this path that is in force and still on disk, if it came from the same address.
const FileState* Sync::in_force(const Job& job) const {
    const FeedState& state = results_[job.feed].state;
    const auto found = std::ranges::find_if(
        state.files, [&job](const FileState& file) { return file.path == job.file.path; });
    std::error_code ignored;
    const bool usable = found != state.files.end() && found->address == job.file.address
        && fs::exists(feed_data_folder(request_.state, state.feed) / job.file.path, ignored);
    return usable ? &*found : nullptr;
}

void Sync::download(const DownloadProgress& progress) {
    std::vector<DownloadRequest> requests;
    std::vector<Job*> jobs;
    for (Job& job : jobs_) {
        if (!job.local_source.empty()) {
            take_local(job);
            continue;
        }
        const FileState* current = in_force(job);
        requests.push_back(
            {job.file.address,
             job.incoming,
             current != nullptr ? current->etag : "",
             current != nullptr ? current->last_modified : "",
             request_.feeds[job.feed].max_download_bytes});
        jobs.push_back(&job);
    }
    if (requests.empty()) {
        return;
    }
    auto outcomes = download_all(requests, request_.download, progress);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (!outcomes[i]) {
            jobs[i]->error = outcomes[i].error();
            continue;
        }
        jobs[i]->unchanged = !outcomes[i]->modified;
        jobs[i]->transfer.etag = outcomes[i]->etag;
        jobs[i]->transfer.last_modified = outcomes[i]->last_modified;
        jobs[i]->transfer.newest = outcomes[i]->modified_at;
    }
}

void Sync::take_local(Job& job) {
    auto digest = sha256_of_file(job.local_source);
    if (!digest) {
        job.error = std::move(digest).error();
        return;
    }
    // When the copy was written is no date of the data, but the data cannot be younger than that.
    job.transfer.newest = modified_before(job.local_source, now_);
    job.transfer.undated = true;
    const FileState* current = in_force(job);
    if (current != nullptr && current->sha256 == *digest) {
        job.unchanged = true;
        return;
    }
    std::error_code status;
    fs::copy_file(job.local_source, job.incoming, fs::copy_options::overwrite_existing, status);
    if (!status) {
        return;
    }
    std::error_code ignored;
    fs::remove(job.incoming, ignored);  // half of it only takes room
    const int why = status.value();
    if (why == ENOSPC || why == EDQUOT || why == EROFS) {
        job.error = cannot_write(job.incoming, why);
    } else {
        job.error = failure(
            ErrorKind::Unavailable,
            "feeds.cannot_read",
            job.local_source.string() + " cannot be copied: " + status.message());
    }
}

void Sync::note_unchanged(const Job& job) {
    for (FileState& file : results_[job.feed].state.files) {
        if (file.path != job.file.path) {
            continue;
        }
        file.fetched_at = now_;
        if (!file.newest) {
            take_date(file, job.transfer);
        }
    }
}

void Sync::put_into_force(Job& job) {
    if (!job.error && !job.unchanged) {
        auto installed = install(job);
        if (installed) {
            auto& files = results_[job.feed].state.files;
            std::erase_if(
                files, [&job](const FileState& file) { return file.path == job.file.path; });
            files.push_back(*std::move(installed));
            results_[job.feed].changed = true;
        } else {
            job.error = std::move(installed).error();
            std::error_code ignored;
            fs::remove(job.incoming, ignored);
        }
    }
    if (job.unchanged) {
        note_unchanged(job);
    }
    if (job.error) {
        fail(job.feed, *job.error);
    }
}

Result<FileState> Sync::install(const Job& job) {
    const std::string& name = request_.feeds[job.feed].name;
    auto verified = verify_file(name, job.incoming, request_.limits);
    if (!verified) {
        return because(job.file.address + " arrived broken", std::move(verified).error());
    }
    const fs::path target = feed_data_folder(request_.state, name) / job.file.path;
    THIMBLE_TRY(make_folder(target.parent_path()));
    THIMBLE_TRY(move_into_place(job.incoming, target));
    verified->path = job.file.path;
    verified->address = job.file.address;
    verified->etag = job.transfer.etag;
    verified->last_modified = job.transfer.last_modified;
    verified->fetched_at = now_;
    if (!verified->newest) {
        take_date(*verified, job.transfer);
    }
    return verified;
}

void Sync::finish_feed(std::size_t feed) {
    FeedSync& result = results_[feed];
    FeedState& state = result.state;
    std::ranges::sort(
        state.files, [](const auto& left, const auto& right) { return left.path < right.path; });
    if (result.changed) {
        state.previous_records = result.records_before;
    }
    state.last_error = result.error ? result.error->text() : std::string();
    if (result.error) {
        return;
    }
    std::erase_if(state.files, [&](const FileState& file) {
        return std::ranges::none_of(
            jobs_, [&](const Job& job) { return job.feed == feed && job.file.path == file.path; });
    });
    state.last_success = now_;
    remove_unlisted(request_.state, state);
}

}  // namespace

Result<FileState> verify_file(std::string_view feed, const fs::path& file, const Limits& limits) {
    const FeedSource* source = feed_named(feed);
    if (source == nullptr) {
        return failure(
            ErrorKind::NotFound,
            "feeds.unknown_feed",
            "there is no feed \"" + std::string(feed) + "\"");
    }
    VerifyingSink sink;
    THIMBLE_TRY(const ReadSummary summary, read_feed(*source, file, sink, limits));
    THIMBLE_TRY(std::string digest, sha256_of_file(file));
    FileState state;
    std::error_code ignored;
    state.size = fs::file_size(file, ignored);
    state.sha256 = std::move(digest);
    state.records = summary.records;
    state.quarantined = summary.quarantined;
    state.newest = summary.newest;
    state.quarantine = std::move(sink.kept);
    return state;
}

void remove_unlisted(const fs::path& state, const FeedState& feed) {
    const fs::path data = feed_data_folder(state, feed.feed);
    std::error_code status;
    std::vector<fs::path> unlisted;
    for (fs::recursive_directory_iterator entry(data, status);
         !status && entry != fs::recursive_directory_iterator{};
         entry.increment(status)) {
        std::error_code ignored;
        const std::string path = fs::relative(entry->path(), data, ignored).generic_string();
        const bool known = std::ranges::any_of(
            feed.files, [&path](const FileState& file) { return file.path == path; });
        if (!known && !entry->is_directory(ignored)) {
            unlisted.push_back(entry->path());
        }
    }
    for (const fs::path& file : unlisted) {
        fs::remove(file, status);
    }
    for (const char* const leftover : {"incoming", "import"}) {
        fs::remove_all(feed_folder(state, feed.feed) / leftover, status);
    }
}

Result<std::vector<FeedSync>> sync_feeds(
    const SyncRequest& request, const Clock& clock, const DownloadProgress& progress) {
    return Sync(request, clock.now()).run(progress);
}

}  // namespace thimble::feeds
