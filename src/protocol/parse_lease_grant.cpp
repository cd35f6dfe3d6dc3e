#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/admit_job.hpp"
#include "thimble/protocol/identifier.hpp"

namespace thimble::protocol {
namespace {

std::string read_identifier(JsonMembers& members, std::string_view name) {
    std::string text = members.text(name);
    if (!is_identifier(text)) {
        members.reject(name);
    }
    return text;
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
        .challenge = read_identifier(members, "challenge")};
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
