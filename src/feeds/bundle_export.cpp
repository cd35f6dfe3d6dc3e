#include "thimble/feeds/bundle.hpp"
#include "thimble/feeds/digest.hpp"
#include "thimble/feeds/feed_table.hpp"
#include "thimble/feeds/state_files.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <fstream>
#include <memory>
#include <utility>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;

struct FreeArchive {
    void operator()(archive* handle) const { archive_write_free(handle); }
};
struct FreeEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

/// Writes members into a tar.zst.
class BundleWriter {
public:
    explicit BundleWriter(Instant created) : created_(created), archive_(archive_write_new()) {
        THIMBLE_CHECK(archive_ != nullptr);
        archive_write_add_filter_zstd(archive_.get());
        archive_write_set_format_pax_restricted(archive_.get());
    }

    Result<void> open(const fs::path& file);
    Result<void> add(const std::string& name, std::string_view content);
    Result<void> add_file(const std::string& name, const fs::path& source, const FileState& state);
    Result<void> close();

private:
    Result<void> begin(const std::string& name, std::uint64_t size);
    Result<void> write(std::string_view bytes);
    [[nodiscard]] Error failed() const;

    Instant created_;
    std::unique_ptr<archive, FreeArchive> archive_;
};

Error BundleWriter::failed() const {
    const char* text = archive_error_string(archive_.get());
    return failure(
        ErrorKind::Unavailable,
        "feeds.cannot_write",
        std::string("the bundle cannot be written: ") + (text != nullptr ? text : "unknown error"));
}

Result<void> BundleWriter::open(const fs::path& file) {
    if (archive_write_open_filename(archive_.get(), file.c_str()) != ARCHIVE_OK) {
        return failed();
    }
    return {};
}

Result<void> BundleWriter::begin(const std::string& name, std::uint64_t size) {
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    THIMBLE_CHECK(entry != nullptr);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), created_.time_since_epoch().count(), 0);
    if (archive_write_header(archive_.get(), entry.get()) != ARCHIVE_OK) {
        return failed();
    }
    return {};
}

Result<void> BundleWriter::write(std::string_view bytes) {
    const la_ssize_t written = archive_write_data(archive_.get(), bytes.data(), bytes.size());
    if (written < 0 || static_cast<std::size_t>(written) != bytes.size()) {
        return failed();
    }
    return {};
}

Result<void> BundleWriter::add(const std::string& name, std::string_view content) {
    THIMBLE_TRY(begin(name, content.size()));
    return write(content);
}

Result<void> BundleWriter::add_file(
    const std::string& name, const fs::path& source, const FileState& state) {
    THIMBLE_TRY(const std::string digest, sha256_of_file(source));
    if (digest != state.sha256) {
        return failure(
            ErrorKind::Corrupt,
            "feeds.altered_file",
            source.string() + " is not the file that was fetched; sync the feed again");
    }
    THIMBLE_TRY(begin(name, state.size));
    std::ifstream file(source, std::ios::binary);
    std::array<char, 1U << 16U> block{};
    while (file) {
        file.read(block.data(), block.size());
        THIMBLE_TRY(write({block.data(), static_cast<std::size_t>(file.gcount())}));
    }
    return {};
}

Result<void> BundleWriter::close() {
    if (archive_write_close(archive_.get()) != ARCHIVE_OK) {
        return failed();
    }
    return {};
}

Result<BundleManifest> manifest_of(const fs::path& state, Instant now) {
    BundleManifest manifest{now, {}};
    for (const FeedSource& source : feed_sources()) {
        THIMBLE_TRY(FeedState feed, load_state(state, source.name));
        if (feed.records() > 0) {
            manifest.feeds.push_back(std::move(feed));
        }
    }
    if (manifest.feeds.empty()) {
        return failure(
            ErrorKind::NotFound,
            "feeds.nothing_to_export",
            "no feed has data in " + state.string() + "; sync first");
    }
    return manifest;
}

}  // namespace

Result<BundleManifest> export_bundle(
    const fs::path& state, const fs::path& file, const SigningKey& key, Instant now) {
    THIMBLE_TRY(make_folder(state / "feeds"));
    THIMBLE_TRY(const FileLock lock, FileLock::take(state / "feeds" / ".lock"));
    THIMBLE_TRY(BundleManifest manifest, manifest_of(state, now));
    const std::string text = format_manifest(manifest);
    const Signature signature = key.sign(text);
    fs::path unfinished = file;
    unfinished += ".new";
    BundleWriter writer(now);
    THIMBLE_TRY(writer.open(unfinished));
    THIMBLE_TRY(writer.add("manifest.json", text));
    THIMBLE_TRY(writer.add("manifest.sig", std::string(signature.begin(), signature.end())));
    for (const FeedState& feed : manifest.feeds) {
        for (const FileState& one : feed.files) {
            THIMBLE_TRY(writer.add_file(
                "feeds/" + feed.feed + "/" + one.path,
                feed_data_folder(state, feed.feed) / one.path,
                one));
        }
    }
    THIMBLE_TRY(writer.close());
    THIMBLE_TRY(move_into_place(unfinished, file));
    return manifest;
}

}  // namespace thimble::feeds
