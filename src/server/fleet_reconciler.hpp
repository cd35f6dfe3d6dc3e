#pragma once
/// @file Judges the hosts of which something changed: their documents, the catalog, the day, their silence.

#include "thimble/base/instant.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/fleet/judge_host.hpp"
#include "thimble/server/context.hpp"
#include "thimble/store/fleet.hpp"

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace thimble::server {

/// Of one thread. A pass finds by itself what is to be done, so that it may run at any time, end at any
/// time, and be run again.
class FleetReconciler {
public:
    /// @param catalog   looked for at every pass
    /// @param complain  is given one line when the catalog cannot be read, once for each file; and when one
    ///                  host cannot be judged, which leaves out no other
    FleetReconciler(
        Context& context,
        const Clock& clock,
        std::filesystem::path catalog,
        std::function<void(const std::string&)> complain);

    /// Judges every host that is due, one transaction for each batch, with an audit entry where something
    /// else is said of a host than before.
    /// @error Unavailable "store.unavailable"
    /// At the first pass the index of the hosts is filled. Where another catalog says something else
    /// of hosts, these are judged before all others, the most urgent first, and the audit log has one
    /// entry "catalog.change".
    Result<void> pass(const std::stop_token& stop);

    /// Whether the catalog was replaced since the last pass. One look at the file.
    [[nodiscard]] bool has_new_catalog() const;

private:
    /// What the hosts of one pass are judged with.
    struct Bench {
        store::FleetDue due;
        fleet::HostJudge judge;
        Instant now;
    };
    void refresh_catalog();
    Result<void> note_change();
    [[nodiscard]] Bench bench() const;
    Result<void> judge_changed(const std::stop_token& stop);
    Result<void> judge_due(const std::stop_token& stop);
    Result<void> judge_batch(Bench& bench, const std::vector<store::HostToJudge>& hosts);
    void complain_about(const std::string& host_id, const Error& error);
    void index(const std::string& host_id);
    Result<store::FleetJudgement> judge(
        fleet::HostJudge& judge, const store::HostToJudge& host, const store::FleetDue& due);
    Result<void> read_inventory(const std::string& digest);
    Result<model::Inventory> inventory_of(const std::string& digest);
    Result<void> write(const std::vector<store::FleetJudgement>& judgements, Instant now);

    Context& context_;
    const Clock& clock_;
    std::filesystem::path catalog_path_;
    std::function<void(const std::string&)> complain_;
    /// Shared with the index of the fleet, which requests ask.
    std::shared_ptr<const catalog::Catalog> catalog_;
    std::string catalog_stamp_;  ///< of the file that is open
    std::string refused_stamp_;  ///< of the one that could not be opened
    std::string digest_;         ///< of the inventory below; empty: none
    Result<model::Inventory> inventory_{
        model::Inventory{}};               ///< the latest: equal hosts follow each other
    std::string list_key_;                 ///< of the inventory above
    std::optional<CatalogChange> change_;  ///< not told of yet
    std::deque<std::string> first_;        ///< hosts to be judged before all others, in order
    std::set<std::string> complaints_;     ///< that were made of single hosts
};

}  // namespace thimble::server
