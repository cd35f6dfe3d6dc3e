#pragma once
/// @file Exceptions from request to end: within transactions, what people and time do to them, and which patches they
/// cover. The rules are those of the model.

#include "thimble/base/faults.hpp"
#include "thimble/model/patch_exception.hpp"
#include "thimble/server/context.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace thimble::server {

/// Who asks for what.
struct ExceptionRequest {
    const model::PatchException& wanted;
    std::string actor;  ///< for the audit log: the session or token
    Faults faults;      ///< what is known already to be wrong with it
};
struct RequestedException {
    std::size_t patches = 0;          ///< missing patches of hosts that it would cover now
    std::vector<std::string> doubts;  ///< a sentence each
};
/// Keeps a request. Rehearsals that failed for a patch within its scope are kept as its evidence.
/// @error as `faults`; Invalid "model.bad_exception"  also as check_controls;
///        Conflict "server.same_exception"  one for the same is open. The words are of all that is wrong
Result<RequestedException> request_exception(
    const Context& context,
    store::Connection& connection,
    Trail& trail,
    const ExceptionRequest& request);

/// What a person does to one, and why.
struct ExceptionOrder {
    std::string id;
    std::string act;    ///< its name, for the audit log
    std::string actor;  ///< for the audit log: the session or token
    std::string why;
    model::ExceptionAct what;
};
/// @error NotFound "server.no_exception"; as model::after_act, and of an approval as check_controls
Result<void> act_on_exception(
    const Context& context,
    store::Connection& connection,
    Trail& trail,
    const ExceptionOrder& order);

/// Keeps a VEX document, and what it says of the vulnerabilities of the exception, as evidence. It decides nothing.
/// @error Invalid "model.bad_vex"  also when it says nothing of them
Result<void> keep_vendor_document(
    store::Connection& connection,
    Trail& trail,
    const model::PatchException& exception,
    const std::string& text,
    const std::string& actor);

/// @error NotFound "server.no_exception"
Result<model::PatchException> exception_named(store::Connection& connection, const std::string& id);

/// Those that are in force.
Result<std::vector<model::PatchException>> active_exceptions(store::Connection& connection);

/// Which patches of a host they cover, after it was judged or moved.
Result<void> cover_host(
    store::Connection& connection,
    const std::string& host_id,
    std::span<const model::PatchException> active);

/// Ends, shortens and reminds of exceptions, each in a transaction of its own with its entry in the audit log.
Result<void> turn_exceptions(Context& context, Instant now);

}  // namespace thimble::server
