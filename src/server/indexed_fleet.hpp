#pragma once
/// @file The fleet index by the ids of the hosts, and the catalog that judges them. Memory only; guarded
/// by who holds it.

#include "thimble/base/result.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/fleet/fleet_index.hpp"
#include "thimble/fleet/fleet_overview.hpp"
#include "thimble/fleet/judged_packages.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace thimble::server {

/// The hosts on which a vulnerability is open.
struct AffectedHosts {
    bool is_known =
        false;  ///< an advisory for a release of any host names it, or a changelog of a host
    std::vector<std::string> ids;  ///< ascending
    std::vector<std::string>
        unread;  ///< the others with changelogs that nobody has read; ascending
};

/// What another catalog says of the fleet.
struct CatalogChange {
    bool is_first = false;  ///< there was none before, so that nobody can say what is new
    /// Of which it says something else, in the order of work; of a first one those with something exploited.
    std::vector<std::string> hosts;
    std::vector<std::string> newly_exploited;  ///< vulnerabilities; ascending; none of a first one
};

class IndexedFleet {
public:
    /// Some hosts by the release and the key of their list. `fill` numbers them in this order.
    struct List {
        fleet::ListNumber number{};
        std::vector<std::string> hosts;
    };
    using Lists = std::map<std::string, List>;

    [[nodiscard]] std::optional<fleet::ListNumber> list_of(std::string_view key) const {
        return index_.list_of(key);
    }
    fleet::ListNumber intern(const std::string& key, const fleet::JudgedPackages& judged) {
        return index_.intern(key, judged);
    }
    /// Of an index without hosts. Hosts with equal lists get numbers next to each other.
    void fill(const Lists& lists);
    /// Becomes `filled`, less the hosts that were revoked meanwhile, judged by the same catalog as before.
    void become(IndexedFleet filled);
    [[nodiscard]] bool is_filled() const { return is_filled_; }

    /// From now on a host has the list with that key, unless it is revoked.
    /// @return false when no host has the list: give its packages
    bool put(const std::string& host_id, const std::string& key);
    void put(
        const std::string& host_id, const std::string& key, const fleet::JudgedPackages& judged);
    /// It is not known what the host has.
    void forget(const std::string& host_id);
    /// For good: whatever is still said of the host is not taken in.
    void revoke(const std::string& host_id);

    /// Judges by `next` from now on. O(fleet::reassess, twice).
    /// @error Corrupt "catalog.corrupt"  of `next`, which is the catalog all the same
    Result<CatalogChange> change_catalog(std::shared_ptr<const catalog::Catalog> next);

    /// @error Unavailable "server.no_index"  the hosts were not read yet, or there is no catalog
    /// @error Corrupt "catalog.corrupt"
    [[nodiscard]] Result<AffectedHosts> affected(std::string_view vulnerability) const;

    /// What is open over all hosts; the same until something changes.
    /// O(fleet::overview_of) after a change.
    /// @error as affected
    Result<std::shared_ptr<const fleet::FleetOverview>> overview();
    /// Over some hosts; the latest some are remembered, for the next page. @error as affected
    Result<std::shared_ptr<const fleet::FleetOverview>> overview_among(
        const std::vector<std::string>& ids);
    /// The one that judges; none yet: nullptr.
    [[nodiscard]] std::shared_ptr<const catalog::Catalog> catalog() const { return catalog_; }

    /// Everything that the index holds: see fleet::FleetIndex::dump.
    [[nodiscard]] std::string dump() const { return index_.dump(); }
    [[nodiscard]] std::optional<fleet::HostNumber> number_of(const std::string& host_id) const;

private:
    fleet::HostNumber number_for(const std::string& host_id);
    void place(const std::string& host_id, fleet::ListNumber list);
    [[nodiscard]] std::vector<std::string> ids_of(const fleet::HostSet& hosts) const;
    [[nodiscard]] Result<void> can_tell() const;

    fleet::FleetIndex index_;
    std::vector<std::string> ids_;  ///< by number; empty: free
    std::vector<fleet::HostNumber> free_;
    std::unordered_map<std::string, fleet::HostNumber> numbers_;
    std::unordered_set<std::string> revoked_;
    /// Shared with the reconciler, which judges by it outside of the lock.
    std::shared_ptr<const catalog::Catalog> catalog_;
    bool is_filled_ = false;
    /// What was made since something changed.
    struct Overviews {
        std::shared_ptr<const fleet::FleetOverview> of_all;
        std::vector<std::string> ids;
        std::shared_ptr<const fleet::FleetOverview> among_ids;
    };
    Overviews overviews_;
};

}  // namespace thimble::server
