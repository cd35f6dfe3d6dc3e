#include "thimble/agent/enrolment.hpp"

#include "thimble/agent/agent_version.hpp"
#include "thimble/agent/host_key.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/protocol/enrolment_token.hpp"
#include "thimble/protocol/messages.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace thimble::agent {
namespace {

constexpr std::size_t kMaxPemBytes = std::size_t{64} << 10;

/// @return nullptr: whoever runs this
/// @error NotFound "agent.no_user"; Denied "agent.needs_root"
Result<const passwd*> owner_named(const std::string& user) {
    if (user.empty()) {
        return nullptr;
    }
    const passwd* const entry = ::getpwnam(user.c_str());
    if (entry == nullptr) {
        return failure(
            ErrorKind::NotFound,
            "agent.no_user",
            "there is no user " + user + " on this host: make it, or give another as --user");
    }
    if (::geteuid() != 0 && ::geteuid() != entry->pw_uid) {
        return failure(
            ErrorKind::Denied,
            "agent.needs_root",
            "only root can give the agent's directory to " + user + ": run this as root");
    }
    return entry;
}

/// Gives the agent's folder to its user: the key was made by root.
Result<void> hand_over(const AgentFolder& folder, const passwd* entry) {
    if (entry == nullptr) {
        return {};
    }
    for (const auto& path :
         {folder.path, folder.server(), folder.key(), folder.certificate(), folder.authority()}) {
        if (::lchown(path.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
            return host::system_error(errno, path.string());
        }
    }
    return {};
}

Result<protocol::CertificateAnswer> ask_for_certificate(
    const EnrolOrder& order, const protocol::EnrolmentToken& token, const std::string& key) {
    THIMBLE_TRY(const std::string request, signing_request_of(key));
    THIMBLE_TRY(
        ServerConnection connection,
        ServerConnection::open(
            order.url,
            {.pinned_authority = token.authority, .authority = {}, .certificate = {}, .key = {}}));
    THIMBLE_TRY(
        const std::string body,
        connection.ask(
            {.method = "POST",
             .path = "/agent/v1/enrol",
             .body = protocol::format_enrol_request(
                 {.token_id = token.id,
                  .secret = token.secret,
                  .signing_request = request,
                  .host_name = order.facts.name,
                  .operating_system = order.facts.operating_system,
                  .architecture = order.facts.architecture,
                  .agent_version = std::string(kAgentVersion),
                  .machine = order.facts.machine,
                  .reach = order.facts.reach})}));
    THIMBLE_TRY(protocol::CertificateAnswer answer, protocol::parse_certificate_answer(body));
    if (answer.host.empty()) {
        return failure(
            ErrorKind::Corrupt, "protocol.bad_message", "the server has not named this host");
    }
    return answer;
}

}  // namespace

Result<KnownServer> enrolled_server(const AgentFolder& folder) {
    constexpr std::size_t kMaxServerBytes = std::size_t{64} << 10;
    const auto text = read_state_file(folder.server(), kMaxServerBytes);
    if (text) {
        return parse_known_server(*text);
    }
    if (text.error().kind == ErrorKind::NotFound) {
        return failure(
            ErrorKind::NotFound,
            "agent.not_enrolled",
            "this host has not enrolled yet: thimble-agent enrol URL TOKEN");
    }
    return because("run this as root, or as the user who runs the agent", text.error());
}

Result<void> keep_identity(
    const std::filesystem::path& helper, const protocol::HostIdentity& identity) {
    THIMBLE_TRY(make_state_folder(helper));
    THIMBLE_TRY(write_state_file(helper / "identity.json", format_identity(identity)));
    // After the new identity, so that no job of the earlier host is ever taken twice.
    std::error_code ignored;
    for (const char* name : {"seen.json", "answers"}) {
        std::filesystem::remove_all(helper / name, ignored);
    }
    return {};
}

std::string machine_digest(std::string_view machine_id) {
    while (!machine_id.empty() && machine_id.back() <= ' ') {
        machine_id.remove_suffix(1);
    }
    return machine_id.empty() ? std::string()
                              : sha256_of("thimble machine " + std::string(machine_id));
}

Result<std::string> enrol(const EnrolOrder& order) {
    THIMBLE_TRY(const auto token, protocol::parse_enrolment_token(order.token));
    THIMBLE_TRY(const passwd* const owner, owner_named(order.agent_user));
    if (order.get_ready) {
        THIMBLE_TRY(order.get_ready());
    }
    THIMBLE_TRY(make_state_folder(order.agent.path));
    THIMBLE_TRY(const std::string key, make_host_key());
    THIMBLE_TRY(const auto answer, ask_for_certificate(order, token, key));
    // First: over a network it may fail, and then nothing has changed here.
    THIMBLE_TRY(order.tell_helper({.host = answer.host, .key = answer.deployment_key}));
    THIMBLE_TRY(write_state_file(order.agent.key(), key));
    THIMBLE_TRY(write_state_file(order.agent.certificate(), answer.certificate));
    THIMBLE_TRY(write_state_file(order.agent.authority(), answer.authority));
    // Its reports count from where the earlier host's were; nothing of it is valid for the new one.
    std::error_code ignored;
    for (const auto& path : {order.agent.server(), order.agent.reports(), order.agent.memory()}) {
        std::filesystem::remove_all(path, ignored);
    }
    // Last: an agent without it has not enrolled.
    THIMBLE_TRY(write_state_file(
        order.agent.server(), format_known_server({.url = order.url, .host = answer.host})));
    THIMBLE_TRY(hand_over(order.agent, owner));
    return answer.host;
}

Result<bool> renew_if_due(const AgentFolder& folder, ServerConnection& connection, Instant now) {
    THIMBLE_TRY(const std::string held, read_state_file(folder.certificate(), kMaxPemBytes));
    THIMBLE_TRY(const Validity validity, validity_of(held));
    const long long left = validity.until - now.time_since_epoch().count();
    if (left * 3 > validity.until - validity.from) {
        return false;
    }
    THIMBLE_TRY(const std::string key, read_state_file(folder.key(), kMaxPemBytes));
    THIMBLE_TRY(const std::string request, signing_request_of(key));
    THIMBLE_TRY(
        const std::string body,
        connection.ask(
            {.method = "POST",
             .path = "/agent/v1/certificate",
             .body = protocol::format_renewal(request)}));
    THIMBLE_TRY(const auto answer, protocol::parse_certificate_answer(body));
    THIMBLE_TRY(write_state_file(folder.certificate(), answer.certificate));
    THIMBLE_TRY(write_state_file(folder.authority(), answer.authority));
    connection.reconnect();
    return true;
}

}  // namespace thimble::agent
