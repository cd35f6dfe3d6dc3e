#include "thimble/store/deployments.hpp"

#include "thimble/store/columns.hpp"
#include "thimble/store/words.hpp"

#include <algorithm>
#include <string_view>

namespace thimble::store {
namespace {

constexpr const char* kHostColumns =
    "deployment_id, host_id, phase, since, job_kind, job_id, plan_digest, run, why, ring, "
    "availability_set, tries, expected_seconds, refused_reboots, order_step, set_name, noticed_at, "
    "gave_way_to";

std::vector<DeploymentHost> hosts_of(const std::vector<Row>& rows) {
    std::vector<DeploymentHost> hosts;
    hosts.reserve(rows.size());
    for (const Row& row : rows) {
        hosts.push_back(
            {text_at(row, 0),
             text_at(row, 1),
             text_at(row, 2),
             instant_at(row, 3),
             text_at(row, 4),
             text_at(row, 5),
             text_at(row, 6),
             text_at(row, 7),
             text_at(row, 8),
             number_at(row, 9),
             number_at(row, 10),
             number_at(row, 11),
             number_at(row, 12),
             number_at(row, 13),
             number_at(row, 14),
             text_at(row, 15),
             instant_at(row, 16),
             text_at(row, 17)});
    }
    return hosts;
}

std::optional<DeploymentHost> first_of(const std::vector<Row>& rows) {
    auto hosts = hosts_of(rows);
    return hosts.empty() ? std::optional<DeploymentHost>()
                         : std::optional(std::move(hosts.front()));
}

}  // namespace

Result<void> add_deployment(Connection& connection, const Deployment& deployment) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO deployment (id, selection, restart_services, created_by, created_at, why, "
        "cancelled_at, host_group) VALUES (:id, :selection, :restart, :creator, :created, :why, 0, "
        ":group)",
        {deployment.id,
         deployment.selection,
         std::int64_t{deployment.restart_services ? 1 : 0},
         deployment.created_by,
         seconds_of(deployment.created_at),
         deployment.why,
         deployment.host_group}));
    return {};
}

Result<std::optional<Deployment>> deployment_of(Connection& connection, const std::string& id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id, selection, restart_services, created_by, created_at, why, cancelled_at, "
            "host_group FROM deployment WHERE id = :id",
            {id}));
    if (rows.empty()) {
        return std::optional<Deployment>();
    }
    const Row& row = rows.front();
    return std::optional(Deployment{
        text_at(row, 0),
        text_at(row, 1),
        number_at(row, 2) != 0,
        text_at(row, 3),
        instant_at(row, 4),
        text_at(row, 5),
        instant_at(row, 6),
        text_at(row, 7)});
}

Result<bool> cancel_deployment(Connection& connection, const std::string& id, Instant now) {
    THIMBLE_TRY(
        const std::int64_t changed,
        connection.execute(
            "UPDATE deployment SET cancelled_at = :now WHERE id = :id AND cancelled_at = 0",
            {seconds_of(now), id}));
    return changed == 1;
}

Result<void> add_deployment_host(Connection& connection, const DeploymentHost& host) {
    return add_deployment_hosts(connection, {&host, 1});
}

Result<void> add_deployment_hosts(Connection& connection, std::span<const DeploymentHost> hosts) {
    std::vector<Row> rows;
    rows.reserve(hosts.size());
    for (const DeploymentHost& host : hosts) {
        rows.push_back(
            {host.deployment_id,
             host.host_id,
             host.phase,
             seconds_of(host.since),
             host.job_kind,
             host.job_id,
             host.plan_digest,
             host.run,
             host.why,
             host.ring,
             host.availability_set,
             host.tries,
             host.expected_seconds,
             host.refused_reboots,
             host.order_step,
             host.set_name,
             seconds_of(host.noticed_at),
             host.gave_way_to});
    }
    return connection.execute_each(
        std::string("INSERT INTO deployment_host (") + kHostColumns
            + ") VALUES (:deployment, :host, :phase, :since, :kind, :job, :plan, :run, :why, "
              ":ring, "
              ":set, :tries, :expected, :refused, :order, :name, :noticed, :way)",
        rows);
}

Result<void> set_deployment_host(Connection& connection, const DeploymentHost& host) {
    THIMBLE_TRY(connection.execute(
        "UPDATE deployment_host SET phase = :phase, since = :since, job_kind = :kind, job_id = "
        ":job, plan_digest = :plan, run = :run, why = :why, ring = :ring, tries = :tries, "
        "expected_seconds = :expected, refused_reboots = :refused, noticed_at = :noticed, "
        "gave_way_to = :way WHERE deployment_id = :deployment AND host_id = :host",
        {host.phase,
         seconds_of(host.since),
         host.job_kind,
         host.job_id,
         host.plan_digest,
         host.run,
         host.why,
         host.ring,
         host.tries,
         host.expected_seconds,
         host.refused_reboots,
         seconds_of(host.noticed_at),
         host.gave_way_to,
         host.deployment_id,
         host.host_id}));
    return {};
}

Result<std::vector<DeploymentHost>> hosts_of_deployment(
    Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ") + kHostColumns
                + " FROM deployment_host WHERE deployment_id = :id ORDER BY host_id",
            {deployment_id}));
    return hosts_of(rows);
}

Result<std::optional<DeploymentHost>> host_of_deployment(
    Connection& connection, const std::string& deployment_id, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ") + kHostColumns
                + " FROM deployment_host WHERE deployment_id = :id AND host_id = :host",
            {deployment_id, host_id}));
    return first_of(rows);
}

Result<std::vector<DeploymentHost>> deployments_of_host(
    Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ") + kHostColumns
                + " FROM deployment_host WHERE host_id = :id ORDER BY deployment_id",
            {host_id}));
    return hosts_of(rows);
}

Result<std::vector<DeploymentHost>> set_members_elsewhere(
    Connection& connection, const std::string& deployment_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ")
                + kHostColumns
                // By the sets alone, so that SQLite does not go through all hosts of all other rollouts.
                + " FROM deployment_host WHERE set_name IN (SELECT set_name FROM deployment_host "
                  "WHERE deployment_id = :same AND set_name <> '') AND deployment_id <> :own AND "
                  "EXISTS (SELECT 1 FROM rollout r WHERE r.deployment_id = "
                  "deployment_host.deployment_id AND r.phase IN ('running', 'paused', 'halted')) "
                  "ORDER BY deployment_id, host_id",
            {deployment_id, deployment_id}));
    return hosts_of(rows);
}

Result<std::optional<DeploymentHost>> deployment_host_of_job(
    Connection& connection, const std::string& job_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ") + kHostColumns + " FROM deployment_host WHERE job_id = :id",
            {job_id}));
    return first_of(rows);
}

Result<std::string> deployment_under_way(
    Connection& connection,
    const std::string& host_id,
    const std::vector<std::string>& phases_under_way) {
    Row values{host_id};
    const std::string phases = placeholders(phases_under_way, values);
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT deployment_id FROM deployment_host WHERE host_id = :host AND phase IN ("
                + phases + ") LIMIT 1",
            values));
    return rows.empty() ? std::string() : text_at(rows.front(), 0);
}

Result<std::vector<std::string>> hosts_of_running_rollouts(
    Connection& connection, const std::vector<std::string>& phases) {
    Row values;
    const std::string names = placeholders(phases, values);
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT DISTINCT host_id FROM deployment_host WHERE deployment_id IN (SELECT "
            "deployment_id FROM rollout WHERE phase = 'running') AND phase IN ("
                + names + ") ORDER BY host_id",
            values));
    std::vector<std::string> hosts;
    hosts.reserve(rows.size());
    for (const Row& row : rows) {
        hosts.push_back(text_at(row, 0));
    }
    return hosts;
}

Result<void> keep_plan(Connection& connection, const HostPlan& plan) {
    THIMBLE_TRY(const auto known, plan_of(connection, plan.digest));
    if (known) {
        return {};
    }
    THIMBLE_TRY(connection.execute(
        "INSERT INTO host_plan (digest, host_id, document, patches, steps, download_bytes, "
        "restart, problems, created_at) VALUES (:digest, :host, :document, :patches, :steps, "
        ":bytes, :restart, :problems, :created)",
        {plan.digest,
         plan.host_id,
         plan.document,
         plan.patches,
         plan.steps,
         plan.download_bytes,
         plan.restart,
         plan.problems,
         seconds_of(plan.created_at)}));
    return {};
}

Result<std::optional<HostPlan>> plan_of(Connection& connection, const std::string& digest) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT digest, host_id, document, patches, steps, download_bytes, restart, problems, "
            "created_at FROM host_plan WHERE digest = :digest",
            {digest}));
    if (rows.empty()) {
        return std::optional<HostPlan>();
    }
    const Row& row = rows.front();
    return std::optional(HostPlan{
        text_at(row, 0),
        text_at(row, 1),
        text_at(row, 2),
        text_at(row, 3),
        number_at(row, 4),
        number_at(row, 5),
        text_at(row, 6),
        number_at(row, 7),
        instant_at(row, 8)});
}

PlannedPatches planned_patches(const HostPlan& plan) {
    PlannedPatches patches;
    std::string_view rest = plan.patches;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(", "), rest.size());
        const std::string_view patch = rest.substr(0, end);
        if (const std::size_t blank = patch.find(' '); blank != std::string_view::npos) {
            patches.emplace_back(patch.substr(0, blank), patch.substr(blank + 1));
        }
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    return patches;
}

Result<void> keep_run(Connection& connection, const HostRun& run) {
    THIMBLE_TRY(connection.execute(
        "DELETE FROM host_run WHERE host_id = :host AND run = :run AND job_id = :job",
        {run.host_id, run.run, run.job_id}));
    THIMBLE_TRY(
        const auto others,
        connection.query(
            "SELECT run FROM host_run WHERE host_id = :host AND run = :run",
            {run.host_id, run.run}));
    if (!others.empty()) {
        return {};
    }
    THIMBLE_TRY(connection.execute(
        "INSERT INTO host_run (host_id, run, plan_digest, kind, result, why, job_id, reported_at) "
        "VALUES (:host, :run, :plan, :kind, :result, :why, :job, :at)",
        {run.host_id,
         run.run,
         run.plan_digest,
         run.kind,
         run.result,
         run.why,
         run.job_id,
         seconds_of(run.reported_at)}));
    return {};
}

Result<std::string> plan_of_run(
    Connection& connection, const std::string& host_id, const std::string& run) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT plan_digest FROM host_run WHERE host_id = :host AND run = :run",
            {host_id, run}));
    return rows.empty() ? std::string() : text_at(rows.front(), 0);
}

}  // namespace thimble::store
