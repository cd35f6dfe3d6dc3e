#include "thimble/client/deployment.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/client/affected_hosts.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/client/cell.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/fleet_page.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/client/short_id.hpp"
#include "thimble/protocol/job.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

namespace thimble::client {
namespace {

constexpr std::array<std::string_view, 5> kUnderWay{
    "planning", "rehearsing", "applying", "verifying", "restarting"};
constexpr std::array<std::string_view, 2> kWell{"verified", "nothing-to-do"};
constexpr std::size_t kHostWidth = 20;
constexpr std::size_t kPhaseWidth = 16;
constexpr std::size_t kMostOutputBytes = 200;
constexpr std::size_t kInstantWidth = 20;
constexpr std::ptrdiff_t kMostLastWords = 6;

/// How the job goes, or what it waits for.
std::string progress_of(const JsonValue& item) {
    std::string progress = member_text(item, "progress").value_or("");
    if (!progress.empty()) {
        return progress;
    }
    const std::string state = member_text(item, "job_state").value_or("");
    const std::string begun = member_text(item, "job_begun_at").value_or("");
    if (state == "running" && !begun.empty()) {
        return "the agent is at it since " + begun;
    }
    return state == "waiting" ? "waits for thimble-agent and thimble-agent-helper of that host"
                              : "";
}

/// What a host that has something to do is at, and why, where it is told.
std::string words_under_way(const std::string& why, const std::string& progress) {
    return why.empty() || progress.empty() ? why + progress : why + "; " + progress;
}

/// A server that has no catalog, or has not read its hosts yet, knows of nothing.
bool is_without_index(const Error& error) {
    return error.code == "server.no_index";
}

Result<bool> has_item(
    const FleetContext& context,
    const std::string& list,
    std::string_view column,
    const std::string& value) {
    const auto body =
        call_api(context, {"GET", "/api/v1/" + list + "?limit=1" + filter_of(column, value)});
    if (!body && is_without_index(body.error())) {
        return false;
    }
    if (!body) {
        return body.error();
    }
    THIMBLE_TRY(const ItemPage page, parse_item_page(*body));
    return !page.items.empty();
}

std::string phase_of(const JsonValue& item) {
    return member_text(item, "phase").value_or("unknown");
}

}  // namespace

Result<std::string> start_deployment(const FleetContext& context, const DeploymentWish& wish) {
    std::string body;
    JsonWriter json(body);
    json.open_object().member("host_ids", std::span(wish.host_ids));
    json.key("selection").written(protocol::format_selection(wish.selection));
    json.key("restart_services").boolean(wish.restart_services);
    json.member("why", wish.why).close_object();
    THIMBLE_TRY(
        const std::string made,
        call_api(context, {"POST", "/api/v1/deployments", std::move(body)}));
    return parse_answer_member(made, "id");
}

Result<void> cancel_deployment(
    const FleetContext& context, const std::string& id, const std::string& why) {
    THIMBLE_TRY(call_api(
        context,
        {"DELETE",
         "/api/v1/deployments/" + encoded(id) + (why.empty() ? "" : "?why=" + encoded(why))}));
    return {};
}

Result<JsonValue> deployment_named(const FleetContext& context, const std::string& id) {
    THIMBLE_TRY(auto items, all_items(context, {"deployments", filter_of("id.prefix", id)}));
    if (items.empty() || id.empty()) {
        return failure(
            ErrorKind::NotFound,
            "client.no_deployment",
            "the server knows no deployment " + id + ": thimble deployments");
    }
    if (items.size() > 1) {
        return failure(
            ErrorKind::Invalid,
            "client.many_deployments",
            std::to_string(items.size()) + " deployments begin with " + id
                + ": say more of its id");
    }
    return std::move(items.front());
}

std::vector<std::string> last_words_in(
    std::span<const JsonValue> items, const std::string& job_id) {
    for (const JsonValue& item : items) {
        const auto content = parse_json(member_text(item, "content").value_or(""));
        if (!content || member_text(*content, "job") != job_id) {
            continue;
        }
        std::vector<std::string> lines;
        const std::string text = member_text(*content, "output").value_or("");
        std::string_view left = text;
        while (!left.empty()) {
            const std::size_t end = std::min(left.find('\n'), left.size());
            if (end > 0) {
                lines.emplace_back(left.substr(0, end));
            }
            left.remove_prefix(std::min(end + 1, left.size()));
        }
        if (std::ssize(lines) > kMostLastWords) {
            lines.erase(lines.begin(), lines.end() - kMostLastWords);
        }
        return lines;
    }
    return {};
}

Result<std::vector<std::string>> last_words_of_job(
    const FleetContext& context, const std::string& host_id, const std::string& job_id) {
    THIMBLE_TRY(
        const std::string body,
        call_api(
            context,
            {"GET",
             "/api/v1/reports?limit=100&sort=-sequence" + filter_of("kind", "job.result")
                 + filter_of("host_id", host_id)}));
    THIMBLE_TRY(const ItemPage page, parse_item_page(body));
    return last_words_in(page.items, job_id);
}

Result<std::string> evidence_of_host(
    const FleetContext& context, const std::string& deployment_id, const std::string& host_id) {
    THIMBLE_TRY(
        const auto jobs,
        all_items(
            context,
            {"jobs",
             "&sort=-created_at" + filter_of("deployment_id", deployment_id)
                 + filter_of("host_id", host_id)}));
    const auto has_evidence = [](const JsonValue& job) {
        return !member_text(job, "evidence").value_or("").empty();
    };
    const auto job = std::ranges::find_if(jobs, has_evidence);
    if (job == jobs.end()) {
        return failure(
            ErrorKind::NotFound,
            "client.no_evidence",
            "no evidence has come of this host: it is collected where a patch closes what is "
            "exploited and BOD 26-04 asks for forensic triage");
    }
    const std::string id = member_text(*job, "id").value_or("");
    return call_api(context, {"GET", "/api/v1/jobs/" + encoded(id) + "/evidence"});
}

Result<std::vector<std::string>> names_nobody_knows(
    const FleetContext& context, const model::PlanSelection& selection) {
    std::vector<std::string> unknown;
    for (const std::string& name : selection.vulnerabilities) {
        const auto affected = affected_hosts(context, name);
        if (!affected && !is_without_index(affected.error())) {
            return affected.error();
        }
        if (!affected || !affected->is_known) {
            unknown.push_back(name);
        }
    }
    for (const std::string& name : selection.packages) {
        THIMBLE_TRY(const bool was_missed, has_item(context, "patch-states", "source", name));
        THIMBLE_TRY(const bool is_there, has_item(context, "packages", "name", name));
        if (!was_missed && !is_there) {
            unknown.push_back(name);
        }
    }
    for (const std::string& name : selection.advisories) {
        THIMBLE_TRY(const bool is_open, has_item(context, "advisories", "id", name));
        if (!is_open) {
            unknown.push_back(name);
        }
    }
    return unknown;
}

std::string news_of(WatchedHosts& seen, std::span<const JsonValue> items) {
    std::string out;
    for (const JsonValue& item : items) {
        const std::string host = member_text(item, "host").value_or("?");
        const std::string why = member_text(item, "why").value_or("");
        std::pair now{phase_of(item), progress_of(item)};
        const std::string id = member_text(item, "id").value_or(host);
        const auto known = seen.find(id);
        if (known != seen.end() && known->second == now) {
            continue;
        }
        const bool is_under_way = std::ranges::find(kUnderWay, now.first) != kUnderWay.end();
        // Why it is there is said when it comes there, not with every line of its progress.
        const bool is_known = known != seen.end() && known->second.first == now.first;
        out += TableLine()
                   .cell(host, kHostWidth)
                   .cell(now.first, kPhaseWidth)
                   .prose(is_under_way ? words_under_way(is_known ? "" : why, now.second) : why)
                   .text();
        seen[id] = std::move(now);
    }
    return out;
}

bool have_all_ended(std::span<const JsonValue> items) {
    return std::ranges::none_of(items, [](const JsonValue& item) {
        return std::ranges::find(kUnderWay, phase_of(item)) != kUnderWay.end();
    });
}

bool has_failed(const JsonValue& item) {
    const std::string phase = phase_of(item);
    return std::ranges::find(kWell, phase) == kWell.end()
        && std::ranges::find(kUnderWay, phase) == kUnderWay.end();
}

bool was_nothing_selected(std::span<const JsonValue> items) {
    return !items.empty() && std::ranges::all_of(items, [](const JsonValue& item) {
        return phase_of(item) == "nothing-to-do"
            && member_text(item, "why").value_or("").ends_with("[apply.nothing_selected]");
    });
}

std::string deployment_summary(std::span<const JsonValue> items) {
    std::map<std::string, std::size_t> phases;
    for (const JsonValue& item : items) {
        ++phases[phase_of(item)];
    }
    std::string line = std::to_string(items.size()) + (items.size() == 1 ? " host: " : " hosts: ");
    bool is_first = true;
    for (const auto& [phase, count] : phases) {
        line += (is_first ? "" : ", ") + std::to_string(count) + " " + phase;
        is_first = false;
    }
    line = printable(line) + "\n";
    if (was_nothing_selected(items)) {
        line +=
            "No host is offered anything of what was selected: either all of them have it "
            "already,\n"
            "or it is spelt another way. thimble affected tells where a vulnerability is open.\n";
    }
    return line;
}

std::string deployment_detail(
    const JsonValue& deployment,
    std::span<const JsonValue> items,
    const std::map<std::string, std::vector<std::string>>& last_words) {
    const auto said = [&deployment](std::string_view member) {
        return printable(member_text(deployment, member).value_or("-"));
    };
    std::string out = "Deployment " + said("id") + "\n";
    out += "  made " + said("created_at") + " by " + said("by") + ": " + said("why") + "\n";
    out += "  selection " + said("selection") + "\n";
    if (const auto cancelled = member_text(deployment, "cancelled_at")) {
        out += "  cancelled " + printable(*cancelled) + "\n";
    }
    std::vector<std::string> ids;
    for (const JsonValue& item : items) {
        ids.push_back(member_text(item, "host_id").value_or(""));
    }
    const std::size_t width = short_id_width(ids);
    for (const JsonValue& item : items) {
        out += TableLine()
                   .cell(member_text(item, "host").value_or("?"), kHostWidth)
                   .cell(member_text(item, "host_id").value_or("").substr(0, width), width)
                   .cell(phase_of(item), kPhaseWidth)
                   .cell(member_text(item, "since").value_or(""), kInstantWidth)
                   .text();
        const std::string why = member_text(item, "why").value_or(progress_of(item));
        if (!why.empty()) {
            out += "  " + printable(why) + "\n";
        }
        const auto words = last_words.find(member_text(item, "id").value_or(""));
        if (words != last_words.end()) {
            for (const std::string& line : words->second) {
                out += "  | " + printable(line, kMostOutputBytes) + "\n";
            }
        }
    }
    return out + deployment_summary(items);
}

int deployment_exit_status(std::span<const JsonValue> items) {
    bool is_unknown = items.empty();
    for (const JsonValue& item : items) {
        const std::string phase = phase_of(item);
        if (phase == "unknown") {
            is_unknown = true;
        } else if (std::ranges::find(kWell, phase) == kWell.end()) {
            return 1;
        }
    }
    return is_unknown ? 2 : 0;
}

}  // namespace thimble::client
