#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/server/authentication.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/parse_target.hpp"
#include "thimble/server/password.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/server/session.hpp"
#include "thimble/store/tokens.hpp"

namespace thimble::server {
namespace {

constexpr unsigned kNoContent = 204;

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

}  // namespace

Result<Answer> sign_in(Context& context, const Call& call) {
    const Request& request = call.request;
    THIMBLE_TRY(const JsonValue body, body_of(request));
    JsonMembers members(body);
    const std::string given = members.text("name");
    const std::string password = members.text("password");
    THIMBLE_TRY(check_members(members));
    THIMBLE_TRY(const std::string name, checked_word(given, "name"));
    THIMBLE_TRY(auto wait, must_wait(context, name, request));
    if (wait) {
        return Answer(*std::move(wait));
    }
    THIMBLE_TRY(const auto account, context.database.look([&](store::Connection& connection) {
        return store::account_of_name(connection, name);
    }));
    const bool is_usable = account && account->disabled_at == Instant{};
    const bool is_right = is_password(is_usable ? account->password_hash : "", password);
    if (!is_usable || !is_right) {
        THIMBLE_TRY(note_failed_sign_in(context, request, name, ""));
        return wrong_password();
    }
    return open_session_for(context, call, *account, "");
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
    return open_session_for(context, call, *account, "");
}

Result<Answer> show_session(Context& /*context*/, const Call& call) {
    Response response;
    JsonWriter json(response.body);
    json.open_object();
    json.member("user", call.principal->account.name);
    json.member("role", role_name(call.principal->account.role));
    json.member("actions", format_actions(call.principal->actions));
    json.member("group", call.principal->host_group);
    if (!call.principal->session_digest.empty()) {
        // Who came by a provider has not seen it: the answer then was a page.
        const Request& request = call.request;
        json.member(
            "csrf", csrf_of(std::string(cookie_value(request.header("cookie"), kSessionCookie))));
    }
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
    response.headers.emplace_back("Set-Cookie", session_cookie("", std::chrono::seconds(0)));
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
    THIMBLE_TRY(auto wait, must_wait(context, account.name, request));
    if (wait) {
        return Answer(*std::move(wait));
    }
    if (!is_password(account.password_hash, old)) {
        THIMBLE_TRY(note_failed_sign_in(context, request, account.name, ""));
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
