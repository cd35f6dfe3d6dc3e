#include "thimble/server/finding_list.hpp"

#include "thimble/fleet/judge_host.hpp"
#include "thimble/server/fleet_inventory.hpp"
#include "thimble/store/fleet.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>

namespace thimble::server {
namespace {

using Rows = std::vector<store::Row>;

/// A host is judged for each; this is what one request may cost.
constexpr std::size_t kMostOfVulnerability = 100;

Error bad_parameter(const char* what) {
    return failure(ErrorKind::Invalid, "server.bad_parameter", what);
}

/// What a column must be equal to; empty: it may be anything.
std::string wanted(
    const store::ListTable& table, const store::ListQuery& query, std::string_view column) {
    const auto number = store::column_of(table, column);
    for (const store::ListFilter& filter : query.filters) {
        if (filter.column == number && filter.comparison == store::Comparison::Equal) {
            return std::get<std::string>(filter.value);
        }
    }
    return {};
}

/// The host of a finding, by the key of the finding.
std::string host_of(const std::string& key) {
    return key.substr(0, key.find(' '));
}

std::int64_t seconds_of(const std::optional<Instant>& instant) {
    return instant.value_or(Instant{}).time_since_epoch().count();
}

store::Row row_of(const store::HostName& host, const fleet::HostFinding& finding) {
    const model::InstalledPackage& package = finding.package;
    const model::Mitigation mitigation = finding.mitigation.value_or(model::Mitigation{});
    const auto flag = [](bool is_set) {
        return std::int64_t{is_set ? 1 : 0};
    };
    return {
        host.id + " " + package.name + " " + package.architecture + " " + finding.facts.id,
        host.id,
        host.name,
        host.host_group,
        package.name,
        package.source_name,
        package.version,
        finding.facts.id,
        std::string(model::finding_status_name(finding.status)),
        finding.reason,
        finding.fixed_version,
        severity_of(finding.facts),
        flag(finding.decision.kev),
        flag(finding.decision.kev || finding.decision.exploited_elsewhere),
        flag(finding.decision.public_poc),
        epss_of(finding.facts),
        std::int64_t{finding.urgency},
        std::string(model::ssvc_outcome_name(finding.decision.outcome)),
        std::int64_t{finding.decision.ssvc_row},
        std::int64_t{finding.decision.bod_row},
        seconds_of(finding.first_seen),
        seconds_of(finding.due.due),
        finding.due.rule,
        mitigation.control,
        mitigation.control_name,
        seconds_of(mitigation.until),
        mitigation.refusal,
        std::string(model::ssvc_outcome_name(finding.bare_decision.outcome)),
        seconds_of(finding.mitigation ? mitigation.bare_due.due : finding.due.due),
        finding.called_unimportant_by};
}

/// What a host is judged with again.
struct HostToShow {
    store::HostName name;
    model::Inventory inventory;
    fleet::KnownHost known;
};

/// @return none of a host that is not there, is revoked, or has no inventory yet
Result<std::optional<HostToShow>> host_to_show(
    Context& context, const std::string& id, Instant now) {
    return context.database.look(
        [&](store::Connection& connection) -> Result<std::optional<HostToShow>> {
            THIMBLE_TRY(const std::string digest, store::inventory_of_host(connection, id));
            if (digest.empty()) {
                return std::optional<HostToShow>();
            }
            THIMBLE_TRY(const auto names, store::host_names(connection, std::array{id}));
            HostToShow host{names.at(0), {}, {}};
            THIMBLE_TRY(auto document, read_inventory_document(connection, digest));
            THIMBLE_TRY(host.inventory, read_packages(connection, std::move(document)));
            THIMBLE_TRY(host.known, read_known_host(connection, id, now));
            return std::optional(std::move(host));
        });
}

Result<Rows> rows_of_host(
    Context& context, const catalog::Catalog* catalog, const std::string& id, Instant now) {
    THIMBLE_TRY(const auto host, host_to_show(context, id, now));
    Rows rows;
    if (!host) {
        return rows;
    }
    THIMBLE_TRY(
        const auto findings, fleet::findings_of_host(host->inventory, catalog, host->known, now));
    for (const fleet::HostFinding& finding : findings) {
        rows.push_back(row_of(host->name, finding));
    }
    return rows;
}

/// The hosts on which it is open, of one group or all, in the order of the page.
Result<std::vector<std::string>> hosts_with(
    Context& context, const std::string& vulnerability, const std::string& group) {
    THIMBLE_TRY(auto affected, context.fleet.with([&](const IndexedFleet& fleet) {
        return fleet.affected(vulnerability);
    }));
    if (group.empty()) {
        return std::move(affected.ids);
    }
    THIMBLE_TRY(const auto of_group, context.database.look([&](store::Connection& connection) {
        return store::hosts_of_group(connection, group);
    }));
    std::vector<std::string> both;
    std::ranges::set_intersection(affected.ids, of_group, std::back_inserter(both));
    return both;
}

}  // namespace

std::string severity_of(const model::VulnerabilityFacts& facts) {
    return facts.cvss.severity == model::Severity::Unknown
        ? std::string()
        : std::string(model::severity_name(facts.cvss.severity));
}

std::int64_t epss_of(const model::VulnerabilityFacts& facts) {
    return facts.epss ? std::int64_t{facts.epss->score_millionths} : -1;
}

Result<std::vector<PlacedFinding>> findings_of_vulnerability(
    Context& context, const std::string& vulnerability, const std::string& group, Instant now) {
    const auto catalog =
        context.fleet.with([](const IndexedFleet& fleet) { return fleet.catalog(); });
    THIMBLE_TRY(auto ids, hosts_with(context, vulnerability, group));
    ids.resize(std::min(ids.size(), kMostOfVulnerability));
    std::vector<PlacedFinding> found;
    for (const std::string& id : ids) {
        THIMBLE_TRY(const auto host, host_to_show(context, id, now));
        if (!host) {
            continue;
        }
        THIMBLE_TRY(
            auto findings,
            fleet::findings_of_host(host->inventory, catalog.get(), host->known, now));
        for (fleet::HostFinding& finding : findings) {
            if (finding.facts.id == vulnerability) {
                found.push_back({host->name, std::move(finding)});
            }
        }
    }
    return found;
}

Result<Rows> finding_rows(
    Context& context, const store::ListTable& table, store::ListQuery& query, Instant now) {
    const auto catalog =
        context.fleet.with([](const IndexedFleet& fleet) { return fleet.catalog(); });
    const std::string key = wanted(table, query, "id");
    const std::string host = key.empty() ? wanted(table, query, "host_id") : host_of(key);
    if (!host.empty()) {
        THIMBLE_TRY(Rows rows, rows_of_host(context, catalog.get(), host, now));
        return store::page_of(table, query, std::move(rows));
    }
    const std::string vulnerability = wanted(table, query, "vulnerability");
    if (vulnerability.empty()) {
        return bad_parameter(
            "findings are those of one host or of one vulnerability: say host_id=.. or "
            "vulnerability=..");
    }
    if (query.sort != 0 || query.descending) {
        return bad_parameter("the findings of a vulnerability come in the order of their ids only");
    }
    query.limit = std::min(query.limit, kMostOfVulnerability);
    THIMBLE_TRY(const auto ids, hosts_with(context, vulnerability, wanted(table, query, "group")));
    Rows page;
    const std::string first =
        query.after ? host_of(std::get<std::string>(query.after->key)) : std::string();
    for (auto at = std::ranges::lower_bound(ids, first);
         at != ids.end() && page.size() <= query.limit;
         ++at) {
        THIMBLE_TRY(Rows rows, rows_of_host(context, catalog.get(), *at, now));
        std::ranges::move(store::page_of(table, query, std::move(rows)), std::back_inserter(page));
    }
    page.resize(std::min(page.size(), query.limit + 1));
    return page;
}

}  // namespace thimble::server
