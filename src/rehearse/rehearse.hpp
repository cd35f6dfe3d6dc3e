#pragma once
/// @file Carries a plan out in a clone of its host and examines what came of it.

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {

/// What is rehearsed.
struct RehearsalRequest {
    model::Plan plan;
    std::string plan_digest;
    std::vector<apply::KeptFile>
        configuration;               ///< of the plan's packages on the host, before it is cloned
    std::string archives;            ///< folder with the plan's archives, as the clone sees it
    std::vector<std::string> units;  ///< services to start, asked by the plan's probes
    Instant now = {};                // NOLINT(readability-redundant-member-init): g++ warns else
    std::chrono::milliseconds settle = std::chrono::seconds(20);  ///< for services to come up
    bool keep_clone = false;  ///< leave what the clone changed on the disk
    /// What is free where the host has its /boot, which the clone has not; none: not known.
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns else
    std::optional<std::uint64_t> boot_free_bytes = {};
};

/// Where it is rehearsed. Two clones are opened: one stays as the host is, to be tried before the
/// transaction without a trace in the other.
struct RehearsalDoors {
    std::function<Result<std::unique_ptr<host::Enclosure>>()> open_clone;
    std::function<Result<std::unique_ptr<apply::PackageManager>>(host::Enclosure&)> package_manager;
    std::function<void(std::string_view)> phase;   ///< hears what is begun; may be empty
    std::function<void(std::string_view)> output;  ///< hears the package manager; may be empty
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns else
    apply::Progress progress = {};  ///< hears how far the transaction is; may be empty
};

struct RehearsalResult {
    Rehearsal rehearsal;
    std::string kept;  ///< the folder that was kept; empty: none
};

/// The verdict is Fail when the transaction does not end as the plan says, or when something that
/// worked before does not work after it.
/// @error Conflict "rehearse.host_changed": the host is not what the plan was made for; what opening a
///        clone ends in; whatever kept the transaction from being begun
Result<RehearsalResult> rehearse(const RehearsalRequest& request, const RehearsalDoors& doors);

}  // namespace thimble::rehearse
