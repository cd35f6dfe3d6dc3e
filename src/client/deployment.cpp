#include "thimble/client/deployment.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/client/api_connection.hpp"
#include "thimble/client/cell.hpp"
#include "thimble/client/fleet_page.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/protocol/identifier.hpp"
#include "thimble/protocol/job.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace thimble::client {
namespace {

constexpr std::array<std::string_view, 5> kUnderWay{
    "planning", "rehearsing", "applying", "verifying", "restarting"};
constexpr std::array<std::string_view, 2> kWell{"verified", "nothing-to-do"};
constexpr std::size_t kHostWidth = 20;
constexpr std::size_t kPhaseWidth = 16;
constexpr std::size_t kWhyWidth = 200;

std::vector<std::string> bearer(const FleetContext& context) {
    return {"Authorization: Bearer " + context.token};
}

/// How the job goes, or what it waits for.
std::string progress_of(const JsonValue& item) {
    const std::string progress = member_text(item, "progress").value_or("");
    return progress.empty() && member_text(item, "job_state") == "waiting"
        ? "waits for thimble-agent and thimble-agent-helper of that host"
        : progress;
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
    ApiConnection connection = ApiConnection::open(context.url, context.authority);
    THIMBLE_TRY(
        const std::string made,
        connection.ask({"POST", "/api/v1/deployments", std::move(body), bearer(context)}));
    return parse_answer_member(made, "id");
}

Result<void> cancel_deployment(const FleetContext& context, const std::string& id) {
    if (!protocol::is_identifier(id)) {
        return failure(ErrorKind::Invalid, "client.bad_id", "a deployment has no such id");
    }
    ApiConnection connection = ApiConnection::open(context.url, context.authority);
    THIMBLE_TRY(connection.ask({"DELETE", "/api/v1/deployments/" + id, "", bearer(context)}));
    return {};
}

Result<void> set_halt(const FleetContext& context, const std::string& why) {
    ApiConnection connection = ApiConnection::open(context.url, context.authority);
    if (why.empty()) {
        THIMBLE_TRY(connection.ask({"DELETE", "/api/v1/halt", "", bearer(context)}));
        return {};
    }
    std::string body;
    JsonWriter(body).open_object().member("why", why).close_object();
    THIMBLE_TRY(connection.ask({"PUT", "/api/v1/halt", std::move(body), bearer(context)}));
    return {};
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
        out += TableLine()
                   .cell(host, kHostWidth)
                   .cell(now.first, kPhaseWidth)
                   .cell(is_under_way ? now.second : why, kWhyWidth)
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
