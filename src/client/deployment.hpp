#pragma once
/// @file Deployments as a person starts and watches them.

#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/client/fleet_context.hpp"
#include "thimble/model/plan.hpp"

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::client {

/// What is wanted of which hosts.
struct DeploymentWish {
    std::vector<std::string> host_ids;
    model::PlanSelection selection;
    bool restart_services = false;
    std::string why;
};

/// @return its id
/// @error as ApiConnection::ask
Result<std::string> start_deployment(const FleetContext& context, const DeploymentWish& wish);
Result<void> cancel_deployment(const FleetContext& context, const std::string& id);

/// Halts everything, or ends the halt when `why` is empty.
Result<void> set_halt(const FleetContext& context, const std::string& why);

/// Where each host of a deployment stands, as a watcher has seen it last: phase and progress, by host.
using WatchedHosts = std::map<std::string, std::pair<std::string, std::string>>;

/// The lines that tell what is new since then, one host a line; pure.
/// @param items  of the list `deployment-hosts`
std::string news_of(WatchedHosts& seen, std::span<const JsonValue> items);

/// Whether every host has ended, or is one of which nothing can be waited for.
bool have_all_ended(std::span<const JsonValue> items);

/// 0: live on every host, or nothing was to be done; 2: of some the end is not known; 1: otherwise.
int deployment_exit_status(std::span<const JsonValue> items);

}  // namespace thimble::client
