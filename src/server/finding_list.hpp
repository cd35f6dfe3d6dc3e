#pragma once
/// @file The list of findings: hosts judged again, one at a time, so that nothing of it is stored.

#include "thimble/base/instant.hpp"
#include "thimble/fleet/judge_host.hpp"
#include "thimble/model/vulnerability.hpp"
#include "thimble/server/context.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/list_table.hpp"

#include <string>
#include <vector>

namespace thimble::server {

/// "Critical"; empty when it is not known.
std::string severity_of(const model::VulnerabilityFacts& facts);
/// In millionths; -1: no score.
std::int64_t epss_of(const model::VulnerabilityFacts& facts);

/// A finding, and where it is.
struct PlacedFinding {
    store::HostName host;
    fleet::HostFinding finding;
};

/// Of one vulnerability, on the first hundred hosts of a group that the index has; empty group: of all.
/// @error as computed_rows
Result<std::vector<PlacedFinding>> findings_of_vulnerability(
    Context& context, const std::string& vulnerability, const std::string& group, Instant now);

/// A page of the findings of one host, in any order, or of one vulnerability, in the order of their ids.
/// Of a vulnerability the hosts are those that the index has, and at most 100 findings are on a page.
/// @param query  filters by host_id, by vulnerability, or by id
/// @error as computed_rows
Result<std::vector<store::Row>> finding_rows(
    Context& context, const store::ListTable& table, store::ListQuery& query, Instant now);

}  // namespace thimble::server
