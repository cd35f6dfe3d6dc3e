#pragma once
/// @file Reads what the pre-checks judge.

#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/prechecks.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::apply {

/// @param root  of the host as this machine has it, "/" for itself: within an enclosure it has another name
HostSigns read_signs(host::Host& host, const std::string& root);

/// Of "/", "/usr", "/boot" and "/var", as far as they can be asked.
/// @param steps  of the plan: the files in /boot are looked at only where one of them writes such
std::vector<FreeSpace> read_space(host::Host& host, std::span<const model::PlannedStep> steps);

/// Notes of /boot what the scripts and triggers of archives do there, by whatever name. An archive that is not there, or no .deb,
/// says nothing: then the names of packages are all there is to go by.
/// @param folder  with the archives, on this machine
void note_initial_files(
    host::Host& host,
    std::span<const model::PlannedStep> steps,
    const std::string& folder,
    std::vector<FreeSpace>& space);

/// A fresh look at a host whose root is a directory of this machine. What cannot be read stays absent.
/// @param root  as of read_signs
PrecheckFacts read_prechecks(
    host::Host& host,
    const std::string& root,
    PackageManager& packages,
    std::span<const model::PlannedStep> steps);

/// A fresh look for what can be named of why the packages are not those of a plan: see changes_since.
std::string read_changes(const model::Plan& plan, PackageManager& packages);

}  // namespace thimble::apply
