#include "thimble/server/authentication.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/server/parse_target.hpp"
#include "thimble/server/random.hpp"
#include "thimble/store/tokens.hpp"

namespace thimble::server {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr std::size_t kMaxSecretBytes = 256;

Error not_signed_in() {
    return failure(
        ErrorKind::Denied, "server.not_signed_in", "sign in, or send a token that is still good");
}

Result<Principal> principal_of_token(
    Context& context, const std::string& secret, const Request& request) {
    THIMBLE_TRY(const auto found, context.database.look([&](store::Connection& connection) {
        return store::api_token_of_digest(connection, sha256_of(secret), request.now);
    }));
    if (!found) {
        return not_signed_in();
    }
    // A token never outgrows what its account may do now.
    const auto group = common_group(found->token.host_group, found->account.host_group);
    const Actions own = parse_actions(found->token.actions).value_or(Actions());
    return Principal{
        "token:" + found->token.id,
        found->account,
        group ? own.both(actions_of(found->account.role)) : Actions(),
        group.value_or(found->token.host_group),
        "",
        found->token.name};
}

Result<Principal> principal_of_session(
    Context& context, const std::string& secret, const Request& request) {
    const std::string digest = sha256_of(secret);
    THIMBLE_TRY(const auto account, context.database.look([&](store::Connection& connection) {
        return store::account_of_session(connection, digest, request.now);
    }));
    if (!account) {
        return not_signed_in();
    }
    if (request.method != Method::Get
        && !equal_in_constant_time(std::string(request.header("thimble-csrf")), csrf_of(secret))) {
        return failure(
            ErrorKind::Denied,
            "server.no_csrf",
            "changes need the header Thimble-Csrf with the value that signing in gave");
    }
    return Principal{
        "user:" + account->name,
        *account,
        actions_of(account->role),
        account->host_group,
        digest,
        ""};
}

}  // namespace

std::string csrf_of(const std::string& session_secret) {
    return sha256_of("csrf " + session_secret);
}

Result<Principal> authenticate(Context& context, const Request& request) {
    const std::string_view authorization = request.header("authorization");
    if (authorization.starts_with(kBearer) && authorization.size() <= kMaxSecretBytes) {
        return principal_of_token(
            context, std::string(authorization.substr(kBearer.size())), request);
    }
    const std::string_view cookie = cookie_value(request.header("cookie"), kSessionCookie);
    if (authorization.empty() && !cookie.empty() && cookie.size() <= kMaxSecretBytes) {
        return principal_of_session(context, std::string(cookie), request);
    }
    return not_signed_in();
}

}  // namespace thimble::server
