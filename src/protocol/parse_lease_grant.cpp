#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/approval.hpp"
#include "thimble/protocol/admit_job.hpp"
#include "thimble/protocol/base64url.hpp"
#include "thimble/protocol/identifier.hpp"

#include <utility>

namespace thimble::protocol {
namespace {

std::string read_identifier(JsonMembers& members, std::string_view name) {
    std::string text = members.text(name);
    if (!is_identifier(text)) {
        members.reject(name);
    }
    return text;
}

/// In base64url: its quotes would double with each text that holds the text.
std::string read_approval(JsonMembers& members) {
    const std::string text = members.text_or_null("approval");
    auto approval = parse_base64url(text);
    if (!approval || approval->size() > model::kMaxEvidenceBytes) {
        members.reject("approval");
        return {};
    }
    return *std::move(approval);
}

Result<LeaseGrant> read_lease_grant(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    if (members.text("format") != "thimble.lease-grant/1") {
        members.reject("format");
    }
    LeaseGrant grant{
        .host = read_identifier(members, "host"),
        .job = read_identifier(members, "job"),
        .lease = read_identifier(members, "lease"),
        .challenge = read_identifier(members, "challenge"),
        .approval = read_approval(members)};
    THIMBLE_TRY(members.done());
    return grant;
}

}  // namespace

std::string format_lease_grant(const LeaseGrant& grant) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.lease-grant/1")
        .member("host", grant.host)
        .member("job", grant.job)
        .member("lease", grant.lease)
        .member("challenge", grant.challenge)
        .member_or_null("approval", format_base64url(grant.approval))
        .close_object();
    return text;
}

Result<LeaseGrant> parse_lease_grant(std::string_view text) {
    auto grant = read_lease_grant(text);
    if (!grant || format_lease_grant(*grant) != text) {
        return failure(
            ErrorKind::Corrupt,
            "protocol.bad_lease_grant",
            "the grant of a lease: "
                + (grant ? std::string("not in its canonical form") : grant.error().text()));
    }
    return grant;
}

}  // namespace thimble::protocol
