#pragma once
/// @file What the package manager did, against what the plan says. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <string>
#include <vector>

namespace thimble::rehearse {

/// "transaction": how it ended. Anything but Done fails.
Check examine_transaction(const apply::TransactionReport& report);

/// "packages": the packages after it are those before it with exactly the plan's steps taken.
/// @param before, after  sorted
Check examine_packages(
    const model::Plan& plan,
    const std::vector<apply::PackageVersion>& before,
    const std::vector<apply::PackageVersion>& after);

/// "package database": nothing half-done, no dependency unmet that was met before.
Check examine_health(const apply::PackageHealth& before, const apply::PackageHealth& after);

/// "configuration files": those that were put beside the host's own are those that were predicted.
/// @param changed_paths  that exist after the transaction, sorted
/// @source dpkg (.dpkg-dist, .dpkg-new), ucf (.ucf-dist), rpm (.rpmnew, .rpmsave), apk (.apk-new)
Check examine_conffiles(const model::Plan& plan, const std::vector<std::string>& changed_paths);

}  // namespace thimble::rehearse
