#include "thimble/feeds/read_feed.hpp"

#include "thimble/feeds/archive_reader.hpp"
#include "thimble/feeds/json_access.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;

Error not_readable(const fs::path& path, const std::error_code& status) {
    return failure(
        status == std::errc::no_such_file_or_directory ? ErrorKind::NotFound : ErrorKind::Denied,
        "feeds.cannot_open",
        path.string() + ": " + status.message());
}

/// The feed's files below `directory`, sorted, so that the same tree gives the same records.
Result<std::vector<fs::path>> files_below(
    const FeedSource& feed, const fs::path& directory, const Limits& limits) {
    std::vector<fs::path> files;
    std::error_code status;
    fs::recursive_directory_iterator entry(directory, status);
    std::uint64_t seen = 0;
    for (; !status && entry != fs::recursive_directory_iterator{}; entry.increment(status)) {
        if (++seen > limits.max_members) {
            return failure(
                ErrorKind::Corrupt, "feeds.too_large", directory.string() + " has too many files");
        }
        std::error_code ignored;
        if (entry->is_regular_file(ignored)
            && is_file_of(feed, fs::absolute(entry->path(), ignored).generic_string())) {
            files.push_back(entry->path());
        }
    }
    if (status) {
        return not_readable(directory, status);
    }
    std::ranges::sort(files);
    return files;
}

/// Reads the files of one feed with one set of buffers.
class FeedReader {
public:
    FeedReader(const FeedSource& feed, Sink& sink, const Limits& limits)
        : feed_(feed), sink_(sink), limits_(limits) {}

    Result<void> read(const fs::path& file);
    [[nodiscard]] ReadSummary summary() const;

private:
    const FeedSource& feed_;
    Sink& sink_;
    const Limits& limits_;
    JsonScratch scratch_;
    UnpackedSoFar so_far_;
    ParseCounts counts_;
    std::uint64_t files_ = 0;
};

Result<void> FeedReader::read(const fs::path& file) {
    ++files_;
    const std::string file_name = file.filename().string();
    const MemberVisitor visitor{
        [this](std::string_view name) { return is_member_of(feed_, name); },
        [&](std::string_view name, const PaddedText& text) -> Result<void> {
            const ParseContext context{name.empty() ? file_name : name, limits_, scratch_};
            THIMBLE_TRY(const ParseCounts counts, feed_.parse(text, context, sink_));
            counts_.add(counts);
            return {};
        }};
    auto read = read_members(file, limits_, so_far_, visitor);
    if (!read) {
        return because(file.string(), std::move(read).error());
    }
    return {};
}

ReadSummary FeedReader::summary() const {
    return {counts_.records, counts_.quarantined, files_, so_far_.bytes, counts_.newest};
}

Error no_records(const FeedSource& feed, const fs::path& path, const ReadSummary& summary) {
    std::string why = ": no file of this feed is there";
    if (summary.quarantined > 0) {
        why = ": none of its " + std::to_string(summary.quarantined) + " records could be read";
    } else if (summary.files > 0) {
        why = ": no record is in it";
    }
    return failure(
        ErrorKind::Corrupt,
        "feeds.no_records",
        path.string() + " is not the feed \"" + std::string(feed.name) + "\"" + why);
}

}  // namespace

Result<ReadSummary> read_feed(
    const FeedSource& feed, const fs::path& path, Sink& sink, const Limits& limits) {
    std::error_code status;
    const bool directory = fs::is_directory(path, status);
    FeedReader reader(feed, sink, limits);
    if (directory) {
        THIMBLE_TRY(const auto files, files_below(feed, path, limits));
        for (const fs::path& file : files) {
            THIMBLE_TRY(reader.read(file));
        }
    } else {
        THIMBLE_TRY(reader.read(path));
    }
    const ReadSummary summary = reader.summary();
    if (summary.records == 0) {
        return no_records(feed, path, summary);
    }
    return summary;
}

}  // namespace thimble::feeds
