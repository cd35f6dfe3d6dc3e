#include "thimble/server/dispatcher.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/server/answer_once.hpp"
#include "thimble/server/authentication.hpp"
#include "thimble/server/catch_up.hpp"
#include "thimble/server/expand_document.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/openapi.hpp"
#include "thimble/server/problem.hpp"

#include <array>

namespace thimble::server {
namespace {

constexpr std::size_t kSmallBody = std::size_t{64} << 10U;
constexpr std::size_t kLargeBody = std::size_t{4} << 20U;
constexpr std::size_t kReportsBody = std::size_t{4} << 20U;
constexpr unsigned kOk = 200;
constexpr unsigned kNotModified = 304;
constexpr unsigned kUnauthorized = 401;
constexpr unsigned kNotFound = 404;
constexpr unsigned kMethodNotAllowed = 405;

Result<Answer> health(Context& /*context*/, const Call& /*call*/) {
    return Answer(Response{kOk, "application/json", R"({"status":"ok"})", {}});
}

Result<Answer> description(Context& /*context*/, const Call& /*call*/) {
    static const std::string kDocument = openapi_document();
    return Answer(Response{kOk, "application/json", kDocument, {}});
}

// NOLINTNEXTLINE(readability-function-size): one line for each endpoint
Handler handler_of(Endpoint endpoint) {
    switch (endpoint) {
        case Endpoint::Health: return health;
        case Endpoint::Description: return description;
        case Endpoint::ApiPage: return api_page;
        case Endpoint::ApiStyle: return api_style;
        case Endpoint::WelcomePage: return welcome_page;
        case Endpoint::WelcomeScript: return welcome_script;
        case Endpoint::SignIn: return sign_in;
        case Endpoint::RedeemLink: return redeem_link;
        case Endpoint::StartSignOn: return start_sign_on;
        case Endpoint::FinishSignOn: return finish_sign_on;
        case Endpoint::RedeemSignOn: return redeem_sign_on;
        case Endpoint::ShowSession: return show_session;
        case Endpoint::SignOut: return sign_out;
        case Endpoint::ChangePassword: return change_password;
        case Endpoint::Events: return events;
        case Endpoint::List: return list;
        case Endpoint::Item: return item;
        case Endpoint::AffectedHosts: return affected_hosts;
        case Endpoint::CreateEnrolmentToken: return create_enrolment_token;
        case Endpoint::RevokeEnrolmentToken: return revoke_enrolment_token;
        case Endpoint::CreateApiToken: return create_api_token;
        case Endpoint::RevokeApiToken: return revoke_api_token;
        case Endpoint::CreateUser: return create_user;
        case Endpoint::ChangeUser: return change_user;
        case Endpoint::CreateUserLink: return create_user_link;
        case Endpoint::ChangeHost: return change_host;
        case Endpoint::RevokeHost: return revoke_host;
        case Endpoint::CreateJob: return create_job;
        case Endpoint::CreateDeployment: return create_deployment;
        case Endpoint::EndDeployment: return end_deployment;
        case Endpoint::CreateRollout: return create_rollout;
        case Endpoint::ActOnRollout: return act_on_rollout;
        case Endpoint::ApproveRollout: return approve_rollout;
        case Endpoint::ExplainRollout: return explain_rollout;
        case Endpoint::ShowOutlook: return show_outlook;
        case Endpoint::CreateException: return create_exception;
        case Endpoint::ActOnException: return act_on_exception;
        case Endpoint::AddExceptionEvidence: return add_exception_evidence;
        case Endpoint::DeferHost: return defer_host;
        case Endpoint::ReviewTakenBack: return review_taken_back;
        case Endpoint::ShowEvidence: return show_evidence;
        case Endpoint::ProposeControl: return propose_control;
        case Endpoint::ApproveControl: return approve_control;
        case Endpoint::EnforceControl: return enforce_control;
        case Endpoint::ActOnControl: return act_on_control;
        case Endpoint::ControlProposals: return control_proposals;
        case Endpoint::SetPolicies: return set_policies;
        case Endpoint::SetPolicy: return set_policy;
        case Endpoint::RemovePolicy: return remove_policy;
        case Endpoint::ShowHalt: return show_halt;
        case Endpoint::Halt: return halt;
        case Endpoint::EndHalt: return end_halt;
        case Endpoint::Enrol: return enrol;
        case Endpoint::RenewCertificate: return renew_certificate;
        case Endpoint::CheckIn: return check_in;
        case Endpoint::PutDocument: return put_document;
        case Endpoint::TakeReports: return take_reports;
        case Endpoint::AgentJobs: return agent_jobs;
        case Endpoint::GrantLease: return grant_lease;
    }
    return health;
}

Response unauthorized(const Error& error) {
    Response response = problem(kUnauthorized, error.code, error.text());
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

/// What who may do it, but came with a token that may not, does about it.
std::string way_to(const Principal& principal, Action action) {
    if (!actions_of(principal.account.role).has(action)) {
        return "";
    }
    return action == Action::Administer
        ? ", which you have and this token has not: thimble login --administer"
        : ", which you have and this token has not";
}

Answer answer_signed_in(Context& context, const Request& request, const Routed& routed) {
    if (context.database.is_shared()) {
        // Who changes something through one server and asks another finds it changed.
        if (const auto heard = catch_up(context, request.now); !heard) {
            return problem_of(heard.error());
        }
    }
    const auto principal = authenticate(context, request);
    if (!principal) {
        return principal.error().code == "server.not_signed_in" ? unauthorized(principal.error())
                                                                : problem_of(principal.error());
    }
    if (!principal->actions.has(routed.route->action)) {
        return problem_of(failure(
            ErrorKind::Denied,
            "server.not_allowed",
            "this needs the action " + std::string(action_name(routed.route->action))
                + way_to(*principal, routed.route->action)));
    }
    if (routed.route->action == Action::Administer && principal->host_group != kEveryGroup) {
        // People and tokens reach beyond any group: who made one could make himself free of it.
        return problem_of(failure(
            ErrorKind::Denied,
            "server.not_allowed",
            "this is not for who is limited to one host group"));
    }
    const Call call{request, routed.parameters, &*principal};
    const Handler handler = handler_of(routed.route->endpoint);
    const std::string_view key = request.header("idempotency-key");
    if (request.method != Method::Get && !key.empty()) {
        return answer_once(context, call, {routed.route->endpoint, handler}, key);
    }
    return answer_of(handler(context, call));
}

}  // namespace

std::size_t body_limit(const Routed& routed) {
    if (routed.route == nullptr || routed.route->method == Method::Get) {
        return 0;
    }
    if (routed.route->endpoint == Endpoint::PutDocument) {
        return kMaxCompressedBytes;
    }
    const Endpoint endpoint = routed.route->endpoint;
    if (endpoint == Endpoint::SetPolicies || endpoint == Endpoint::SetPolicy
        || endpoint == Endpoint::AddExceptionEvidence) {
        return kLargeBody;
    }
    return endpoint == Endpoint::TakeReports ? kReportsBody : kSmallBody;
}

std::optional<Response> refusal_of(Context& context, const Request& request, const Routed& routed) {
    if (routed.route == nullptr && routed.allowed.empty()) {
        return problem(kNotFound, "server.no_address", "there is nothing at this address");
    }
    if (routed.route == nullptr) {
        Response response =
            problem(kMethodNotAllowed, "server.no_method", "this address knows " + routed.allowed);
        response.headers.emplace_back("Allow", routed.allowed);
        return response;
    }
    if (routed.route->door == Door::Agent) {
        if (!request.certificate) {
            return unauthorized(failure(
                ErrorKind::Denied,
                "server.no_certificate",
                "this address needs a certificate that this server signed"));
        }
        const auto admitted = context.roster.with(
            [&](const Roster& roster) { return roster.admit(request.certificate->host_id); });
        if (!admitted) {
            return problem_of(admitted.error());
        }
    }
    return std::nullopt;
}

bool is_stranger(const Context& context, const Request& request, const Routed& routed) {
    return context.database.is_shared() && routed.route != nullptr
        && routed.route->door == Door::Agent && request.certificate
        && context.roster.with([&](const Roster& roster) {
               return roster.group_of(request.certificate->host_id).empty();
           });
}

Response meet_stranger(Context& context, const Request& request) {
    const auto heard = catch_up(context, request.now);
    return heard ? Response{} : problem_of(heard.error());
}

Answer answer(Context& context, const Request& request, const Routed& routed, Attempt attempt) {
    switch (routed.route->door) {
        case Door::SignedIn: return answer_signed_in(context, request, routed);
        case Door::Agent: {
            const Call call{
                request,
                routed.parameters,
                nullptr,
                request.certificate.value_or(PeerCertificate{}).host_id,
                attempt};
            return answer_of(handler_of(routed.route->endpoint)(context, call));
        }
        case Door::Anybody: break;
    }
    return answer_of(handler_of(routed.route->endpoint)(context, Call{request, routed.parameters}));
}

Response finished(const Request& request, Response response) {
    static constexpr std::array<std::pair<const char*, const char*>, 7> kSecurity{{
        {"Strict-Transport-Security", "max-age=31536000"},
        {"Content-Security-Policy",
         "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    }};
    const bool is_for_agents =
        !request.target.segments.empty() && request.target.segments.front() == "agent";
    if (!is_for_agents) {  // no browser there, and every byte counts
        for (const auto& [name, value] : kSecurity) {
            response.headers.emplace_back(name, value);
        }
        response.headers.emplace_back("Cache-Control", "private, no-cache");
    }
    if (request.method == Method::Get && response.status == kOk && !is_for_agents) {
        const std::string tag = "\"" + sha256_of(response.body).substr(0, 32) + "\"";
        response.headers.emplace_back("ETag", tag);
        if (request.header("if-none-match").contains(tag)) {
            response.status = kNotModified;
            response.body.clear();
            response.content_type.clear();
        }
    }
    return response;
}

}  // namespace thimble::server
