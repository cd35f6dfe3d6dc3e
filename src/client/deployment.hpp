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
/// @param why  may be empty
Result<void> cancel_deployment(
    const FleetContext& context, const std::string& id, const std::string& why);

/// The deployment whose id begins like that, as the list `deployments` has it.
/// @error NotFound "client.no_deployment"; Invalid "client.many_deployments"
Result<JsonValue> deployment_named(const FleetContext& context, const std::string& id);

/// The last lines that the program of a host said, as its report of the job has them; empty: it has not
/// told. @error as ApiConnection::ask
Result<std::vector<std::string>> last_words_of_job(
    const FleetContext& context, const std::string& host_id, const std::string& job_id);

/// What the last transaction of a host in a deployment would have wiped away, as the server says it: JSON.
/// @error NotFound "client.no_evidence": none was asked for, or it has not come
Result<std::string> evidence_of_host(
    const FleetContext& context, const std::string& deployment_id, const std::string& host_id);

/// The last lines of the report of a job among reports; pure.
/// @param items  of the list `reports`
std::vector<std::string> last_words_in(std::span<const JsonValue> items, const std::string& job_id);

/// Where each host of a deployment stands, as a watcher has seen it last: phase and progress, by host.
using WatchedHosts = std::map<std::string, std::pair<std::string, std::string>>;

/// The lines that tell what is new since then, one host a line; pure.
/// @param items  of the list `deployment-hosts`
std::string news_of(WatchedHosts& seen, std::span<const JsonValue> items);

/// Whether every host has ended, or is one of which nothing can be waited for.
bool have_all_ended(std::span<const JsonValue> items);

/// Of what was named, what the server has not heard of from any host and in no advisory: a name that is
/// mistyped, more likely than one that is at its fix everywhere. @error as ApiConnection::ask
Result<std::vector<std::string>> names_nobody_knows(
    const FleetContext& context, const model::PlanSelection& selection);

/// Whether no host knew anything of what was selected, or all of them had it already.
bool was_nothing_selected(std::span<const JsonValue> items);

/// One line: "3 hosts: 2 verified, 1 failed". What it means where nothing was selected is a second one.
std::string deployment_summary(std::span<const JsonValue> items);

/// What a deployment is, and where each of its hosts stands.
/// @param last_words  by id of the item
std::string deployment_detail(
    const JsonValue& deployment,
    std::span<const JsonValue> items,
    const std::map<std::string, std::vector<std::string>>& last_words);

/// Whether its end on that host is neither well nor still to come.
bool has_failed(const JsonValue& item);

/// 0: live on every host, or nothing was to be done; 2: of some the end is not known; 1: otherwise.
int deployment_exit_status(std::span<const JsonValue> items);

}  // namespace thimble::client
