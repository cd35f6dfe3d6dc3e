#pragma once
/// @file What Thimble keeps from apt on a host, since runs took it back: the files of preferences that are there.
/// Format: docs/formats/taken-back.md.

#include "thimble/host/host.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

inline constexpr std::string_view kPinFolder = "/etc/apt/preferences.d";

/// "thimble-rolled-back-RUN.pref"
std::string pin_file_name(std::string_view run);

/// The run whose pin a file in preferences.d is, by its name; empty: it is none of ours.
std::string pinned_run_of(std::string_view file_name);

/// A version that a pin keeps from apt.
struct PinnedVersion {
    std::string package;
    std::string architecture;  ///< empty: any
    std::string version;
    bool operator==(const PinnedVersion&) const = default;
};

/// What such a file pins; other lines and records are passed over. Pure.
std::vector<PinnedVersion> parse_pins(std::string_view text);

/// Whether a pin is of the version of a package. Pure.
bool is_pinned(
    const PinnedVersion& pinned,
    std::string_view package,
    std::string_view architecture,
    std::string_view version);

struct RollbackPin {
    std::string run;
    std::vector<PinnedVersion> versions;
    bool operator==(const RollbackPin&) const = default;
};

/// The pins of a host, by the name of their file; those that cannot be read are left out.
std::vector<RollbackPin> read_rollback_pins(host::Host& host);

}  // namespace thimble::inventory
