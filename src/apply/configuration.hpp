#pragma once
/// @file The host's configuration files before a transaction, and their way back.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

enum class KeptKind : std::uint8_t { Absent, File, Link };

/// One path as it was.
struct KeptFile {
    std::string path;
    KeptKind kind = KeptKind::Absent;
    std::string sha256;  ///< of a file's bytes or a link's target
    std::uint32_t mode = 0;
    std::uint32_t owner = 0;
    std::uint32_t group = 0;
    std::int64_t modified_seconds = 0;
    bool operator==(const KeptFile&) const = default;
};

/// A configuration file, and the names under which package managers leave another version of it:
/// ".dpkg-dist", ".rpmnew", …
std::vector<std::string> names_beside(std::string_view path);

/// What a transaction has left under such a name: files that were not there, or had other contents; by path.
std::vector<std::string> left_beside(
    std::span<const KeptFile> before, std::span<const KeptFile> after);

/// Looks at `paths` below a root; links in it cannot lead out. Other things than files and links, and
/// files of more than 16 MiB, are left alone and not in the result.
std::vector<KeptFile> look_at_configuration(
    const std::string& root, std::span<const std::string> paths);

/// As look_at_configuration, and copies the contents into `folder`, named by their digests; a power cut finds them there once
/// the folder's files are settled (whole_file.hpp).
/// @error Denied, Unavailable: the folder cannot be written
Result<std::vector<KeptFile>> keep_configuration(
    const std::string& root, std::span<const std::string> paths, const std::string& folder);

/// Puts back what differs: contents, links, modes, owners, times; what was absent is removed.
/// @return the paths that were put back
/// @error Corrupt "apply.wrong_archive": a kept copy is damaged; Denied, Unavailable
Result<std::vector<std::string>> restore_configuration(
    const std::string& root, std::span<const KeptFile> kept, const std::string& folder);

/// As a document in the folder of a run.
std::string format_configuration(std::span<const KeptFile> files);
/// @error Corrupt "apply.bad_configuration"
Result<std::vector<KeptFile>> parse_configuration(std::string_view text);

/// What may be put back: all of `before`, without what somebody changed since, who has the last word.
/// What was not looked at before is never touched.
/// @param after  what the transaction left; empty: it was killed, and nobody was at it since
std::vector<KeptFile> restorable(
    std::span<const KeptFile> before,
    std::span<const KeptFile> after,
    std::span<const KeptFile> now);

}  // namespace thimble::apply
