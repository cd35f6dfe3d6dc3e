#include "thimble/client/sign_approval.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/model/frozen_set.hpp"

#include <chrono>
#include <utility>

namespace thimble::client {
namespace {

/// A person may have to touch a token.
constexpr std::chrono::minutes kSignTimeout{2};

Result<std::string> own_name(const FleetContext& context) {
    THIMBLE_TRY(const std::string answer, call_api(context, {"GET", "/api/v1/session"}));
    THIMBLE_TRY(const JsonValue session, parse_json(answer));
    const JsonValue* name = member_of(session, "user");
    const auto* text = name == nullptr ? nullptr : std::get_if<std::string>(&name->value);
    if (text == nullptr) {
        return failure(
            ErrorKind::Corrupt, "client.bad_session", "the server does not say who is signed in");
    }
    return *text;
}

Result<std::string> signature_of(const std::string& statement, const std::string& key) {
    THIMBLE_TRY(
        host::Outcome signed_by,
        host::run_command(
            {.argv =
                 {"ssh-keygen",
                  "-Y",
                  "sign",
                  "-f",
                  key,
                  "-n",
                  std::string(model::kApprovalNamespace)},
             .input = statement,
             .timeout = kSignTimeout,
             .output_limit = model::kMaxSignatureBytes}));
    if (signed_by.exit_status != 0 || signed_by.output.empty()) {
        return failure(
            ErrorKind::Unavailable,
            "client.not_signed",
            "ssh-keygen could not sign with " + key + ": " + printable(signed_by.errors)
                + "; a key with a passphrase must be in ssh-agent (ssh-add " + key + ")");
    }
    return std::move(signed_by.output);
}

}  // namespace

Result<model::SignedApproval> sign_approval(
    const FleetContext& context, const ApprovalOrder& order, Instant now) {
    THIMBLE_TRY(const auto set, model::FrozenSet::parse(order.frozen));
    if (set.digest() != order.frozen_digest) {
        return failure(
            ErrorKind::Corrupt,
            "client.other_set",
            "the server shows another set than the one whose digest it gives: nothing was signed");
    }
    THIMBLE_TRY(const std::string name, own_name(context));
    const std::string statement = model::format_approval_statement(
        {.rollout = order.rollout,
         .frozen = order.frozen_digest,
         .person = name,
         .approved_at = now,
         .expires_at = now + order.valid});
    THIMBLE_TRY(model::parse_approval_statement(statement));
    THIMBLE_TRY(std::string signature, signature_of(statement, order.key));
    return model::SignedApproval{statement, std::move(signature)};
}

}  // namespace thimble::client
