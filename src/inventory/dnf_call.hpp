#pragma once
/// @file How dnf's own library is called: by the interpreter that dnf itself is run by.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/inventory/rpm_call.hpp"
#include "thimble/model/inventory.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {

/// The interpreter in the first line of dnf's program; empty: it is no script, as dnf 5 is none.
std::string interpreter_of(std::string_view script);

/// The beginning of a call: interpreter, our scripts, the verb, and where the host's root and database are.
/// @param scripts  the folder thimble-dnf, as `where` sees it
/// @param cache    a folder of ours for metadata, as `where` sees it; empty: dnf's own
/// @error Unsupported "inventory.no_dnf_library": there is no dnf 4
Result<std::vector<std::string>> dnf_argv(
    host::Host& host,
    RunsAt where,
    const std::string& scripts,
    const std::string& verb,
    const std::string& cache);

/// As read_offers, of a host whose packages are rpm's. Asks this machine's dnf.
void read_dnf_offers(
    host::Host& host, const InventoryOptions& options, model::Inventory& inventory);

}  // namespace thimble::inventory
