#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/model/approval.hpp"

#include <algorithm>
#include <utility>

namespace thimble::model {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxSystemBytes = 256;

Error bad_approval(std::string what) {
    return failure(ErrorKind::Corrupt, "model.bad_approval", "an approval: " + std::move(what));
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Never a separator, a quote or a pattern.
bool is_plain(std::string_view text) {
    return !text.empty() && text.size() <= kMaxNameBytes && std::ranges::all_of(text, [](char c) {
        return is_letter_or_digit(c) || std::string_view("._@+-").contains(c);
    });
}

std::string read_plain(JsonMembers& members, std::string_view name) {
    std::string text = members.text(name);
    if (!is_plain(text)) {
        members.reject(name);
    }
    return text;
}

/// Stands as a word of a command, so it must not look like an option.
std::string read_person(JsonMembers& members) {
    std::string text = read_plain(members, "person");
    if (!text.empty() && !is_letter_or_digit(text.front())) {
        members.reject("person");
    }
    return text;
}

Instant read_instant(JsonMembers& members, std::string_view name) {
    const auto instant = parse_instant(members.text(name));
    if (!instant) {
        members.reject(name);
    }
    return instant.value_or(Instant());
}

Result<ApprovalStatement> read_statement(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    if (members.text("format") != "thimble.approval/1") {
        members.reject("format");
    }
    ApprovalStatement statement{
        .rollout = read_plain(members, "rollout"),
        .frozen = members.text("frozen"),
        .person = read_person(members),
        .approved_at = read_instant(members, "approved_at"),
        .expires_at = read_instant(members, "expires_at")};
    if (!is_sha256(statement.frozen)) {
        members.reject("frozen");
    }
    THIMBLE_TRY(members.done());
    return statement;
}

Result<std::map<std::string, std::string>> read_digests(const JsonValue& value) {
    const auto* systems = std::get_if<JsonValue::Object>(&value.value);
    if (systems == nullptr) {
        return bad_approval("digests is no object");
    }
    std::map<std::string, std::string> digests;
    for (const auto& system : *systems) {
        const auto* digest = std::get_if<std::string>(&system.second.value);
        if (digest == nullptr || !is_sha256(*digest) || system.first.size() > kMaxSystemBytes
            || !digests.emplace(system.first, *digest).second) {
            return bad_approval("digests has a member that is none");
        }
    }
    return digests;
}

Result<SignedApproval> read_approval(const JsonValue& value) {
    JsonMembers members(value);
    SignedApproval approval{members.text("statement"), members.text("signature")};
    THIMBLE_TRY(members.done());
    if (approval.statement.size() > kMaxStatementBytes
        || approval.signature.size() > kMaxSignatureBytes) {
        return bad_approval("it is too long");
    }
    return approval;
}

}  // namespace

Result<ApprovalStatement> parse_approval_statement(std::string_view text) {
    if (text.size() > kMaxStatementBytes) {
        return bad_approval("it is too long");
    }
    auto statement = read_statement(text);
    if (!statement || format_approval_statement(*statement) != text) {
        return bad_approval(
            statement ? std::string("not in its canonical form") : statement.error().text());
    }
    return statement;
}

Result<ApprovalEvidence> parse_approval_evidence(std::string_view text) {
    if (text.size() > kMaxEvidenceBytes) {
        return bad_approval("its evidence is too long");
    }
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    if (members.text("format") != "thimble.approval-evidence/1") {
        members.reject("format");
    }
    ApprovalEvidence evidence;
    evidence.system = members.text("system");
    evidence.part = members.text("part");
    const JsonValue& digests = members.member("digests");
    const JsonValue::Array& approvals = members.array("approvals");
    THIMBLE_TRY(members.done());
    if (approvals.size() > kMaxApprovals) {
        return bad_approval("there are too many");
    }
    THIMBLE_TRY(evidence.digests, read_digests(digests));
    THIMBLE_TRY(evidence.approvals, read_items<SignedApproval>(approvals, read_approval));
    return evidence;
}

}  // namespace thimble::model
