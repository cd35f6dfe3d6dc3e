#pragma once
/// @file The small texts that every feed has: ids, dates, one-line summaries.

#include "thimble/base/instant.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace thimble::feeds {

/// Longest id, package name or version that a record may have; longer ones are not real.
inline constexpr std::size_t kMaxNameBytes = 512;

/// Without blanks, tabs and line ends around it.
std::string_view trimmed(std::string_view text);

/// `CVE-` with a year and at least four digits, in capitals.
bool is_cve_id(std::string_view text);

/// The CVE id that a distribution wraps in its own: "DEBIAN-CVE-2025-1" has "CVE-2025-1" (also
/// UBUNTU-, ALPINE-, EEF-). "CVE-2025-1" has itself; ids without one have "".
std::string_view cve_of(std::string_view id);

/// The first line of `text`, white space folded, cut at `limit` bytes between two characters.
std::string one_line(std::string_view text, std::size_t limit = 300);

/// The instant, or nothing for what cannot be read or is the zero date that some feeds write
/// (Go's 0001-01-01).
std::optional<Instant> date_or_none(std::string_view text);

/// Whether `text` matches `pattern`, in which `*` stands for any run of characters, `/` included.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace thimble::feeds
