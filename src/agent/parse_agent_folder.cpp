#include "thimble/agent/agent_folder.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/identifier.hpp"

namespace thimble::agent {
namespace {

Error bad_state(Error why) {
    why.kind = ErrorKind::Corrupt;
    why.code = "agent.bad_state";
    return because("a file of the agent's state", std::move(why));
}

std::string read_host(JsonMembers& members) {
    std::string host = members.text("host");
    if (!protocol::is_identifier(host)) {
        members.reject("host");
    }
    return host;
}

}  // namespace

std::string format_known_server(const KnownServer& server) {
    std::string text;
    JsonWriter(text)
        .open_object()
        .member("url", server.url)
        .member("host", server.host)
        .close_object();
    return text;
}

Result<KnownServer> parse_known_server(std::string_view text) {
    const auto document = parse_json(text);
    if (!document) {
        return bad_state(document.error());
    }
    JsonMembers members(*document);
    KnownServer server{.url = members.text("url"), .host = read_host(members)};
    if (const auto done = members.done(); !done) {
        return bad_state(done.error());
    }
    return server;
}

std::string format_memory(const AgentMemory& memory) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member_or_null("boot_id", memory.boot_id);
    json.key("check_in_sequence").number(static_cast<std::int64_t>(memory.check_in_sequence));
    json.member_or_null("sent_packages", memory.sent_packages).close_object();
    return text;
}

Result<AgentMemory> parse_memory(std::string_view text) {
    const auto document = parse_json(text);
    if (!document) {
        return bad_state(document.error());
    }
    JsonMembers members(*document);
    AgentMemory memory{
        .boot_id = members.text_or_null("boot_id"),
        .check_in_sequence = members.count("check_in_sequence"),
        .sent_packages = members.text_or_null("sent_packages")};
    if (const auto done = members.done(); !done) {
        return bad_state(done.error());
    }
    return memory;
}

std::string format_identity(const protocol::HostIdentity& identity) {
    std::string text;
    JsonWriter(text)
        .open_object()
        .member("host", identity.host)
        .member("deployment_key", protocol::format_deployment_key(identity.key))
        .close_object();
    return text;
}

Result<protocol::HostIdentity> parse_identity(std::string_view text) {
    const auto document = parse_json(text);
    if (!document) {
        return bad_state(document.error());
    }
    JsonMembers members(*document);
    protocol::HostIdentity identity{.host = read_host(members), .key = {}};
    const auto key = protocol::parse_deployment_key(members.text("deployment_key"));
    if (!key) {
        members.reject("deployment_key");
    }
    if (const auto done = members.done(); !done) {
        return bad_state(done.error());
    }
    identity.key = *key;
    return identity;
}

}  // namespace thimble::agent
