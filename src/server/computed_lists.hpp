#pragma once
/// @file The lists that no table holds: made from the fleet index, the catalog and inventories when
/// somebody asks.

#include "thimble/base/instant.hpp"
#include "thimble/server/context.hpp"
#include "thimble/store/list_table.hpp"

#include <vector>

namespace thimble::server {

/// A page of such a list, as store::page_of gives it.
/// `vulnerabilities`, `advisories` and `packages` come from the index and wait for it, once after each
/// change: O(fleet::overview_of). `findings` judge the host again of which they are, or a host for each row of the page.
/// @param query  its limit may become smaller
/// @error Unavailable "server.no_index"; Corrupt "catalog.corrupt", "server.bad_inventory"
/// @error Invalid "server.bad_parameter"  findings are of one host or one vulnerability
Result<std::vector<store::Row>> computed_rows(
    Context& context, const store::ListTable& table, store::ListQuery& query, Instant now);

}  // namespace thimble::server
