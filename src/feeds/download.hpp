#pragma once
/// @file Downloads over HTTPS and HTTP: several at once, conditional, resumed, bounded.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thimble::feeds {

/// One file to fetch.
struct DownloadRequest {
    std::string address;  ///< https or http
    /// Where the complete file is put. A part that an earlier attempt left there is continued when
    /// the server still has the same file, which `<target>.part` beside it remembers.
    std::filesystem::path target;
    std::string etag;           ///< of the copy in force; empty: fetch in any case
    std::string last_modified;  ///< likewise
    std::uint64_t max_bytes = 0;
};

/// How to fetch.
struct DownloadSettings {
    std::string proxy;  ///< empty: from the environment (https_proxy, no_proxy …)
    std::chrono::seconds connect_timeout{15};
    std::chrono::seconds stall_timeout{30};  ///< less than 1 KiB/s for so long is a failure
    std::chrono::seconds total_timeout{3600};
    unsigned max_parallel = 4;
    unsigned max_redirects = 5;
    unsigned max_attempts = 3;  ///< a connection that breaks after it brought something is resumed
};

/// What came of one request.
struct DownloadOutcome {
    bool modified = false;  ///< false: the copy in force is still the newest
    bool resumed = false;
    std::string etag;
    std::string last_modified;
    std::optional<Instant> modified_at;  ///< the same, read
    std::uint64_t bytes = 0;             ///< of the whole file
};

/// Told about progress: bytes received and expected (0: not told) over all requests.
using DownloadProgress = std::function<void(std::uint64_t received, std::uint64_t expected)>;

/// Fetches all requests. TLS is always verified; redirects are followed to https, or from http to
/// http, never from https to http.
/// @return one result per request, in their order
/// @error Unavailable "feeds.download_failed"  no connection, broken, stalled, server's error
/// @error Denied "feeds.download_refused"      the server says 401, 403, 407 or 451
/// @error NotFound "feeds.download_missing"    404, 410
/// @error Corrupt "feeds.too_large"            larger than max_bytes
/// @error Invalid "feeds.bad_address"          no http or https, or a redirect to something else
std::vector<Result<DownloadOutcome>> download_all(
    std::span<const DownloadRequest> requests,
    const DownloadSettings& settings,
    const DownloadProgress& progress);

}  // namespace thimble::feeds
