#pragma once
/// @file The endpoints: one table from which requests are routed, rights are checked and the API is
/// described. Pure.

#include "thimble/server/exchange.hpp"
#include "thimble/server/permission.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::server {

enum class Endpoint : std::uint8_t {
    Health,
    Description,
    ApiPage,
    ApiStyle,
    WelcomePage,
    WelcomeScript,
    SignIn,
    RedeemLink,
    StartSignOn,
    FinishSignOn,
    RedeemSignOn,
    ShowSession,
    SignOut,
    ChangePassword,
    Events,
    List,
    Item,
    AffectedHosts,
    CreateEnrolmentToken,
    RevokeEnrolmentToken,
    CreateApiToken,
    RevokeApiToken,
    CreateUser,
    ChangeUser,
    CreateUserLink,
    ChangeHost,
    RevokeHost,
    CreateJob,
    CreateDeployment,
    EndDeployment,
    CreateRollout,
    ActOnRollout,
    ApproveRollout,
    ExplainRollout,
    ShowOutlook,
    CreateException,
    ActOnException,
    AddExceptionEvidence,
    DeferHost,
    ReviewTakenBack,
    ShowEvidence,
    ProposeControl,
    ApproveControl,
    EnforceControl,
    ActOnControl,
    ControlProposals,
    SetPolicies,
    SetPolicy,
    RemovePolicy,
    ShowHalt,
    Halt,
    EndHalt,
    Enrol,
    RenewCertificate,
    CheckIn,
    PutDocument,
    TakeReports,
    AgentJobs,
    GrantLease,
};

/// Who is let in.
enum class Door : std::uint8_t {
    Anybody,
    SignedIn,  ///< with the action of the route
    Agent,     ///< with a certificate of ours
};

/// Where the work is done.
enum class Work : std::uint8_t {
    Memory,    ///< at once: it touches nothing but memory
    Database,  ///< by a worker
    Password,  ///< by the worker for what is slow on purpose
    Provider,  ///< by the worker that waits for the provider of sign-in
};

/// One endpoint. In the path, `{list}` stands for the name of a list and other braces for any segment.
struct Route {
    Method method = Method::Get;
    std::string_view path;
    Endpoint endpoint = Endpoint::Health;
    Door door = Door::Anybody;
    Action action = Action::Read;
    Work work = Work::Database;
    std::string_view members;  ///< of the request's body: "name,days?:integer", see body_members
    std::string_view summary;
};

std::span<const Route> routes();

/// The name of a method, "GET".
std::string_view method_name(Method method);
Method method_of(std::string_view name);

/// What a target leads to.
struct Routed {
    const Route* route = nullptr;         ///< none: see `allowed`
    std::vector<std::string> parameters;  ///< what stood at the braces
    std::string allowed;                  ///< methods of that path, when only the method is wrong
};

Routed route_of(Method method, const Target& target);

}  // namespace thimble::server
