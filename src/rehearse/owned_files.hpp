#pragma once
/// @file Which files belong to packages: dpkg's lists, and what rpm answers.

#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/examine_files.hpp"
#include "thimble/rehearse/file_tree.hpp"

#include <functional>
#include <set>
#include <string>

namespace thimble::rehearse {

/// Adds the files of all installed packages, under the names that diversions give them. Nothing is added
/// where neither dpkg nor rpm knows.
void add_owned(host::Host& host, OwnedFiles& owned);

/// The files that the plan's packages have now: their links, and where these lead.
std::set<std::string, std::less<>> planned_files(
    host::Host& host, const model::Plan& plan, const FileTree& tree);

}  // namespace thimble::rehearse
