#pragma once
/// @file From which archives a plan may take versions: the owner's patterns. Pure.

#include "thimble/base/result.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/plan.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// What an archive says of itself in its Release file; the host that it is fetched from.
enum class OriginKey : std::uint8_t { Origin, Label, Suite, Codename, Component, Site };

/// "codename=bookworm-*"
struct OriginPart {
    OriginKey key = OriginKey::Origin;
    std::string glob;
    bool operator==(const OriginPart&) const = default;
};

/// An archive matches when it does so in every part.
struct OriginPattern {
    std::vector<OriginPart> parts;  ///< at least one
    bool operator==(const OriginPattern&) const = default;
};

/// @param text  "origin=Debian,codename=${distro_codename}-security"; keys may be shortened as apt's are (o, l, a, n, c)
/// @error Invalid "apply.bad_origin" says what is allowed
Result<OriginPattern> parse_origin_pattern(std::string_view text);

/// Each of them.
/// @error as parse_origin_pattern
Result<std::vector<OriginPattern>> parse_origin_patterns(std::span<const std::string> texts);

/// With the keys in full; parse_origin_pattern reads it back.
std::string format_origin_pattern(const OriginPattern& pattern);

/// ${distro_id} and ${distro_codename} become those of the host.
/// @error Invalid "apply.origin_not_known": os-release does not tell them
Result<OriginPattern> fill_origin_pattern(OriginPattern pattern, const model::OsRelease& os);

/// Whether a version that these archives offer may be taken. What an unsigned archive says of itself does not count where a
/// signed one offers the same version. Globs are those of fnmatch(3); upper and lower case are the same, since os-release
/// writes "debian" where archives write "Debian".
/// @param patterns  filled; any of them suffices, and none at all allows every archive
bool allows_origin(
    std::span<const OriginPattern> patterns, std::span<const model::OfferOrigin> archives);

/// "Debian-Security bookworm-security": the first archive that is trusted, else the first; empty where there is none.
std::string archive_words(std::span<const model::OfferOrigin> archives);

/// "brand-new 2.0-1 comes from Debian bookworm, which no --origin allows"
std::string origin_refusal(std::string_view version, std::span<const model::OfferOrigin> archives);

/// The pattern that allows the archive of archive_words.
OriginPattern origin_pattern_of(std::span<const model::OfferOrigin> archives);

/// The option with it, as a shell takes it: "--origin 'origin=Debian,label=Debian,codename=bookworm'".
std::string origin_to_add(std::span<const model::OfferOrigin> archives);

/// Why a transaction is refused that would bring that version.
model::PlanProblem origin_problem(
    std::string_view version, std::span<const model::OfferOrigin> archives);

}  // namespace thimble::apply
