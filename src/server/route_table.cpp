#include "thimble/server/route_table.hpp"

#include "thimble/store/list_table.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace thimble::server {
namespace {

using enum Endpoint;
using enum Door;
using enum Action;
using enum Method;

constexpr std::array kRoutes{
    Route{
        Get,
        "/api/v1/health",
        Health,
        Anybody,
        Read,
        Work::Memory,
        "",
        "Whether the server answers"},
    Route{
        Get,
        "/api/v1/openapi.json",
        Description,
        Anybody,
        Read,
        Work::Memory,
        "",
        "This description"},
    Route{Get, "/docs", ApiPage, Anybody, Read, Work::Memory, "", "This description, for people"},
    Route{Get, "/docs.css", ApiStyle, Anybody, Read, Work::Memory, "", "Its style sheet"},
    Route{
        Get,
        "/welcome",
        WelcomePage,
        Anybody,
        Read,
        Work::Memory,
        "",
        "The page that a one-time link leads to"},
    Route{Get, "/welcome.js", WelcomeScript, Anybody, Read, Work::Memory, "", "Its script"},
    Route{
        Post, "/api/v1/session", SignIn, Anybody, Read, Work::Password, "name,password", "Sign in"},
    Route{
        Post,
        "/api/v1/sign-in-links/redeem",
        RedeemLink,
        Anybody,
        Read,
        Work::Password,
        "secret,password",
        "Use a one-time link: choose a password and sign in"},
    Route{
        Get,
        "/sso",
        StartSignOn,
        Anybody,
        Read,
        Work::Provider,
        "",
        "Sends a browser to the provider of sign-in; with ?challenge= for a terminal"},
    Route{
        Get,
        "/sso/callback",
        FinishSignOn,
        Anybody,
        Read,
        Work::Provider,
        "",
        "Where the provider sends it back to"},
    Route{
        Post,
        "/api/v1/sso/redeem",
        RedeemSignOn,
        Anybody,
        Read,
        Work::Database,
        "code,verifier",
        "Sign a terminal in by the code that a browser showed"},
    Route{
        Get,
        "/api/v1/session",
        ShowSession,
        SignedIn,
        Read,
        Work::Database,
        "",
        "Who is signed in"},
    Route{
        Delete,
        "/api/v1/session",
        SignOut,
        SignedIn,
        Read,
        Work::Database,
        "",
        "Sign out; a token is revoked"},
    Route{
        Put,
        "/api/v1/session/password",
        ChangePassword,
        SignedIn,
        Read,
        Work::Password,
        "old,new",
        "Change one's own password; every session ends"},
    Route{
        Get,
        "/api/v1/events",
        Events,
        SignedIn,
        Read,
        Work::Database,
        "",
        "Server-sent events: every change, from Last-Event-ID on"},
    Route{
        Post,
        "/api/v1/enrolment-tokens",
        CreateEnrolmentToken,
        SignedIn,
        Operate,
        Work::Database,
        "name,group,reusable?:boolean,days?:integer,tags?:strings",
        "Make a token with which hosts enrol; shown once"},
    Route{
        Delete,
        "/api/v1/enrolment-tokens/{id}",
        RevokeEnrolmentToken,
        SignedIn,
        Operate,
        Work::Database,
        "",
        "Revoke an enrolment token"},
    Route{
        Post,
        "/api/v1/api-tokens",
        CreateApiToken,
        SignedIn,
        Read,
        Work::Database,
        "name,actions,group?,days?:integer",
        "Make a token for a program, within one's own rights; shown once"},
    Route{
        Delete,
        "/api/v1/api-tokens/{id}",
        RevokeApiToken,
        SignedIn,
        Administer,
        Work::Database,
        "",
        "Revoke an API token"},
    Route{
        Post,
        "/api/v1/users",
        CreateUser,
        SignedIn,
        Administer,
        Work::Database,
        "name,role,group?,subject?",
        "Add somebody, with a one-time link to sign in, or as who it is at the provider"},
    Route{
        Patch,
        "/api/v1/users/{id}",
        ChangeUser,
        SignedIn,
        Administer,
        Work::Database,
        "role?,group?,subject?,disabled?:boolean,why?",
        "Change somebody's role, host group or subject at the provider, disable or enable"},
    Route{
        Post,
        "/api/v1/users/{id}/links",
        CreateUserLink,
        SignedIn,
        Administer,
        Work::Database,
        "",
        "Make a new one-time link for somebody"},
    Route{
        Patch,
        "/api/v1/hosts/{id}",
        ChangeHost,
        SignedIn,
        Operate,
        Work::Database,
        "group?,tags?:strings,add_tags?:strings,remove_tags?:strings,why?",
        "Move a host into another group, tag it; tags replaces all tags"},
    Route{
        Delete,
        "/api/v1/hosts/{id}",
        RevokeHost,
        SignedIn,
        Operate,
        Work::Database,
        "",
        "Revoke a host's certificate; ?why= says the reason"},
    Route{
        Post,
        "/api/v1/jobs",
        CreateJob,
        SignedIn,
        Operate,
        Work::Database,
        "host_id,kind?,plan_digest?,run?,selection?:object,envelope?,minutes?:integer",
        "Give a host a job: one of a kind, which the server signs, or the envelope of one that was "
        "signed elsewhere"},
    Route{
        Post,
        "/api/v1/deployments",
        CreateDeployment,
        SignedIn,
        Operate,
        Work::Database,
        "host_ids:strings,selection:object,restart_services?:boolean,why",
        "Plan, rehearse, apply and verify what was selected on hosts"},
    Route{
        Delete,
        "/api/v1/deployments/{id}",
        EndDeployment,
        SignedIn,
        Operate,
        Work::Database,
        "",
        "Cancel: no host gets a further job of it; ?why= says the reason"},
    Route{
        Post,
        "/api/v1/policies",
        SetPolicies,
        SignedIn,
        Administer,
        Work::Database,
        "policies:objects,why?",
        "Keep policies, all or none, in the place of those of the same names"},
    Route{
        Put,
        "/api/v1/policies/{name}",
        SetPolicy,
        SignedIn,
        Administer,
        Work::Database,
        "text,why?",
        "Keep a policy, in the place of one of that name"},
    Route{
        Delete,
        "/api/v1/policies/{name}",
        RemovePolicy,
        SignedIn,
        Administer,
        Work::Database,
        "",
        "Remove a policy; rollouts that have begun keep theirs"},
    Route{
        Post,
        "/api/v1/rollouts",
        CreateRollout,
        SignedIn,
        Operate,
        Work::Database,
        "policy,emergency?:boolean,why",
        "Begin to take the patches of a policy through its rings"},
    Route{
        Post,
        "/api/v1/rollouts/{id}/acts",
        ActOnRollout,
        SignedIn,
        Operate,
        Work::Database,
        "act,ring?,why",
        "Pause, halt or resume it; skip or retry one of its rings; close the review of an "
        "emergency"},
    Route{
        Post,
        "/api/v1/rollouts/{id}/approvals",
        ApproveRollout,
        SignedIn,
        Approve,
        Work::Database,
        "frozen,statement?,signature?,why?",
        "Say yes to the frozen set that has this digest"},
    Route{
        Get,
        "/api/v1/rollouts/{id}/hosts/{host}",
        ExplainRollout,
        SignedIn,
        Read,
        Work::Database,
        "",
        "Why a host of a rollout stands where it stands"},
    Route{
        Get,
        "/api/v1/rollouts/{id}/outlook",
        ShowOutlook,
        SignedIn,
        Read,
        Work::Database,
        "",
        "Whose word a rollout has and needs, its next window, its next step"},
    Route{
        Post,
        "/api/v1/exceptions",
        CreateException,
        SignedIn,
        Operate,
        Work::Database,
        "reason,owner,until,group?,tag?,hosts?:strings,packages?:strings,vulnerabilities?:strings,"
        "controls?:strings,why",
        "Ask that patches may be missing for a while"},
    Route{
        Post,
        "/api/v1/exceptions/{id}/acts",
        ActOnException,
        SignedIn,
        Read,
        Work::Database,
        "act,until?,why",
        "Approve or refuse a request, or a wish for more time until then (somebody else than who "
        "asked); "
        "renew "
        "or revoke an exception"},
    Route{
        Post,
        "/api/v1/exceptions/{id}/evidence",
        AddExceptionEvidence,
        SignedIn,
        Operate,
        Work::Database,
        "text",
        "Keep what a vendor says in a VEX document (OpenVEX, CSAF, CycloneDX) with an exception"},
    Route{
        Post,
        "/api/v1/rollouts/{id}/hosts/{host}/deferrals",
        DeferHost,
        SignedIn,
        Read,
        Work::Database,
        "until,why",
        "Put the change of a host off, as its owner or who operates its group"},
    Route{
        Post,
        "/api/v1/taken-back/{id}/review",
        ReviewTakenBack,
        SignedIn,
        Operate,
        Work::Database,
        "why",
        "Say that somebody has looked after what was taken back: it may go to its group again"},
    Route{
        Get,
        "/api/v1/jobs/{id}/evidence",
        ShowEvidence,
        SignedIn,
        Operate,
        Work::Database,
        "",
        "What a transaction would have wiped away, as its host collected it before"},
    Route{
        Post,
        "/api/v1/controls",
        ProposeControl,
        SignedIn,
        Operate,
        Work::Database,
        "name,owner?,document:object,covers:strings,sources?:strings,scope:object,vector?,residual_"
        "risk?,verify_seconds?:integer,"
        "expires_at,retirement?,at_once?:integer,why",
        "Ask for a compensating control; nothing is put up before somebody else says yes"},
    Route{
        Post,
        "/api/v1/controls/{id}/approvals",
        ApproveControl,
        SignedIn,
        Approve,
        Work::Database,
        "digest,until?,why?",
        "Say yes to the control whose document has this digest, or to more time for it, until that "
        "instant"},
    Route{
        Post,
        "/api/v1/controls/{id}/enforcement",
        EnforceControl,
        SignedIn,
        Approve,
        Work::Database,
        "why",
        "Let a virtual patch block that has detected so far"},
    Route{
        Post,
        "/api/v1/controls/{id}/acts",
        ActOnControl,
        SignedIn,
        Operate,
        Work::Database,
        "act,host_id?,until?,why",
        "Deploy it again, resume it, verify it now, attest that it is there, renew or retire it"},
    Route{
        Get,
        "/api/v1/vulnerabilities/{id}/controls",
        Endpoint::ControlProposals,
        SignedIn,
        Read,
        Work::Database,
        "",
        "Which kinds of control would help against a vulnerability, and what each would change"},
    Route{
        Get,
        "/api/v1/halt",
        ShowHalt,
        SignedIn,
        Read,
        Work::Database,
        "",
        "Whether everything is halted"},
    Route{
        Put,
        "/api/v1/halt",
        Halt,
        SignedIn,
        Operate,
        Work::Database,
        "why",
        "Halt: no host begins anything from now on"},
    Route{Delete, "/api/v1/halt", EndHalt, SignedIn, Operate, Work::Database, "", "End the halt"},
    Route{Get, "/api/v1/{list}", List, SignedIn, Read, Work::Database, "", "A page of the list"},
    Route{
        Get,
        "/api/v1/{list}/{id}",
        Item,
        SignedIn,
        Read,
        Work::Database,
        "",
        "One item of the list"},
    Route{
        Get,
        "/api/v1/vulnerabilities/{id}/hosts",
        Endpoint::AffectedHosts,
        SignedIn,
        Read,
        Work::Database,
        "",
        "A page of the hosts on which a vulnerability is open"},
    Route{
        Post,
        "/agent/v1/enrol",
        Enrol,
        Anybody,
        Read,
        Work::Database,
        "token,secret,csr,name,operating_system,architecture,agent_version,machine?,reach?",
        "Enrol a host"},
    Route{
        Post,
        "/agent/v1/certificate",
        RenewCertificate,
        Agent,
        Read,
        Work::Database,
        "csr",
        "Renew a host's certificate"},
    Route{
        Post,
        "/agent/v1/check-in",
        CheckIn,
        Agent,
        Read,
        Work::Memory,
        "inventory,boot_id,agent_version,sequence:integer",
        "Say what a host has"},
    Route{
        Put,
        "/agent/v1/documents/{digest}",
        PutDocument,
        Agent,
        Read,
        Work::Database,
        "",
        "Send an inventory document, as zstd"},
    Route{
        Post,
        "/agent/v1/reports",
        TakeReports,
        Agent,
        Read,
        Work::Database,
        "reports:objects",
        "Report what was done"},
    Route{
        Get,
        "/agent/v1/jobs",
        AgentJobs,
        Agent,
        Read,
        Work::Memory,
        "",
        "Jobs for the host; waits up to ?wait= seconds for one or for a halt"},
    Route{
        Post,
        "/agent/v1/leases",
        GrantLease,
        Agent,
        Read,
        Work::Database,
        "job,lease,challenge",
        "Confirm a job immediately before it changes the host"},
};

struct MethodName {
    Method method;
    std::string_view name;
};
constexpr std::array kMethods{
    MethodName{Get, "GET"},
    MethodName{Post, "POST"},
    MethodName{Put, "PUT"},
    MethodName{Patch, "PATCH"},
    MethodName{Delete, "DELETE"},
};

bool is_list(std::string_view name) {
    return std::ranges::any_of(
        store::list_tables(), [name](const store::ListTable& table) { return table.name == name; });
}

/// What stands at the braces, if the path fits.
std::optional<std::vector<std::string>> parameters_of(
    std::string_view path, const std::vector<std::string>& segments) {
    std::vector<std::string> parameters;
    for (const std::string& segment : segments) {
        if (path.empty()) {
            return std::nullopt;
        }
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, end);
        path.remove_prefix(end);
        const bool is_parameter = part.starts_with('{');
        if (is_parameter ? part == "{list}" && !is_list(segment) : part != segment) {
            return std::nullopt;
        }
        if (is_parameter) {
            parameters.push_back(segment);
        }
    }
    return path.empty() ? std::optional(std::move(parameters)) : std::nullopt;
}

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

std::string_view method_name(Method method) {
    for (const MethodName& row : kMethods) {
        if (row.method == method) {
            return row.name;
        }
    }
    return "";
}

Method method_of(std::string_view name) {
    for (const MethodName& row : kMethods) {
        if (row.name == name) {
            return row.method;
        }
    }
    return Method::Other;
}

Routed route_of(Method method, const Target& target) {
    Routed routed;
    for (const Route& route : kRoutes) {
        auto parameters = parameters_of(route.path, target.segments);
        if (!parameters) {
            continue;
        }
        if (route.method == method) {
            routed.route = &route;
            routed.parameters = *std::move(parameters);
            return routed;
        }
        routed.allowed.append(routed.allowed.empty() ? "" : ", ").append(method_name(route.method));
    }
    return routed;
}

}  // namespace thimble::server
