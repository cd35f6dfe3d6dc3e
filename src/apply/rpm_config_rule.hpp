#pragma once
/// @file rpm's rule about configuration files: what becomes of one that was changed on the host. Pure.

#include "thimble/model/plan.hpp"

#include <optional>
#include <string_view>

namespace thimble::apply {

/// One configuration file in its three places, by digests of one kind.
struct RpmConfig {
    std::string_view recorded;  ///< as it was installed; empty: not of this package so far
    std::string_view current;   ///< as it is on disk; empty: it is not there
    std::string_view shipped;   ///< as the new version has it
    bool is_noreplace = false;  ///< %config(noreplace) of the new version
};

/// What is worth a word; nothing: rpm does what everybody expects. A file that was deleted comes back.
/// @source rpm 4.18 lib/rpmfi.c rpmfilesDecideFate and rpmfilesConfigConflict
std::optional<model::ConffileConflict> rpm_config_conflict(const RpmConfig& config);

}  // namespace thimble::apply
