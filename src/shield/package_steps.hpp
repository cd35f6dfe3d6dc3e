#pragma once
/// @file Hardening that removes a package: which one may go, and how what the host tells is read. Pure.

#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::shield {

/// The first package of that name of which files are there; null: there is none.
const apply::DpkgEntry* present_package(const apply::DpkgDatabase& database, std::string_view name);

/// "not installed", "installed 1.0-1", "half-configured 1.0-1".
std::string package_words(const apply::DpkgEntry* entry);

/// The step that removes it. Whether others need it dpkg knows.
/// @error NotFound "shield.no_package"; Conflict "shield.not_removable": essential, protected, held, not whole, of an
///        unknown version, or of several architectures
Result<model::PlannedStep> removal_step(const apply::DpkgDatabase& database, std::string_view name);

/// What this host cannot be without, of the files of a package; empty: nothing.
/// @param own_program     path of the program that runs
/// @param kernel_release  as uname(1) tells it
std::string needed_file(
    const std::vector<std::string>& paths,
    std::string_view own_program,
    std::string_view kernel_release);

/// The program of a process by the link /proc/PID/exe: without what the kernel says of one that was deleted.
std::string_view program_of_link(std::string_view link);

}  // namespace thimble::shield
