#pragma once
/// @file Judges the hosts of which something changed: their documents, the catalog, the day, their silence.

#include "thimble/base/instant.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/fleet/judge_host.hpp"
#include "thimble/server/context.hpp"
#include "thimble/store/fleet.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace thimble::server {

/// Of one thread. A pass finds by itself what is to be done, so that it may run at any time, end at any
/// time, and be run again.
class FleetReconciler {
public:
    /// @param catalog   looked for at every pass
    /// @param complain  is given one line when the catalog cannot be read, once for each file
    FleetReconciler(
        Context& context,
        const Clock& clock,
        std::filesystem::path catalog,
        std::function<void(const std::string&)> complain);

    /// Judges every host that is due, one transaction for each batch, with an audit entry where something
    /// else is said of a host than before.
    /// @error Unavailable "store.unavailable"
    Result<void> pass(const std::stop_token& stop);

private:
    void refresh_catalog();
    Result<store::FleetJudgement> judge(
        fleet::HostJudge& judge, const store::HostToJudge& host, const store::FleetDue& due);
    Result<void> read_inventory(const std::string& digest);
    Result<void> write(const std::vector<store::FleetJudgement>& judgements, Instant now);

    Context& context_;
    const Clock& clock_;
    std::filesystem::path catalog_path_;
    std::function<void(const std::string&)> complain_;
    std::optional<catalog::Catalog> catalog_;
    std::string catalog_stamp_;  ///< of the file that is open
    std::string refused_stamp_;  ///< of the one that could not be opened
    std::string digest_;         ///< of the inventory below; empty: none
    Result<model::Inventory> inventory_{
        model::Inventory{}};  ///< the latest: equal hosts follow each other
};

}  // namespace thimble::server
