#pragma once
/// @file Phased updates: whether this host is among those that get an update already.

#include <cstdint>
#include <string_view>

namespace thimble::inventory {

/// This host's draw for one source version, 0..100: the same number that apt draws.
/// @param machine_id  /etc/machine-id without the line feed
/// @source apt's upgrade planning: std::minstd_rand seeded by std::seed_seq over the characters of
///         "<source>-<version>-<machine-id>", then a uniform integer 0..100; libstdc++ on both sides
std::uint32_t phase_draw(
    std::string_view source_name, std::string_view source_version, std::string_view machine_id);

/// apt's `*-Include-Phased-Updates` settings.
struct PhasingChoice {
    bool always_include = false;
    bool never_include = false;
};

/// Whether an update that is published to `percentage` of the hosts is kept back from this one.
/// Security updates are never phased: the caller does not ask for them.
/// @param machine_id  empty: apt cannot draw and takes the update
bool is_kept_by_phasing(
    std::uint32_t percentage,
    std::uint32_t draw,
    std::string_view machine_id,
    const PhasingChoice& choice);

}  // namespace thimble::inventory
