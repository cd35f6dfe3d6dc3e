#include "thimble/base/json_writer.hpp"
#include "thimble/model/vulnerability_id.hpp"
#include "thimble/prioritize/propose_controls.hpp"
#include "thimble/server/finding_list.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/whom_it_affects.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <span>
#include <tuple>

namespace thimble::server {
namespace {

/// Hosts on which a vulnerability is open in the same way: one answer is for all of them.
struct Place {
    const fleet::HostFinding* finding = nullptr;  ///< the one that was seen first
    std::vector<std::string> hosts;               ///< names
};
using Places = std::map<std::tuple<bool, model::SystemExposure, std::string, bool>, Place>;

bool has_fix(model::FindingStatus status) {
    return status == model::FindingStatus::AffectedFixAvailable
        || status == model::FindingStatus::FixedInstalledNotRunning
        || status == model::FindingStatus::AffectedFixNotInMyRepos;
}

Places places_of(std::span<const PlacedFinding> findings) {
    Places places;
    for (const PlacedFinding& one : findings) {
        const fleet::HostFinding& finding = one.finding;
        Place& place = places[{
            finding.exposure.publicly_exposed,
            finding.exposure.system,
            finding.package.source_name,
            has_fix(finding.status)}];
        if (place.finding == nullptr || finding.first_seen < place.finding->first_seen) {
            place.finding = &finding;
        }
        if (place.hosts.empty() || place.hosts.back() != one.host.name) {
            place.hosts.push_back(one.host.name);
        }
    }
    return places;
}

void write_due(JsonWriter& json, const model::DueDate& due) {
    json.member_or_null("due_at", due.due ? format_instant(*due.due) : "");
    json.member("due_rule", due.rule);
}

void write_proposal(JsonWriter& json, const prioritize::ControlProposal& proposal) {
    json.open_object().member("kind", model::control_kind_name(proposal.kind));
    json.key("counts").boolean(!proposal.refusal);
    json.member_or_null(
        "refusal", proposal.refusal ? prioritize::shield_refusal_text(*proposal.refusal) : "");
    json.key("changes_decision").boolean(proposal.changes_decision);
    json.member("outcome", model::ssvc_outcome_name(proposal.decision.outcome));
    write_due(json, proposal.due);
    json.member("remains", proposal.remains).close_object();
}

void write_place(JsonWriter& json, const Place& place) {
    const fleet::HostFinding& finding = *place.finding;
    // As the server judges, so that both say the same.
    const prioritize::PriorityPolicy policy;
    const prioritize::ShieldedPlace where{
        finding.facts, finding.exposure, has_fix(finding.status), finding.first_seen};
    json.open_object().member("source", finding.package.source_name);
    json.member("exposure", model::system_exposure_name(finding.exposure.system));
    json.key("publicly_exposed").boolean(finding.exposure.publicly_exposed);
    json.member("exposure_source", finding.exposure.source);
    json.member("hosts", std::span<const std::string>(place.hosts));
    json.member("outcome", model::ssvc_outcome_name(finding.bare_decision.outcome));
    write_due(
        json,
        prioritize::due_date(finding.bare_decision, finding.facts, policy, finding.first_seen));
    json.key("proposals").open_array();
    for (const prioritize::ControlProposal& one : prioritize::propose_controls(where, policy)) {
        write_proposal(json, one);
    }
    json.close_array().close_object();
}

/// Whether the catalog has a word on it, for whatever system.
Result<bool> is_named_by_a_feed(Context& context, const std::string& vulnerability) {
    const auto catalog =
        context.fleet.with([](const IndexedFleet& fleet) { return fleet.catalog(); });
    if (catalog == nullptr) {
        return false;
    }
    THIMBLE_TRY(const catalog::FactTable facts, catalog->facts_of(vulnerability));
    return facts.find(vulnerability) != nullptr;
}

/// On how many hosts it is open, and of which that is not known.
Result<void> write_whom(Context& context, JsonWriter& json, const WhomItAffects& whom) {
    constexpr std::size_t kMostNamed = 100;
    const std::span<const std::string> unknown(
        whom.unknown.data(), std::min(whom.unknown.size(), kMostNamed));
    THIMBLE_TRY(const auto hosts, context.database.look([&](store::Connection& connection) {
        return store::host_names(connection, unknown);
    }));
    json.key("known").boolean(whom.is_known);
    json.key("affected").number(static_cast<std::int64_t>(whom.affected.size()));
    json.key("unknown").number(static_cast<std::int64_t>(whom.unknown.size()));
    json.key("unknown_hosts").open_array();
    for (const store::HostName& host : hosts) {
        json.text(host.name);
    }
    json.close_array();
    json.key("unread_changelogs").number(static_cast<std::int64_t>(whom.unread.size()));
    return {};
}

}  // namespace

Result<Answer> control_proposals(Context& context, const Call& call) {
    THIMBLE_TRY(
        const std::string vulnerability, model::vulnerability_id_of(call.parameters.front()));
    const std::string group = group_seen_by(*call.principal);
    THIMBLE_TRY(
        const auto findings,
        findings_of_vulnerability(context, vulnerability, group, call.request.now));
    THIMBLE_TRY(const WhomItAffects whom, whom_it_affects(context, vulnerability, group));
    THIMBLE_TRY(const bool is_named, is_named_by_a_feed(context, vulnerability));
    const model::AttackReach reach = findings.empty()
        ? model::AttackReach{}
        : model::attack_reach(findings.front().finding.facts.cvss_vectors);
    std::string text;
    JsonWriter json(text);
    json.open_object().member("vulnerability", vulnerability);
    json.key("named").boolean(is_named || whom.is_known);
    THIMBLE_TRY(write_whom(context, json, whom));
    json.member("vector", model::attack_vector_name(reach.vector)).key("needs_privileges");
    if (reach.needs_privileges) {
        json.boolean(*reach.needs_privileges);
    } else {
        json.null();
    }
    // The most exposed first.
    const Places places = places_of(findings);
    json.key("places").open_array();
    for (const auto& place : places | std::views::reverse) {
        write_place(json, place.second);
    }
    json.close_array().close_object();
    return Answer(Response{200, "application/json", std::move(text), {}});
}

}  // namespace thimble::server
