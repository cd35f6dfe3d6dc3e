#include "thimble/server/whom_it_affects.hpp"

#include "thimble/store/fleet.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace thimble::server {
namespace {

using Ids = std::vector<std::string>;

Ids both(const Ids& left, const Ids& right) {
    Ids ids;
    std::ranges::set_intersection(left, right, std::back_inserter(ids));
    return ids;
}

Ids without(const Ids& ids, const Ids& others) {
    Ids left;
    std::ranges::set_difference(ids, others, std::back_inserter(left));
    return left;
}

}  // namespace

std::string group_seen_by(const Principal& principal) {
    return principal.host_group == kEveryGroup ? "" : principal.host_group;
}

Result<WhomItAffects> whom_it_affects(
    Context& context, const std::string& vulnerability, const std::string& host_group) {
    THIMBLE_TRY(auto hosts, context.fleet.with([&](const IndexedFleet& fleet) {
        return fleet.affected(vulnerability);
    }));
    return context.database.look([&](store::Connection& connection) -> Result<WhomItAffects> {
        if (!host_group.empty()) {
            THIMBLE_TRY(const Ids visible, store::hosts_of_group(connection, host_group));
            hosts.ids = both(hosts.ids, visible);
            hosts.unread = both(hosts.unread, visible);
        }
        THIMBLE_TRY(const Ids unknown, store::unknown_hosts(connection, host_group));
        WhomItAffects whom{
            hosts.is_known, std::move(hosts.ids), {}, without(hosts.unread, unknown)};
        whom.unknown = without(unknown, whom.affected);
        return whom;
    });
}

}  // namespace thimble::server
