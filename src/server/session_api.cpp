#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/server/authentication.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/password.hpp"
#include "thimble/server/problem.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/server/sign_in_limit.hpp"

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

Error bad_link() {
    return failure(
        ErrorKind::Denied, "server.bad_link", "the link was used, has expired, or never was");
}

Error wrong_password() {
    return failure(ErrorKind::Denied, "server.wrong_password", "the name or the password is wrong");
}

/// How long who gives that name has to wait.
Result<std::chrono::seconds> wait_of(
    Context& context, const Request& request, const std::string& name) {
    const auto attempts = sign_in_attempts(name, request.peer_address);
    return context.database.look(
        [&](store::Connection& connection) -> Result<std::chrono::seconds> {
            SignInCounts counts;
            for (std::size_t i = 0; i < kSignInCounts; ++i) {
                THIMBLE_TRY(counts.at(i), store::sign_in_failures(connection, attempts.at(i)));
            }
            return sign_in_wait(counts, request.now);
        });
}

/// Counts and records a failed attempt. What is recorded is bounded by the limit on attempts.
Result<void> note_failure(Context& context, const Call& call, const std::string& name) {
    const Request& request = call.request;
    return change(
        context, request.now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            for (const std::string& attempt : sign_in_attempts(name, request.peer_address)) {
                THIMBLE_TRY(const auto before, store::sign_in_failures(connection, attempt));
                THIMBLE_TRY(store::set_sign_in_failures(
                    connection, attempt, after_failure(before, request.now)));
            }
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
                // Of that name from that address: those that it has in common with others count on.
                THIMBLE_TRY(store::forget_sign_in_failures(
                    connection, sign_in_attempts(account.name, call.request.peer_address).front()));
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
    THIMBLE_TRY(const auto wait, wait_of(context, request, name));
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
    THIMBLE_TRY(const auto wait, wait_of(context, request, account.name));
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
