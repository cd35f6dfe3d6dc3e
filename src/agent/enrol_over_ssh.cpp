#include "thimble/agent/relay.hpp"
#include "thimble/agent/report_journal.hpp"
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

constexpr const char* kHostKeyStep =
    "a host is never believed at first sight: run ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub "
    "on it, and give "
    "the SHA256:… that it prints as --host-key";

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
        return failure(ErrorKind::Invalid, "agent.bad_host_key", kHostKeyStep);
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

/// A file as it was before; one that was not there goes.
class Restored {
public:
    explicit Restored(fs::path path) : path_(std::move(path)) {
        if (auto text = read_state_file(path_, kMaxFactBytes); text) {
            before_ = *std::move(text);
        }
    }
    /// @error Unavailable "agent.cannot_write"
    [[nodiscard]] Result<void> restore() const {
        std::error_code ignored;
        fs::remove(path_, ignored);
        return before_ ? write_state_file(path_, *before_) : Result<void>();
    }

private:
    fs::path path_;
    std::optional<std::string> before_;
};

Result<void> write_settings(
    const SshFolder& folder, const OverSshOrder& order, const std::string& key) {
    const std::string sign_in = order.key.empty() ? "" : fs::absolute(order.key).string();
    THIMBLE_TRY(write_state_file(
        folder.settings(),
        format_ssh_settings({.address = order.address, .key = sign_in, .sudo = order.sudo})));
    return write_state_file(folder.known_hosts(), std::string(kHostKeyAlias) + " " + key + "\n");
}

/// With the settings that are to hold.
Result<std::string> enrol_with(const SshFolder& folder, const OverSshOrder& order) {
    THIMBLE_TRY(const SshDoor door, SshDoor::open(folder));
    THIMBLE_TRY(HostFacts facts, facts_over(door, order));
    THIMBLE_TRY(Delivery delivery, gather_delivery());
    RelayMeans means(std::move(delivery), 1);
    THIMBLE_TRY(door.deliver(means));
    return enrol(
        {.url = order.url,
         .token = order.token,
         .agent = {folder.path},
         .get_ready = {},
         .tell_helper =
             [&](const protocol::HostIdentity& identity) {
                 return door.tell_identity(means.delivery, identity);
             },
         .facts = std::move(facts),
         .agent_user = {}});
}

}  // namespace

Result<std::string> enrol_over_ssh(const OverSshOrder& order) {
    THIMBLE_TRY(const host::SshTarget target, host::parse_ssh_target(order.address));
    THIMBLE_TRY(const std::string key, known_key(target, order.host_key));
    THIMBLE_TRY(make_state_folder(order.relay));
    const SshFolder folder{fs::absolute(order.relay) / folder_name_of(target)};
    THIMBLE_TRY(make_state_folder(folder.path));
    // Held until the end: a relay that serves this very host would go on as the one that it was.
    const auto journal = ReportJournal::open(AgentFolder{folder.path}.reports());
    if (!journal && journal.error().code == "agent.runs_already") {
        return because(
            "a relay serves this host already: remove the host at the server, or stop the relay",
            journal.error());
    }
    // A host that has enrolled before must not be lost because it cannot enrol now.
    const Restored settings(folder.settings());
    const Restored known_hosts(folder.known_hosts());
    THIMBLE_TRY(write_settings(folder, order, key));
    auto enrolled = enrol_with(folder, order);
    if (!enrolled) {
        THIMBLE_TRY(settings.restore());
        THIMBLE_TRY(known_hosts.restore());
    }
    return enrolled;
}

}  // namespace thimble::agent
