#pragma once
/// @file Which sections of the catalog speak for a host. Pure.

#include "thimble/model/inventory.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::assess {

/// Who gets the fixes of a section.
enum class Channel : std::uint8_t {
    Standard,
    Subscription,  ///< Ubuntu Pro: a fix exists, but only attached hosts are offered it
};

struct SectionName {
    std::string key;  ///< "Debian:12"
    Channel channel = Channel::Standard;
    bool operator==(const SectionName&) const = default;
};

/// The sections for the distribution's own packages, in order of precedence; spellings of one
/// release stand side by side and mostly only one exists. Empty: an unknown distribution.
std::vector<SectionName> sections_of(const model::OsRelease& os);

/// Whether the package says that somebody else than the distribution built it: its advisories do not
/// speak of such a build, whatever its name.
bool is_third_party(const model::OsRelease& os, const model::InstalledPackage& package);

/// The section of a language ecosystem by purl type ("pypi" → "PyPI"); empty for the others.
std::string_view language_section(std::string_view purl_type);

/// The release that a Debian backport was built from: "6.12.9-1~bpo12+1" → "13".
std::optional<std::string> backported_from(std::string_view version);

/// A backport's version as it was in the release it was built from: without "~bpo12+1".
std::string_view without_backport_suffix(std::string_view version);

}  // namespace thimble::assess
