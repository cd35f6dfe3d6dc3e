#pragma once
/// @file The word of a person for a frozen set, signed with the person's own key; and what a host needs to
/// check it without believing the server. Pure: who made a signature is for `ssh-keygen -Y verify`.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

/// The namespace of the signatures (PROTOCOL.sshsig): one made for something else does not count.
inline constexpr std::string_view kApprovalNamespace = "thimble-approval";

/// What a person says.
struct ApprovalStatement {
    std::string rollout;  ///< id
    std::string frozen;   ///< digest of the set (FrozenSet::digest)
    std::string person;   ///< name of the account, and principal of the signature
    Instant approved_at;
    Instant expires_at;  ///< from then on it counts no more
    bool operator==(const ApprovalStatement&) const = default;
};

constexpr std::size_t kMaxStatementBytes = 1024;
constexpr std::size_t kMaxSignatureBytes = std::size_t{8} << 10;

/// The canonical text, which is signed. @source docs/formats/approval.md
std::string format_approval_statement(const ApprovalStatement& statement);
/// Takes canonical text only: what was read and what was signed must be the same bytes.
/// @error Corrupt "model.bad_approval"
Result<ApprovalStatement> parse_approval_statement(std::string_view text);

struct SignedApproval {
    std::string statement;  ///< canonical text
    std::string signature;  ///< armoured, as ssh-keygen -Y sign makes it
    bool operator==(const SignedApproval&) const = default;
};

/// All that a host is shown: its own part of the set, the digests of the others, and who signed the whole.
struct ApprovalEvidence {
    std::string system;                          ///< whose part it is
    std::string part;                            ///< FrozenSet::part
    std::map<std::string, std::string> digests;  ///< FrozenSet::part_digests
    std::vector<SignedApproval> approvals;
    bool operator==(const ApprovalEvidence&) const = default;
};

constexpr std::size_t kMaxEvidenceBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxApprovals = 16;

std::string format_approval_evidence(const ApprovalEvidence& evidence);
/// @error Corrupt "model.bad_approval"
Result<ApprovalEvidence> parse_approval_evidence(std::string_view text);

/// An approval whose words fit a plan. It counts when its signature holds.
struct FittingApproval {
    std::string person;
    SignedApproval signed_by;
};

/// The approvals in the evidence that are about a set which has all of the plan, and hold now; one for
/// each person.
/// @error Denied "model.not_approved": the plan brings or removes what the set does not have; or the
///        part is not of the set that people signed
Result<std::vector<FittingApproval>> fitting_approvals(
    const ApprovalEvidence& evidence, const Plan& plan, Instant now);

}  // namespace thimble::model
