#include "thimble/agent/ssh_reach.hpp"

#include "thimble/agent/over_ssh_layout.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/host/ssh_command.hpp"
#include "thimble/host/ssh_host.hpp"
#include "thimble/host/talking_program.hpp"
#include "thimble/inventory/inventory_document.hpp"

#include <algorithm>
#include <utility>

namespace thimble::agent {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kMaxStateBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxLookBytes = std::size_t{1} << 20;
constexpr std::chrono::minutes kDeliveryTimeout{10};
constexpr std::chrono::minutes kInventoryTimeout{6};
constexpr std::chrono::minutes kDocumentTimeout{2};
constexpr std::chrono::hours kLongestJob{7};  // the helper's own limit is 6 hours
constexpr std::chrono::hours kDeliveredFor{1};
constexpr std::ptrdiff_t kDeliveriesAtOnce = 2;

Error away(const Error& why) {
    Error error = why;
    error.kind = ErrorKind::Unavailable;
    error.code = "agent.host_away";
    return error;
}

Error failed(std::string_view code, const std::string& what, const host::Outcome& outcome) {
    return failure(
        ErrorKind::Unavailable,
        std::string(code),
        what + ": status " + std::to_string(outcome.exit_status) + ", "
            + host::last_words(outcome.errors));
}

/// As Linux writes it: a UUID.
bool is_boot_id(std::string_view text) {
    constexpr std::size_t kUuidChars = 36;
    return text.size() == kUuidChars
        && text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

/// ssh divides the value of UserKnownHostsFile at blanks, and replaces what follows a '%'.
bool is_plain_path(std::string_view path) {
    return path.find_first_of(" \t\n\"'%$~\\") == std::string_view::npos;
}

Words helper_words(const Delivery& delivery, Words arguments) {
    Words words{"--state", std::string(kOverSshState)};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return delivered_program(delivery, "thimble-agent-helper", std::move(words));
}

/// Two documents that can be read, or nothing: garbage is not passed on.
Result<void> check_printed(std::string_view printed) {
    const std::size_t end = std::min(printed.find('\n'), printed.size());
    const std::string_view packages = printed.substr(0, end);
    std::string_view rest = printed.substr(std::min(end + 1, printed.size()));
    rest = rest.substr(0, rest.find('\n'));
    THIMBLE_TRY(inventory::parse_package_list(packages));
    THIMBLE_TRY(const auto document, inventory::parse_inventory(rest));
    if (document.package_list != sha256_of(packages)) {
        return failure(
            ErrorKind::Corrupt, "agent.no_inventory", "the inventory is of other packages");
    }
    return {};
}

}  // namespace

RelayMeans::RelayMeans(Delivery given, std::ptrdiff_t at_once)
    : delivery(std::move(given)), looks(at_once), jobs(at_once), deliveries(kDeliveriesAtOnce) {}

std::vector<std::string> delivered_program(
    const Delivery& delivery, std::string_view name, std::vector<std::string> arguments) {
    arguments.insert(
        arguments.begin(),
        std::string(kOverSshFolder) + "/" + delivery.digest + "/" + std::string(name));
    return arguments;
}

SshDoor::SshDoor(host::SshTarget target, std::vector<std::string> options, bool sudo)
    : target_(std::move(target)), options_(std::move(options)), sudo_(sudo) {}

Result<SshDoor> SshDoor::open(const SshFolder& folder) {
    THIMBLE_TRY(const std::string text, read_state_file(folder.settings(), kMaxStateBytes));
    THIMBLE_TRY(const SshSettings settings, parse_ssh_settings(text));
    for (const std::string& path : {folder.path.string(), settings.key}) {
        if (!is_plain_path(path)) {
            return failure(
                ErrorKind::Invalid,
                "agent.bad_folder",
                "ssh cannot be told of " + path + ": choose a path without blanks, quotes or %");
        }
    }
    THIMBLE_TRY(host::SshTarget target, host::parse_ssh_target(settings.address));
    return SshDoor(std::move(target), ssh_options(settings, folder.known_hosts()), settings.sudo);
}

Result<std::unique_ptr<host::Host>> SshDoor::connect(
    std::span<const host::Question> questions) const {
    auto host = host::SshHost::connect(target_, options_, questions, kMaxLookBytes);
    if (!host) {
        return away(host.error());
    }
    return std::unique_ptr<host::Host>(*std::move(host));
}

Words SshDoor::root_words(Words program) const {
    if (sudo_) {
        program.insert(program.begin(), {"sudo", "-n", "--"});
    }
    return host::ssh_words(target_, options_, program);
}

Result<host::Outcome> SshDoor::run(Words program, std::string input, Limits limits) const {
    auto outcome = host::run_command(
        {.argv = root_words(std::move(program)),
         .input = std::move(input),
         .timeout = limits.time,
         .output_limit = limits.output,
         .own_session = true});
    if (!outcome) {
        return away(outcome.error());
    }
    if (outcome->exit_status == host::kNoSshConnection) {
        return failed("agent.host_away", "ssh to " + target_.name, *outcome);
    }
    return outcome;
}

Result<void> SshDoor::deliver(RelayMeans& means) const {
    const std::string manifest =
        std::string(kOverSshFolder) + "/" + means.delivery.digest + "/" + std::string(kManifest);
    {
        const Turn turn = means.looks.wait();
        THIMBLE_TRY(const host::Outcome known, run({"test", "-e", manifest}, {}, {}));
        if (known.exit_status == 0) {
            return {};
        }
    }
    // Not waited for: a host that has to wait for its programs still shows meanwhile that it lives.
    const Turn turn = means.deliveries.try_now();
    if (turn == nullptr) {
        return failure(
            ErrorKind::Unavailable,
            "agent.relay_busy",
            "programs are being brought to other hosts; this one gets them later");
    }
    THIMBLE_TRY(std::string archive, archive_of(means.delivery));
    THIMBLE_TRY(
        const host::Outcome done,
        run({"sh", "-c", std::string(delivery_script()), "thimble", means.delivery.digest},
            std::move(archive),
            {.time = kDeliveryTimeout}));
    if (done.exit_status != 0) {
        return failed("agent.not_delivered", "the programs could not be brought to the host", done);
    }
    return {};
}

Result<void> SshDoor::tell_identity(
    const Delivery& delivery, const protocol::HostIdentity& identity) const {
    THIMBLE_TRY(
        const host::Outcome done,
        run(helper_words(delivery, {"--take-identity"}), format_identity(identity), {}));
    if (done.exit_status != 0) {
        return failed("agent.helper_gone", "the root helper does not take its identity", done);
    }
    return {};
}

SshReach::SshReach(SshDoor door, RelayMeans& means) : door_(std::move(door)), means_(means) {}

Result<std::string> SshReach::look() {
    const Turn turn = means_.looks.wait();
    const auto questions = watched_paths();
    THIMBLE_TRY(const std::unique_ptr<host::Host> host, door_.connect(questions));
    const auto boot = read_boot_id(*host);
    if (!boot) {
        return away(boot.error());
    }
    if (!is_boot_id(*boot)) {
        return failure(
            ErrorKind::Unavailable, "agent.host_away", "the host does not tell its boot");
    }
    fingerprint_ = fingerprint_of(*host);
    return *boot;
}

Result<void> SshReach::have_programs() {
    const auto now = std::chrono::steady_clock::now();
    if (now < delivered_until_) {
        return {};
    }
    THIMBLE_TRY(door_.deliver(means_));
    delivered_until_ = now + kDeliveredFor;
    return {};
}

Result<HeldDocuments> SshReach::refresh(
    const AgentFolder& folder, const HeldDocuments& held, Instant now) {
    if (are_fresh(held, fingerprint_, now)) {
        return held;
    }
    THIMBLE_TRY(have_programs());
    const Turn turn = means_.looks.wait();
    THIMBLE_TRY(
        const host::Outcome outcome,
        door_.run(
            delivered_program(means_.delivery, "thimble-agent-helper", {"inventory"}),
            {},
            {.time = kInventoryTimeout, .output = 2 * inventory::kMaxInventoryBytes}));
    if (outcome.exit_status != 0) {
        delivered_until_ = {};
        return failed("agent.no_inventory", "the inventory could not be read", outcome);
    }
    THIMBLE_TRY(check_printed(outcome.output));
    return keep_documents(folder, outcome.output, fingerprint_, now);
}

Result<HelperLink> SshReach::open_helper() {
    Turn turn = means_.jobs.try_now();
    if (turn == nullptr) {
        return failure(
            ErrorKind::Unavailable,
            "agent.relay_busy",
            "as many jobs are under way as this relay carries at once; this one begins later");
    }
    THIMBLE_TRY(have_programs());
    delivered_until_ = {};  // whatever this link comes to, the next one asks again
    THIMBLE_TRY(
        host::TalkingProgram program,
        host::TalkingProgram::start(door_.root_words(helper_words(means_.delivery, {"--stdio"}))));
    return HelperLink::over(std::move(program), kLongestJob, std::move(turn));
}

Result<std::vector<std::string>> SshReach::take(
    const AgentFolder& folder, const std::vector<std::string>& digests) {
    std::vector<std::string> taken;
    for (const std::string& digest : digests) {
        THIMBLE_TRY(
            const host::Outcome outcome,
            door_.run(
                helper_words(means_.delivery, {"--document", digest}),
                {},
                {.time = kDocumentTimeout, .output = inventory::kMaxInventoryBytes}));
        if (outcome.exit_status == kNoSuchDocument) {
            continue;
        }
        if (outcome.exit_status != 0 || sha256_of(outcome.output) != digest) {
            return failed(
                "agent.no_document", "the host does not give the document " + digest, outcome);
        }
        THIMBLE_TRY(keep_offered(folder, digest, outcome.output));
        taken.push_back(digest);
    }
    return taken;
}

}  // namespace thimble::agent
