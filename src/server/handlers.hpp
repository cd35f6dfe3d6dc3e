#pragma once
/// @file The handlers of the endpoints. Each reads what it needs, lets the store change it in one
/// transaction with its audit entry, and answers. Rights were checked before, but for those that depend
/// on a host's group.

#include "thimble/server/context.hpp"
#include "thimble/server/route_table.hpp"

namespace thimble::server {

// api_page.cpp
Result<Answer> api_page(Context& context, const Call& call);
Result<Answer> api_style(Context& context, const Call& call);

// session_api.cpp
Result<Answer> sign_in(Context& context, const Call& call);
Result<Answer> redeem_link(Context& context, const Call& call);
Result<Answer> show_session(Context& context, const Call& call);
Result<Answer> sign_out(Context& context, const Call& call);
Result<Answer> change_password(Context& context, const Call& call);

// sign_on_api.cpp
Result<Answer> start_sign_on(Context& context, const Call& call);
Result<Answer> finish_sign_on(Context& context, const Call& call);
Result<Answer> redeem_sign_on(Context& context, const Call& call);

// welcome_page.cpp
Result<Answer> welcome_page(Context& context, const Call& call);
Result<Answer> welcome_script(Context& context, const Call& call);

// account_api.cpp
Result<Answer> create_user(Context& context, const Call& call);
Result<Answer> change_user(Context& context, const Call& call);
Result<Answer> create_user_link(Context& context, const Call& call);
/// Makes a one-time link for an account, within a transaction.
/// @return the link, good for 24 hours
Result<std::string> make_link(
    store::Connection& connection,
    const Context& context,
    const store::Account& account,
    Instant now);

// token_api.cpp
Result<Answer> create_enrolment_token(Context& context, const Call& call);
Result<Answer> revoke_enrolment_token(Context& context, const Call& call);
Result<Answer> create_api_token(Context& context, const Call& call);
Result<Answer> revoke_api_token(Context& context, const Call& call);

// host_api.cpp
Result<Answer> change_host(Context& context, const Call& call);
Result<Answer> revoke_host(Context& context, const Call& call);
Result<Answer> show_halt(Context& context, const Call& call);
Result<Answer> halt(Context& context, const Call& call);
Result<Answer> end_halt(Context& context, const Call& call);
/// The setting that holds the halt.
inline constexpr const char* kHaltSetting = "halt";
/// The halt as it was written down, "" when never.
HaltState halt_from_setting(const std::string& content);

// deployment_api.cpp
Result<Answer> create_job(Context& context, const Call& call);
Result<Answer> create_deployment(Context& context, const Call& call);
Result<Answer> end_deployment(Context& context, const Call& call);

// policy_api.cpp
Result<Answer> set_policies(Context& context, const Call& call);
Result<Answer> set_policy(Context& context, const Call& call);
Result<Answer> remove_policy(Context& context, const Call& call);

// control_api.cpp, control_proposals.cpp
Result<Answer> propose_control(Context& context, const Call& call);
Result<Answer> approve_control(Context& context, const Call& call);
Result<Answer> enforce_control(Context& context, const Call& call);
Result<Answer> act_on_control(Context& context, const Call& call);
Result<Answer> control_proposals(Context& context, const Call& call);

// rollout_api.cpp
Result<Answer> create_rollout(Context& context, const Call& call);
Result<Answer> act_on_rollout(Context& context, const Call& call);
Result<Answer> approve_rollout(Context& context, const Call& call);
Result<Answer> explain_rollout(Context& context, const Call& call);
Result<Answer> show_outlook(Context& context, const Call& call);

// taken_back_api.cpp
Result<Answer> review_taken_back(Context& context, const Call& call);

// exception_api.cpp
Result<Answer> create_exception(Context& context, const Call& call);
Result<Answer> act_on_exception(Context& context, const Call& call);
Result<Answer> add_exception_evidence(Context& context, const Call& call);

// evidence_api.cpp
Result<Answer> show_evidence(Context& context, const Call& call);

// deferral_api.cpp
Result<Answer> defer_host(Context& context, const Call& call);

// list_api.cpp
Result<Answer> list(Context& context, const Call& call);
Result<Answer> item(Context& context, const Call& call);
Result<Answer> events(Context& context, const Call& call);

// affected_api.cpp
Result<Answer> affected_hosts(Context& context, const Call& call);

// agent_door.cpp
Result<Answer> enrol(Context& context, const Call& call);
Result<Answer> renew_certificate(Context& context, const Call& call);
Result<Answer> check_in(Context& context, const Call& call);
Result<Answer> put_document(Context& context, const Call& call);
Result<Answer> take_reports(Context& context, const Call& call);
Result<Answer> agent_jobs(Context& context, const Call& call);

// lease_door.cpp
Result<Answer> grant_lease(Context& context, const Call& call);

}  // namespace thimble::server
