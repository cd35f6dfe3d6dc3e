#include "thimble/client/log_in.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/client/api_connection.hpp"
#include "thimble/client/fleet_page.hpp"

#include <sys/random.h>

#include <array>
#include <span>
#include <utility>

namespace thimble::client {
namespace {

constexpr int kTokenDays = 30;

/// Of what an account may do, what these commands need: no token administers unless it was asked for.
std::string wanted_actions(const std::string& actions, bool administer) {
    std::string wanted = "read";
    for (const char* action : {"operate", "approve"}) {
        if (actions.contains(action)) {
            wanted.append(",").append(action);
        }
    }
    if (administer && actions.contains("administer")) {
        wanted += ",administer";
    }
    return wanted;
}

/// Turns the session that was just opened into an API token, and ends it.
/// @param session  what the server answered
Result<FleetContext> token_of_session(
    ApiConnection& connection, FleetContext where, const std::string& session, bool administer) {
    THIMBLE_TRY(const std::string csrf, parse_answer_member(session, "csrf"));
    THIMBLE_TRY(const std::string actions, parse_answer_member(session, "actions"));
    const std::string header = "Thimble-Csrf: " + csrf;
    std::string wish;
    JsonWriter(wish)
        .open_object()
        .member("name", "thimble login")
        .member("actions", wanted_actions(actions, administer))
        .key("days")
        .number(kTokenDays)
        .close_object();
    THIMBLE_TRY(
        const std::string made,
        connection.ask({"POST", "/api/v1/api-tokens", std::move(wish), {header}}));
    THIMBLE_TRY(where.token, parse_answer_member(made, "token"));
    THIMBLE_TRY(connection.ask({"DELETE", "/api/v1/session", "", {header}}));
    return where;
}

std::string random_secret() {
    constexpr std::size_t kBytes = 32;
    std::array<unsigned char, kBytes> bytes{};
    // Without entropy nothing may go on.
    THIMBLE_CHECK(::getrandom(bytes.data(), kBytes, 0) == static_cast<ssize_t>(kBytes));
    return hex_of(bytes);
}

}  // namespace

Result<void> reach(const FleetContext& context) {
    ApiConnection connection = ApiConnection::open(context.url, context.authority);
    THIMBLE_TRY(connection.ask({"GET", "/api/v1/health"}));
    return {};
}

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
    return token_of_session(
        connection, {wanted.url, wanted.authority, ""}, session, wanted.administer);
}

SignOn begin_sign_on(const std::string& url) {
    SignOn begun;
    begun.verifier = random_secret();
    begun.address = url + "/sso?challenge=" + sha256_of(begun.verifier);
    return begun;
}

std::string trimmed_code(std::string_view text) {
    constexpr std::string_view kAround = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kAround);
    if (first == std::string_view::npos) {
        return {};
    }
    return std::string(text.substr(first, text.find_last_not_of(kAround) - first + 1));
}

Result<FleetContext> log_in_by_code(
    FleetContext where, const SignOn& begun, const std::string& code) {
    ApiConnection connection = ApiConnection::open(where.url, where.authority);
    std::string body;
    JsonWriter(body)
        .open_object()
        .member("code", trimmed_code(code))
        .member("verifier", begun.verifier)
        .close_object();
    THIMBLE_TRY(
        const std::string session, connection.ask({"POST", "/api/v1/sso/redeem", std::move(body)}));
    return token_of_session(connection, std::move(where), session, begun.administer);
}

Result<std::string> add_user(const FleetContext& context, const NewUser& user) {
    std::string body;
    JsonWriter(body)
        .open_object()
        .member("name", user.name)
        .member("role", user.role)
        .member_or_null("group", user.group)
        .member_or_null("subject", user.subject)
        .close_object();
    THIMBLE_TRY(
        const std::string made, call_api(context, {"POST", "/api/v1/users", std::move(body)}));
    auto answer = parse_json(made);
    if (!answer) {
        return failure(ErrorKind::Corrupt, "client.odd_answer", "the server's answer is odd");
    }
    JsonMembers members(*answer);
    return members.text_or_null("link");
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
