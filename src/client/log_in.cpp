#include "thimble/client/log_in.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/client/api_connection.hpp"
#include "thimble/client/fleet_page.hpp"

#include <span>
#include <utility>

namespace thimble::client {
namespace {

constexpr int kTokenDays = 30;

/// Of what an account may do, what these commands need: no token administers unless it was asked for.
std::string wanted_actions(const std::string& actions, bool administer) {
    std::string wanted = "read";
    if (actions.find("operate") != std::string::npos) {
        wanted += ",operate";
    }
    if (administer && actions.find("administer") != std::string::npos) {
        wanted += ",administer";
    }
    return wanted;
}

}  // namespace

Result<FleetContext> log_in(const LogIn& wanted) {
    ApiConnection connection = ApiConnection::open(wanted.url, wanted.authority);
    std::string body;
    JsonWriter(body)
        .open_object()
        .member("name", wanted.name)
        .member("password", wanted.password)
        .close_object();
    THIMBLE_TRY(
        const std::string session, connection.ask({"POST", "/api/v1/session", std::move(body)}));
    THIMBLE_TRY(const std::string csrf, parse_answer_member(session, "csrf"));
    THIMBLE_TRY(const std::string actions, parse_answer_member(session, "actions"));
    const std::string header = "Thimble-Csrf: " + csrf;
    std::string wish;
    JsonWriter(wish)
        .open_object()
        .member("name", "thimble login")
        .member("actions", wanted_actions(actions, wanted.administer))
        .key("days")
        .number(kTokenDays)
        .close_object();
    THIMBLE_TRY(
        const std::string made,
        connection.ask({"POST", "/api/v1/api-tokens", std::move(wish), {header}}));
    THIMBLE_TRY(std::string token, parse_answer_member(made, "token"));
    THIMBLE_TRY(connection.ask({"DELETE", "/api/v1/session", "", {header}}));
    return FleetContext{wanted.url, wanted.authority, std::move(token)};
}

Result<FleetContext> log_in_with_token(FleetContext context) {
    THIMBLE_TRY(call_api(context, {"GET", "/api/v1/session"}));
    return context;
}

Result<std::string> make_enrolment_token(const FleetContext& context, const EnrolmentWish& wish) {
    std::string body;
    JsonWriter json(body);
    json.open_object().member("name", wish.name).member("group", wish.group);
    json.key("reusable").boolean(wish.reusable).key("days").number(wish.days);
    json.member("tags", std::span<const std::string>(wish.tags)).close_object();
    THIMBLE_TRY(
        const std::string made,
        call_api(context, {"POST", "/api/v1/enrolment-tokens", std::move(body)}));
    return parse_answer_member(made, "token");
}

}  // namespace thimble::client
