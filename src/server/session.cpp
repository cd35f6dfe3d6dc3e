#include "thimble/server/session.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/server/authentication.hpp"
#include "thimble/server/problem.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/sign_in_limit.hpp"

namespace thimble::server {
namespace {

constexpr unsigned kTooManyAttempts = 429;

/// What failures count by beside the address. Without a name it is the address again, or whoever fails often
/// enough would lock everybody out.
std::string counted_name(const std::string& name, const Request& request) {
    return name.empty() ? "@" + request.peer_address : name;  // no account has such a name
}

std::array<std::string, kSignInCounts> attempts_of(
    const std::string& name, const Request& request) {
    return sign_in_attempts(counted_name(name, request), request.peer_address);
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
                // Of that name from that address: those that it has in common with others count on.
                THIMBLE_TRY(store::forget_sign_in_failures(
                    connection, sign_in_attempts(account.name, request.peer_address).front()));
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

Result<std::optional<Response>> must_wait(
    Context& context, const std::string& name, const Request& request) {
    const auto attempts = attempts_of(name, request);
    THIMBLE_TRY(
        const std::chrono::seconds wait,
        context.database.look([&](store::Connection& connection) -> Result<std::chrono::seconds> {
            SignInCounts counts;
            for (std::size_t i = 0; i < kSignInCounts; ++i) {
                THIMBLE_TRY(counts.at(i), store::sign_in_failures(connection, attempts.at(i)));
            }
            return sign_in_wait(counts, request.now);
        }));
    if (wait.count() == 0) {
        return std::optional<Response>();
    }
    Response response = problem(
        kTooManyAttempts,
        "server.locked_out",
        "too many failed attempts; try again in " + std::to_string(wait.count()) + " s");
    response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
    return std::optional(std::move(response));
}

Result<void> note_failed_sign_in(
    Context& context, const Request& request, const std::string& name, const std::string& why) {
    return change(
        context, request.now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            for (const std::string& attempt : attempts_of(name, request)) {
                THIMBLE_TRY(const auto before, store::sign_in_failures(connection, attempt));
                THIMBLE_TRY(store::set_sign_in_failures(
                    connection, attempt, after_failure(before, request.now)));
            }
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
