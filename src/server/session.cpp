#include "thimble/server/session.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/server/authentication.hpp"
#include "thimble/server/problem.hpp"
#include "thimble/server/random.hpp"

namespace thimble::server {
namespace {

constexpr unsigned kTooManyAttempts = 429;

/// What failures count by beside the address. Without a name it is the address again, or whoever fails often
/// enough would lock everybody out.
std::string counted_name(const std::string& name, const Request& request) {
    return name.empty() ? "@" + request.peer_address : name;  // no account has such a name
}

Response signed_in(const store::Account& account, const std::string& secret) {
    Response response;
    JsonWriter json(response.body);
    json.open_object();
    json.member("user", account.name);
    json.member("role", role_name(account.role));
    json.member("actions", format_actions(actions_of(account.role)));
    json.member("csrf", csrf_of(secret));
    json.close_object();
    response.headers.emplace_back("Set-Cookie", session_cookie(secret, kSessionHours));
    return response;
}

}  // namespace

std::string session_cookie(const std::string& secret, std::chrono::seconds age) {
    return std::string(kSessionCookie) + "=" + secret + "; Path=/; Max-Age="
        + std::to_string(age.count()) + "; Secure; HttpOnly; SameSite=Strict";
}

Result<std::string> open_session(
    store::Connection& connection, const store::Account& account, Instant now) {
    std::string secret = random_secret();
    THIMBLE_TRY(store::forget_expired(connection, now));
    THIMBLE_TRY(
        store::add_session(connection, {sha256_of(secret), account.id, now, now + kSessionHours}));
    return secret;
}

Result<Answer> open_session_for(
    Context& context, const Call& call, const store::Account& account, const std::string& how) {
    const Request& request = call.request;
    THIMBLE_TRY(
        const std::string secret,
        change(
            context,
            request.now,
            [&](store::Connection& connection, Trail& trail) -> Result<std::string> {
                THIMBLE_TRY(trail.note(
                    {"user:" + account.name,
                     "session.create",
                     account.id,
                     "",
                     "",
                     "from " + request.peer_address + (how.empty() ? "" : " " + how)}));
                return open_session(connection, account, request.now);
            }));
    return Answer(signed_in(account, secret));
}

std::optional<Response> must_wait(
    Context& context, const std::string& name, const Request& request) {
    const auto wait = context.sign_in_limit.with([&](const SignInLimit& limit) {
        return limit.wait_for(counted_name(name, request), request.peer_address, request.now);
    });
    if (wait.count() == 0) {
        return std::nullopt;
    }
    Response response = problem(
        kTooManyAttempts,
        "server.locked_out",
        "too many failed attempts; try again in " + std::to_string(wait.count()) + " s");
    response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
    return response;
}

Result<void> note_failed_sign_in(
    Context& context, const Request& request, const std::string& name, const std::string& why) {
    context.sign_in_limit.with([&](SignInLimit& limit) {
        limit.failed(counted_name(name, request), request.peer_address, request.now);
    });
    return change(
        context, request.now, [&](store::Connection& /*connection*/, Trail& trail) -> Result<void> {
            return trail.note(
                {"server",
                 "session.refuse",
                 name.empty() ? "" : "user:" + name,
                 "",
                 "",
                 "from " + request.peer_address + (why.empty() ? "" : ": " + why)});
        });
}

}  // namespace thimble::server
