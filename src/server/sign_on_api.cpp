// Signing in by a provider: the browser is sent there and comes back. For a terminal, the browser shows a
// code instead of getting a session: docs/adr/0035-sign-in-by-openid-connect.md.
#include "thimble/base/digest.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/parse_target.hpp"
#include "thimble/server/random.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/server/session.hpp"
#include "thimble/server/sign_on_account.hpp"
#include "thimble/server/sign_on_page.hpp"
#include "thimble/server/single_sign_on.hpp"
#include "thimble/store/identities.hpp"

namespace thimble::server {
namespace {

// For this host only, and sent when the provider's page leads back here: hence Lax.
constexpr std::string_view kSignOnCookie = "__Host-thimble-sign-on";
constexpr std::chrono::minutes kAttemptMinutes{10};
constexpr std::chrono::minutes kCodeMinutes{5};
constexpr std::size_t kMaxCookieBytes = 256;
constexpr unsigned kFound = 302;
constexpr unsigned kDenied = 403;
constexpr unsigned kUnavailable = 503;

Error no_provider() {
    return failure(
        ErrorKind::NotFound, "server.no_provider", "no provider of sign-in is configured here");
}

std::string sign_on_cookie(const std::string& value, std::chrono::seconds age) {
    return std::string(kSignOnCookie) + "=" + value
        + "; Path=/; Max-Age=" + std::to_string(age.count()) + "; Secure; HttpOnly; SameSite=Lax";
}

/// What the attempt's cookie has after its secret: the challenge of a terminal, or nothing.
std::string challenge_in(const std::string& cookie) {
    const std::size_t point = cookie.find('.');
    return point == std::string::npos ? "" : cookie.substr(point + 1);
}

std::string digest_of_code(const std::string& code, const std::string& challenge) {
    return sha256_of("sign-on code " + code + " " + challenge);
}

Response refused(unsigned status, const std::string& why, const std::string& code) {
    Response response = sign_on_page(status, "Signing in did not work", why + " [" + code + "]");
    response.headers.emplace_back("Set-Cookie", sign_on_cookie("", std::chrono::seconds(0)));
    return response;
}

/// Counted, unless it is the provider that does not answer, which is nobody's fault.
Result<Answer> note_and_refuse(Context& context, const Call& call, const Error& error) {
    const bool is_away = error.kind == ErrorKind::Unavailable;
    if (!is_away) {
        THIMBLE_TRY(
            note_failed_sign_in(context, call.request, "", "by the provider: " + error.code));
    }
    return Answer(refused(is_away ? kUnavailable : kDenied, error.text(), error.code));
}

/// A session for the browser.
Result<Answer> let_browser_in(Context& context, const Call& call, const store::Account& account) {
    const std::string how = "by " + context.sign_on->provider.configuration().issuer;
    THIMBLE_TRY(const Answer opened, open_session_for(context, call, account, how));
    Response page = sign_on_page(200, "Thimble", "You are signed in as " + account.name + ".");
    for (const auto& header : std::get<Response>(opened).headers) {
        page.headers.push_back(header);
    }
    page.headers.emplace_back("Set-Cookie", sign_on_cookie("", std::chrono::seconds(0)));
    return Answer(std::move(page));
}

/// A code for the terminal that the challenge is of.
Result<Answer> show_code(
    Context& context,
    const Call& call,
    const store::Account& account,
    const std::string& challenge) {
    const std::string code = random_secret();
    const Instant now = call.request.now;
    THIMBLE_TRY(
        change(context, now, [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(store::add_sign_on_code(
                connection, {digest_of_code(code, challenge), account.id, now + kCodeMinutes}));
            return trail.note(
                {"user:" + account.name,
                 "sign-on-code.create",
                 account.id,
                 "",
                 "",
                 "from " + call.request.peer_address});
        }));
    Response page = sign_on_page(
        200,
        "Thimble: a code for your terminal",
        "This lets the terminal in that asked for it, as " + account.name
            + ", within 5 minutes. Copy it only into the terminal in which you yourself started "
              "thimble login just now; give it to nobody.",
        code);
    page.headers.emplace_back("Set-Cookie", sign_on_cookie("", std::chrono::seconds(0)));
    return Answer(std::move(page));
}

}  // namespace

Result<Answer> start_sign_on(Context& context, const Call& call) {
    if (context.sign_on == nullptr) {
        return no_provider();
    }
    const Request& request = call.request;
    const std::string challenge(request.target.query_value("challenge"));
    if (!challenge.empty() && !is_sha256(challenge)) {
        return failure(ErrorKind::Invalid, "server.bad_challenge", "a challenge is a SHA-256");
    }
    if (auto wait = must_wait(context, "", request)) {
        return Answer(*std::move(wait));
    }
    const std::string cookie = random_secret() + (challenge.empty() ? "" : "." + challenge);
    auto address =
        context.sign_on->provider.authorization_address(openid::attempt_of(cookie), request.now);
    if (!address) {
        return Answer(refused(kUnavailable, address.error().text(), address.error().code));
    }
    Response response{kFound, "", "", {}};
    response.headers.emplace_back("Location", *std::move(address));
    response.headers.emplace_back("Set-Cookie", sign_on_cookie(cookie, kAttemptMinutes));
    response.headers.emplace_back("Cache-Control", "no-store");
    return Answer(std::move(response));
}

Result<Answer> finish_sign_on(Context& context, const Call& call) {
    if (context.sign_on == nullptr) {
        return no_provider();
    }
    const Request& request = call.request;
    const std::string cookie(cookie_value(request.header("cookie"), kSignOnCookie));
    const openid::Attempt attempt = openid::attempt_of(cookie);
    const std::string state(request.target.query_value("state"));
    if (cookie.empty() || cookie.size() > kMaxCookieBytes
        || !equal_in_constant_time(state, attempt.state)) {
        // Not counted: any page can send a browser here.
        return Answer(sign_on_page(
            kDenied,
            "Signing in did not work",
            "This browser did not begin this, or too long ago. Begin again."));
    }
    if (auto wait = must_wait(context, "", request)) {
        return Answer(*std::move(wait));
    }
    if (!request.target.query_value("error").empty()) {
        return note_and_refuse(
            context,
            call,
            failure(ErrorKind::Denied, "openid.refused", "the provider did not let you in"));
    }
    const auto identity = context.sign_on->provider.identity_of(
        {std::string(request.target.query_value("code")),
         std::string(request.target.query_value("iss"))},
        attempt,
        request.now);
    if (!identity) {
        return note_and_refuse(context, call, identity.error());
    }
    const auto account =
        change(context, request.now, [&](store::Connection& connection, Trail& trail) {
            return account_for(
                connection, trail, *identity, context.sign_on->provider.configuration());
        });
    if (!account) {
        return note_and_refuse(context, call, account.error());
    }
    const std::string challenge = challenge_in(cookie);
    return challenge.empty() ? let_browser_in(context, call, *account)
                             : show_code(context, call, *account, challenge);
}

Result<Answer> redeem_sign_on(Context& context, const Call& call) {
    const Request& request = call.request;
    THIMBLE_TRY(const JsonValue body, body_of(request));
    JsonMembers members(body);
    const std::string code = members.text("code");
    const std::string verifier = members.text("verifier");
    THIMBLE_TRY(check_members(members));
    if (auto wait = must_wait(context, "", request)) {
        return Answer(*std::move(wait));
    }
    const std::string digest = digest_of_code(code, sha256_of(verifier));
    THIMBLE_TRY(
        const auto account,
        change(context, request.now, [&](store::Connection& connection, Trail& /*trail*/) {
            return store::redeem_sign_on_code(connection, digest, request.now);
        }));
    if (!account) {
        THIMBLE_TRY(note_failed_sign_in(context, request, "", "by a code"));
        return failure(
            ErrorKind::Denied,
            "server.bad_code",
            "the code was used, has expired, or is of another terminal; begin again");
    }
    return open_session_for(context, call, *account, "by a code of the provider's sign-in");
}

}  // namespace thimble::server
