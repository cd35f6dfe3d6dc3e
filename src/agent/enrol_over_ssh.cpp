#include "thimble/agent/relay.hpp"
#include "thimble/agent/ssh_reach.hpp"
#include "thimble/agent/ssh_settings.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/host/ssh_command.hpp"
#include "thimble/inventory/os_release.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFactBytes = std::size_t{64} << 10;
constexpr std::string_view kFingerprint = "SHA256:";

std::string host_key_step(const host::SshTarget& target) {
    return "on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub; give what it prints as "
           "--host-key "
           "SHA256:…; "
        + target.name + " was not asked for anything yet";
}

/// The key of a host whose fingerprint somebody has told us; what the network answers is compared with it.
Result<std::string> key_with_fingerprint(
    const host::SshTarget& target, const std::string& fingerprint) {
    std::vector<std::string> argv{"ssh-keyscan", "-T", "10"};
    if (target.port != 0) {
        argv.insert(argv.end(), {"-p", std::to_string(target.port)});
    }
    argv.insert(argv.end(), {"--", target.name});
    THIMBLE_TRY(
        const host::Outcome outcome,
        host::run_command({.argv = argv, .output_limit = kMaxFactBytes}));
    const std::vector<std::string> keys = keys_in_scan(outcome.output);
    if (keys.empty()) {
        return failure(
            ErrorKind::Unavailable,
            "agent.host_away",
            "no SSH server answers there: " + host::last_words(outcome.errors));
    }
    const auto found = std::ranges::find(keys, fingerprint, fingerprint_of_key);
    if (found == keys.end()) {
        return failure(
            ErrorKind::Denied,
            "agent.other_host_key",
            "what answers at " + target.name + " has another key than " + fingerprint
                + ": is it the host that you mean?");
    }
    return *found;
}

Result<std::string> known_key(const host::SshTarget& target, const std::string& given) {
    if (given.empty()) {
        return failure(
            ErrorKind::Invalid,
            "agent.bad_host_key",
            "a host is never believed at first sight; " + host_key_step(target));
    }
    return given.starts_with(kFingerprint) ? key_with_fingerprint(target, given)
                                           : parse_host_key(given);
}

std::string first_line(std::string_view text) {
    return std::string(text.substr(0, text.find('\n')));
}

std::string text_of(host::Host& host, std::string_view path) {
    auto text = host.read_file(path, kMaxFactBytes);
    return text ? *std::move(text) : std::string();
}

/// What the host says of itself.
Result<HostFacts> facts_over(const SshDoor& door, const OverSshOrder& order) {
    const std::vector<host::Question> questions{
        {.path = "/etc/os-release", .ask = host::Ask::Bytes},
        {.path = "/etc/machine-id", .ask = host::Ask::Bytes},
        {.path = "/proc/sys/kernel/hostname", .ask = host::Ask::Bytes}};
    THIMBLE_TRY(const auto host, door.connect(questions));
    const auto os = inventory::parse_os_release(text_of(*host, "/etc/os-release"));
    THIMBLE_TRY(const host::Outcome machine, host->run({.argv = {"uname", "-m"}}));
    utsname ours{};
    ::uname(&ours);
    const std::string architecture = first_line(machine.output);
    if (architecture != &ours.machine[0]) {
        return failure(
            ErrorKind::Unsupported,
            "agent.other_architecture",
            "the host is " + architecture + ", and our programs here are for " + &ours.machine[0]
                + ": run the relay on a machine of that kind");
    }
    return HostFacts{
        .name = order.name.empty() ? first_line(text_of(*host, "/proc/sys/kernel/hostname"))
                                   : order.name,
        .operating_system = os.id.empty() ? "unknown" : os.id + " " + os.version_id,
        .architecture = architecture,
        .machine = machine_digest(text_of(*host, "/etc/machine-id")),
        .reach = "ssh"};
}

Result<SshFolder> make_folder(
    const OverSshOrder& order, const host::SshTarget& target, const std::string& key) {
    THIMBLE_TRY(make_state_folder(order.relay));
    SshFolder folder{fs::absolute(order.relay) / folder_name_of(target)};
    THIMBLE_TRY(make_state_folder(folder.path));
    const std::string sign_in = order.key.empty() ? "" : fs::absolute(order.key).string();
    THIMBLE_TRY(write_state_file(
        folder.settings(),
        format_ssh_settings({.address = order.address, .key = sign_in, .sudo = order.sudo})));
    THIMBLE_TRY(
        write_state_file(folder.known_hosts(), std::string(kHostKeyAlias) + " " + key + "\n"));
    return folder;
}

}  // namespace

Result<std::string> enrol_over_ssh(const OverSshOrder& order) {
    THIMBLE_TRY(const host::SshTarget target, host::parse_ssh_target(order.address));
    THIMBLE_TRY(const std::string key, known_key(target, order.host_key));
    THIMBLE_TRY(const SshFolder folder, make_folder(order, target, key));
    THIMBLE_TRY(const SshDoor door, SshDoor::open(folder));
    THIMBLE_TRY(HostFacts facts, facts_over(door, order));
    THIMBLE_TRY(Delivery delivery, gather_delivery());
    RelayMeans means(std::move(delivery), 1);
    THIMBLE_TRY(door.deliver(means));
    return enrol(
        {.url = order.url,
         .token = order.token,
         .agent = {folder.path},
         .tell_helper =
             [&](const protocol::HostIdentity& identity) {
                 return door.tell_identity(means.delivery, identity);
             },
         .facts = std::move(facts),
         .agent_user = {}});
}

}  // namespace thimble::agent
