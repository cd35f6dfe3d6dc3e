#pragma once
/// @file The hosts on which a vulnerability is open: asked, shown, and what they mean for the exit status.

#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/client/fleet_context.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::client {

/// What a server says of one vulnerability; all pages, or one.
struct AffectedHosts {
    std::string vulnerability;
    bool is_known =
        false;  ///< an advisory for a release of a host names it, or a changelog of a host
    std::int64_t affected = 0;  ///< hosts on which it is open, on all pages
    std::int64_t unknown = 0;   ///< hosts of which nobody knows, none of `items`
    /// Judged hosts, none of `items`, on which changelogs were not read that alone may name it.
    std::int64_t unread_changelogs = 0;
    bool is_fleet_empty = false;  ///< no host is enrolled that the asker may see
    std::vector<JsonValue> items;
    std::string next_cursor;  ///< empty: the last page
};

/// @error as ApiConnection::ask; Corrupt "client.odd_answer"
Result<AffectedHosts> affected_hosts(const FleetContext& context, const std::string& vulnerability);

/// The numbers, and a host at most. @error as affected_hosts
Result<AffectedHosts> affected_numbers(
    const FleetContext& context, const std::string& vulnerability);

/// One page. Pure. @error Corrupt "client.odd_answer"
Result<AffectedHosts> parse_affected_page(std::string_view text);

/// Pure. {"format":"thimble.affected/1",…}
std::string affected_json(const AffectedHosts& affected);
/// Pure. A table, and lines for what is not known.
std::string affected_table(const AffectedHosts& affected);
/// Pure. 0 on no host, 1 on some, 2 where nobody knows.
int affected_exit_status(const AffectedHosts& affected);

}  // namespace thimble::client
