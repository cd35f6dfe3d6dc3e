#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/server/authentication.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/password.hpp"
#include "thimble/server/problem.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/store/tokens.hpp"

#include <algorithm>

namespace thimble::server {
namespace {

constexpr std::chrono::hours kSessionHours{12};
constexpr unsigned kTooManyAttempts = 429;
constexpr unsigned kNoContent = 204;

std::string cookie_of(const std::string& secret, std::chrono::seconds age) {
    return std::string(kSessionCookie) + "=" + secret + "; Path=/; Max-Age="
        + std::to_string(age.count()) + "; Secure; HttpOnly; SameSite=Strict";
}

void write_who(JsonWriter& json, const store::Account& account, Actions actions) {
    json.member("user", account.name);
    json.member("role", role_name(account.role));
    json.member("actions", format_actions(actions));
}

/// Opens a session within a transaction.
/// @return its secret
Result<std::string> open_session(
    store::Connection& connection, const store::Account& account, Instant now) {
    std::string secret = random_secret();
    THIMBLE_TRY(store::forget_expired(connection, now));
    THIMBLE_TRY(
        store::add_session(connection, {sha256_of(secret), account.id, now, now + kSessionHours}));
    return secret;
}

Response signed_in(const store::Account& account, const std::string& secret) {
    Response response;
    JsonWriter json(response.body);
    json.open_object();
    write_who(json, account, actions_of(account.role));
    json.member("csrf", csrf_of(secret));
    json.close_object();
    response.headers.emplace_back("Set-Cookie", cookie_of(secret, kSessionHours));
    return response;
}

Response wait_first(std::chrono::seconds wait) {
    Response response = problem(
        kTooManyAttempts,
        "server.locked_out",
        "too many failed attempts; try again in " + std::to_string(wait.count()) + " s");
    response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
    return response;
}

/// The id of the token that was used; empty: it was a session.
std::string token_of(const Principal& principal) {
    constexpr std::string_view kToken = "token:";
    return principal.actor.starts_with(kToken) ? principal.actor.substr(kToken.size())
                                               : std::string();
}

Error bad_link() {
    return failure(
        ErrorKind::Denied, "server.bad_link", "the link was used, has expired, or never was");
}

Error wrong_password() {
    return failure(ErrorKind::Denied, "server.wrong_password", "the name or the password is wrong");
}

/// Counts and records a failed attempt. What is recorded is bounded by the limit on attempts.
Result<void> note_failure(Context& context, const Call& call, const std::string& name) {
    const Request& request = call.request;
    context.sign_in_limit.with(
        [&](SignInLimit& limit) { limit.failed(name, request.peer_address, request.now); });
    return change(
        context, request.now, [&](store::Connection& /*connection*/, Trail& trail) -> Result<void> {
            return trail.note(
                {"server",
                 "session.refuse",
                 "user:" + name,
                 "",
                 "",
                 "from " + request.peer_address});
        });
}

Result<Answer> open_for(
    Context& context, const Call& call, const store::Account& account, const char* action) {
    THIMBLE_TRY(
        const std::string secret,
        change(
            context,
            call.request.now,
            [&](store::Connection& connection, Trail& trail) -> Result<std::string> {
                THIMBLE_TRY(trail.note(
                    {"user:" + account.name,
                     action,
                     account.id,
                     "",
                     "",
                     "from " + call.request.peer_address}));
                return open_session(connection, account, call.request.now);
            }));
    return Answer(signed_in(account, secret));
}

}  // namespace

Result<Answer> sign_in(Context& context, const Call& call) {
    const Request& request = call.request;
    THIMBLE_TRY(const JsonValue body, body_of(request));
    JsonMembers members(body);
    const std::string given = members.text("name");
    const std::string password = members.text("password");
    THIMBLE_TRY(check_members(members));
    THIMBLE_TRY(const std::string name, checked_word(given, "name"));
    const auto wait = context.sign_in_limit.with([&](const SignInLimit& limit) {
        return limit.wait_for(name, request.peer_address, request.now);
    });
    if (wait.count() > 0) {
        return Answer(wait_first(wait));
    }
    THIMBLE_TRY(const auto account, context.database.look([&](store::Connection& connection) {
        return store::account_of_name(connection, name);
    }));
    const bool is_usable = account && account->disabled_at == Instant{};
    const bool is_right = is_password(is_usable ? account->password_hash : "", password);
    if (!is_usable || !is_right) {
        THIMBLE_TRY(note_failure(context, call, name));
        return wrong_password();
    }
    context.sign_in_limit.with(
        [&](SignInLimit& limit) { limit.succeeded(name, request.peer_address); });
    return open_for(context, call, *account, "session.create");
}

Result<Answer> redeem_link(Context& context, const Call& call) {
    const Request& request = call.request;
    THIMBLE_TRY(const JsonValue body, body_of(request));
    JsonMembers members(body);
    const std::string secret = members.text("secret");
    const std::string password = members.text("password");
    THIMBLE_TRY(check_members(members));
    // Hashing costs on purpose: not for whoever has no link.
    THIMBLE_TRY(const bool is_there, context.database.look([&](store::Connection& connection) {
        return store::has_sign_in_link(connection, sha256_of(secret), request.now);
    }));
    if (!is_there) {
        return bad_link();
    }
    THIMBLE_TRY(const std::string hash, hash_password(password));
    auto account = change(
        context,
        request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<store::Account> {
            THIMBLE_TRY(
                auto found, store::redeem_sign_in_link(connection, sha256_of(secret), request.now));
            if (!found) {
                return bad_link();
            }
            THIMBLE_TRY(store::set_password(connection, found->id, hash));
            THIMBLE_TRY(trail.note(
                {"user:" + found->name,
                 "link.redeem",
                 found->id,
                 "",
                 "",
                 "from " + request.peer_address}));
            return *std::move(found);
        });
    if (!account) {
        return std::move(account).error();
    }
    return open_for(context, call, *account, "session.create");
}

Result<Answer> show_session(Context& /*context*/, const Call& call) {
    Response response;
    JsonWriter json(response.body);
    json.open_object();
    write_who(json, call.principal->account, call.principal->actions);
    json.member("group", call.principal->host_group);
    json.close_object();
    return Answer(std::move(response));
}

Result<Answer> sign_out(Context& context, const Call& call) {
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            const std::string token = token_of(*call.principal);
            if (!token.empty()) {
                THIMBLE_TRY(store::revoke_api_token(connection, token, call.request.now));
                return trail.note({call.principal->actor, "api-token.revoke", token, "", "", ""});
            }
            THIMBLE_TRY(store::end_session(connection, call.principal->session_digest));
            return trail.note(
                {call.principal->actor, "session.end", call.principal->account.id, "", "", ""});
        }));
    Response response{kNoContent, "", "", {}};
    response.headers.emplace_back("Set-Cookie", cookie_of("", std::chrono::seconds(0)));
    return Answer(std::move(response));
}

Result<Answer> change_password(Context& context, const Call& call) {
    const Request& request = call.request;
    const store::Account& account = call.principal->account;
    if (call.principal->session_digest.empty()) {
        return failure(
            ErrorKind::Denied, "server.not_a_person", "a token cannot change a password");
    }
    THIMBLE_TRY(const JsonValue body, body_of(request));
    JsonMembers members(body);
    const std::string old = members.text("old");
    const std::string password = members.text("new");
    THIMBLE_TRY(check_members(members));
    const auto wait = context.sign_in_limit.with([&](const SignInLimit& limit) {
        return limit.wait_for(account.name, request.peer_address, request.now);
    });
    if (wait.count() > 0) {
        return Answer(wait_first(wait));
    }
    if (!is_password(account.password_hash, old)) {
        THIMBLE_TRY(note_failure(context, call, account.name));
        return wrong_password();
    }
    THIMBLE_TRY(const std::string hash, hash_password(password));
    THIMBLE_TRY(change(
        context, request.now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(store::set_password(connection, account.id, hash));
            return trail.note({call.principal->actor, "user.password", account.id, "", "", ""});
        }));
    return Answer(Response{kNoContent, "", "", {}});
}

}  // namespace thimble::server
