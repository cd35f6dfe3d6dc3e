#pragma once
/// @file All feeds in one signed file, for machines that reach no network.
///
/// A bundle is a tar, compressed with zstd: `manifest.json`, `manifest.sig` (the Ed25519 signature of
/// the manifest's bytes), then `feeds/<feed>/<path>` for every file that the manifest lists with its
/// SHA-256. See docs/formats/feed-bundle.md.

#include "thimble/base/instant.hpp"
#include "thimble/feeds/feed_state.hpp"
#include "thimble/feeds/limits.hpp"
#include "thimble/feeds/signing.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::feeds {

/// What a bundle says it holds.
struct BundleManifest {
    Instant created;
    std::vector<FeedState> feeds;
    bool operator==(const BundleManifest&) const = default;
};

std::string format_manifest(const BundleManifest& manifest);

/// @error Corrupt "feeds.bad_bundle"  no manifest; an unknown feed, a path that climbs, no digest
Result<BundleManifest> parse_manifest(std::string_view json);

/// Writes every feed that has data in `state`.
/// @return what was written
/// @error NotFound "feeds.nothing_to_export"; Unavailable "feeds.cannot_write"
Result<BundleManifest> export_bundle(
    const std::filesystem::path& state,
    const std::filesystem::path& file,
    const SigningKey& key,
    Instant now);

/// What to import, and whom to believe.
struct ImportRequest {
    std::filesystem::path state;
    std::filesystem::path file;
    std::vector<PublicKey> trusted;
    bool allow_older = false;
    Limits limits;
};

/// Verifies signature, digests and every record as sync does, and only then puts all of it into force.
/// @return what is in force now
/// @error Denied "feeds.untrusted_bundle"  signed by none of the trusted keys
/// @error Corrupt "feeds.bad_bundle"       altered, truncated, or not a bundle
/// @error Conflict "feeds.older_bundle"    a feed in force is newer
/// @error Conflict "feeds.locked"; Unavailable "feeds.cannot_write"
Result<BundleManifest> import_bundle(const ImportRequest& request);

}  // namespace thimble::feeds
