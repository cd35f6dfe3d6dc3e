#pragma once
/// @file dpkg's rule about configuration files: which of them it would ask about.

#include "thimble/model/plan.hpp"

#include <optional>
#include <string_view>

namespace thimble::apply {

/// The MD5 of one configuration file in its three places.
struct ConffileDigests {
    std::string_view
        recorded;              ///< as it was shipped before; empty: not a configuration file so far
    std::string_view current;  ///< as it is on disk; empty: it is not there
    std::string_view shipped;  ///< as the new version has it
};

/// Whether dpkg would ask; nothing: it knows what to do by itself.
/// @source dpkg's src/main/configure.c, deferred_configure_conffile
std::optional<model::ConffileConflict> conffile_conflict(const ConffileDigests& digests);

}  // namespace thimble::apply
