#include "thimble/base/digest.hpp"
#include "thimble/feeds/archive_reader.hpp"
#include "thimble/feeds/bundle.hpp"
#include "thimble/feeds/state_files.hpp"
#include "thimble/feeds/sync.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;

Error bad(std::string message) {
    return failure(ErrorKind::Corrupt, "feeds.bad_bundle", std::move(message));
}

/// Reads a bundle member by member. Nothing is believed before the signature was checked, and
/// nothing is in force before every member was.
class BundleReader {
public:
    explicit BundleReader(const ImportRequest& request) : request_(request) {}

    Result<BundleManifest> run();

private:
    struct Expected {
        std::string feed;
        FileState file;
        bool arrived = false;
    };

    Result<void> take_member(std::string_view name, const PaddedText& text);
    Result<void> take_signature(std::string_view bytes);
    Result<void> take_file(Expected& expected, std::string_view content);
    Result<void> refuse_older(const BundleManifest& manifest) const;
    Result<void> put_into_force(BundleManifest& manifest);
    [[nodiscard]] fs::path staged(const Expected& expected) const;

    const ImportRequest& request_;
    std::string manifest_text_;
    std::optional<BundleManifest> manifest_;  // only once its signature is good
    std::map<std::string, Expected, std::less<>> expected_;
};

fs::path BundleReader::staged(const Expected& expected) const {
    return feed_folder(request_.state, expected.feed) / "import" / expected.file.path;
}

Result<void> BundleReader::take_member(std::string_view name, const PaddedText& text) {
    if (manifest_text_.empty()) {
        if (name != "manifest.json") {
            return bad("the file is not a bundle of feeds: it does not begin with its manifest");
        }
        manifest_text_ = text.view();
        return {};
    }
    if (!manifest_) {
        return name == "manifest.sig" ? take_signature(text.view())
                                      : bad("the bundle's manifest is not followed by a signature");
    }
    const auto found = expected_.find(name);
    if (found == expected_.end() || found->second.arrived) {
        return bad("the bundle has a member that its manifest does not list");
    }
    return take_file(found->second, text.view());
}

Result<void> BundleReader::take_signature(std::string_view bytes) {
    Signature signature{};
    if (bytes.size() != signature.size()) {
        return bad("the bundle's signature has the wrong length");
    }
    std::ranges::copy(bytes, signature.begin());
    const bool trusted = std::ranges::any_of(request_.trusted, [&](const PublicKey& key) {
        return verify_signature(manifest_text_, signature, key);
    });
    if (!trusted) {
        return failure(
            ErrorKind::Denied,
            "feeds.untrusted_bundle",
            "the bundle is signed by none of the " + std::to_string(request_.trusted.size())
                + " trusted keys, or was altered");
    }
    THIMBLE_TRY(BundleManifest manifest, parse_manifest(manifest_text_));
    for (const FeedState& feed : manifest.feeds) {
        for (const FileState& file : feed.files) {
            expected_["feeds/" + feed.feed + "/" + file.path] = Expected{feed.feed, file};
        }
    }
    manifest_ = std::move(manifest);
    return refuse_older(*manifest_);
}

Result<void> BundleReader::refuse_older(const BundleManifest& manifest) const {
    if (request_.allow_older) {
        return {};
    }
    for (const FeedState& feed : manifest.feeds) {
        THIMBLE_TRY(const FeedState current, load_state(request_.state, feed.feed));
        const bool older = current.last_success
            && (!feed.last_success || *feed.last_success < *current.last_success);
        if (older) {
            return failure(
                ErrorKind::Conflict,
                "feeds.older_bundle",
                "the feed \"" + feed.feed + "\" in force is of "
                    + format_instant(*current.last_success)
                    + " and newer than the bundle's; --allow-older takes it all the same");
        }
    }
    return {};
}

Result<void> BundleReader::take_file(Expected& expected, std::string_view content) {
    if (content.size() != expected.file.size || sha256_of(content) != expected.file.sha256) {
        return bad(
            "\"" + expected.feed + "/" + expected.file.path + "\" was altered: its digest differs");
    }
    const fs::path target = staged(expected);
    THIMBLE_TRY(make_folder(target.parent_path()));
    THIMBLE_TRY(write_atomically(target, content));
    THIMBLE_TRY(const FileState verified, verify_file(expected.feed, target, request_.limits));
    expected.file.records = verified.records;
    expected.file.quarantined = verified.quarantined;
    if (verified.newest) {
        expected.file.newest = verified.newest;
        expected.file.undated = false;
    }
    expected.file.quarantine = verified.quarantine;
    expected.arrived = true;
    return {};
}

Result<void> BundleReader::put_into_force(BundleManifest& manifest) {
    for (FeedState& feed : manifest.feeds) {
        THIMBLE_TRY(const FeedState before, load_state(request_.state, feed.feed));
        std::vector<FileState> files;
        for (const auto& [name, expected] : expected_) {
            if (expected.feed != feed.feed) {
                continue;
            }
            const fs::path target =
                feed_data_folder(request_.state, feed.feed) / expected.file.path;
            THIMBLE_TRY(make_folder(target.parent_path()));
            THIMBLE_TRY(move_into_place(staged(expected), target));
            files.push_back(expected.file);
        }
        feed.files = std::move(files);
        feed.previous_records = before.records();
        THIMBLE_TRY(save_state(request_.state, feed));
        remove_unlisted(request_.state, feed);
    }
    return {};
}

Result<BundleManifest> BundleReader::run() {
    UnpackedSoFar so_far;
    const MemberVisitor visitor{
        [](std::string_view) { return true; },
        [this](std::string_view name, const PaddedText& text) {
            return take_member(name, text);
        }};
    THIMBLE_TRY(read_members(request_.file, request_.limits, so_far, visitor));
    if (!manifest_) {
        return bad("the file is not a bundle of feeds, or it is truncated");
    }
    const auto missing =
        std::ranges::find_if(expected_, [](const auto& entry) { return !entry.second.arrived; });
    if (missing != expected_.end()) {
        return bad("the bundle is truncated: \"" + missing->first + "\" is missing");
    }
    BundleManifest manifest = *std::move(manifest_);
    THIMBLE_TRY(put_into_force(manifest));
    return manifest;
}

}  // namespace

Result<BundleManifest> import_bundle(const ImportRequest& request) {
    THIMBLE_TRY(make_folder(request.state / "feeds"));
    THIMBLE_TRY(const FileLock lock, FileLock::take(request.state / "feeds" / ".lock"));
    auto imported = BundleReader(request).run();
    if (!imported) {
        // What was staged is not in force and is of no use.
        std::error_code ignored;
        std::error_code failed;
        for (fs::directory_iterator entry(request.state / "feeds", failed);
             !failed && entry != fs::directory_iterator();
             entry.increment(failed)) {
            fs::remove_all(entry->path() / "import", ignored);
        }
        return because(request.file.string(), std::move(imported).error());
    }
    return imported;
}

}  // namespace thimble::feeds
