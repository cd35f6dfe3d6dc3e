#include "thimble/agent/inventory_documents.hpp"

#include "thimble/agent/state_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/host/companion.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/inventory/inventory_document.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/protocol/signing.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <system_error>

namespace thimble::agent {
namespace {

constexpr std::chrono::seconds kLongestAge{3600};
constexpr int kLevel = 6;
/// Nobody is heard meanwhile, and a helper waits 20 s for a lease. What is not read by then is read with the
/// next inventory: what was is kept.
constexpr std::chrono::seconds kChangelogTime{12};
constexpr std::string_view kBootId = "/proc/sys/kernel/random/boot_id";
constexpr std::size_t kMaxBootIdBytes = 128;

/// What changes when packages, offers or marks do.
constexpr std::array<std::string_view, 8> kWatched{
    "/var/lib/dpkg/status",
    "/var/lib/dpkg/updates",
    "/var/lib/apt/lists",
    "/var/lib/apt/extended_states",
    "/lib/apk/db/installed",
    "/var/lib/rpm",
    "/run/reboot-required",
    "/boot"};

Result<std::unique_ptr<host::Host>> open_host(const std::string& root) {
    if (root.empty()) {
        return std::unique_ptr<host::Host>(std::make_unique<host::LocalHost>());
    }
    THIMBLE_TRY(auto opened, host::RootHost::open(root));
    return std::unique_ptr<host::Host>(std::move(opened));
}

std::filesystem::path place_of(const AgentFolder& folder, const std::string& digest) {
    return folder.path / ("document-" + digest + ".json");
}

constexpr std::string_view kOffered = "offered-";

std::filesystem::path offered_place(const AgentFolder& folder, const std::string& digest) {
    return folder.path / (std::string(kOffered) + digest + ".json");
}

/// Keeps a document under its digest.
Result<std::string> keep(const AgentFolder& folder, std::string_view text) {
    std::string digest = sha256_of(text);
    THIMBLE_TRY(write_state_file(place_of(folder, digest), text));
    return digest;
}

/// Only the two that describe the host now are kept.
void drop_others(const AgentFolder& folder, const HeldDocuments& held) {
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder.path, failed);
         !failed && entry != std::filesystem::directory_iterator();
         entry.increment(failed)) {
        const std::filesystem::path path = entry->path();
        std::error_code ignored;
        if (path.filename().string().starts_with("document-")
            && path != place_of(folder, held.inventory)
            && path != place_of(folder, held.packages)) {
            std::filesystem::remove(path, ignored);
        }
    }
}

/// Root, who runs the agent by hand, writes nothing where the agent's user may have put a link, and reads nothing that
/// this user may have written.
bool is_ours(const AgentFolder& folder) {
    struct stat info{};
    return ::lstat(folder.path.c_str(), &info) == 0 && info.st_uid == ::geteuid();
}

Result<std::string> run_reader(const AgentFolder& folder, const std::string& root) {
    host::Command command{
        .argv = {host::find_companion("thimble-agent"), "inventory"},
        .timeout = std::chrono::minutes(5),
        .output_limit = 2 * inventory::kMaxInventoryBytes};
    if (is_ours(folder)) {
        command.argv.insert(command.argv.end(), {"--cache", folder.cache().string()});
    }
    if (!root.empty()) {
        command.argv.insert(command.argv.end(), {"--root", root});
    }
    THIMBLE_TRY(host::Outcome outcome, host::run_command(command));
    if (outcome.exit_status != 0) {
        return failure(
            ErrorKind::Unavailable,
            "agent.no_inventory",
            "the inventory could not be read: " + outcome.errors);
    }
    return std::move(outcome.output);
}

}  // namespace

Result<std::string> read_boot_id(host::Host& host) {
    THIMBLE_TRY(const std::string text, host.read_file(kBootId, kMaxBootIdBytes));
    return text.substr(0, text.find('\n'));
}

std::vector<host::Question> watched_paths() {
    std::vector<host::Question> questions{{.path = std::string(kBootId), .ask = host::Ask::Bytes}};
    questions.reserve(1 + kWatched.size());
    for (const std::string_view path : kWatched) {
        questions.push_back({.path = std::string(path), .ask = host::Ask::Info});
    }
    return questions;
}

std::string fingerprint_of(host::Host& host) {
    std::string text;
    for (const std::string_view path : kWatched) {
        const auto info = host.look(path, host::Follow::Yes);
        text += !info ? std::string("-")
                      : std::to_string(info->inode) + "," + std::to_string(info->size) + ","
                + format_instant(info->modified_at) + "," + format_instant(info->changed_at);
        text += "\n";
    }
    return text;
}

bool are_fresh(const HeldDocuments& held, const std::string& fingerprint, Instant now) {
    return !held.inventory.empty() && fingerprint == held.fingerprint
        && now - held.read_at < kLongestAge;
}

Result<HeldDocuments> keep_documents(
    const AgentFolder& folder, std::string_view printed, std::string fingerprint, Instant now) {
    const std::size_t end = printed.find('\n');
    if (end == std::string_view::npos || !printed.ends_with('\n') || end + 1 == printed.size()) {
        return failure(ErrorKind::Corrupt, "agent.no_inventory", "the inventory is torn");
    }
    HeldDocuments fresh;
    THIMBLE_TRY(fresh.packages, keep(folder, printed.substr(0, end)));
    THIMBLE_TRY(fresh.inventory, keep(folder, printed.substr(end + 1, printed.size() - end - 2)));
    fresh.fingerprint = std::move(fingerprint);
    fresh.read_at = now;
    drop_others(folder, fresh);
    return fresh;
}

Result<void> keep_offered(
    const AgentFolder& folder, const std::string& digest, std::string_view text) {
    return write_state_file(offered_place(folder, digest), text);
}

inventory::InventoryOptions reading_of(const ReadingPlaces& places) {
    const bool is_live = places.root.empty();
    inventory::InventoryOptions options;
    options.offers = is_live;
    options.processes = is_live;
    options.listeners = is_live;
    options.changelogs = is_live && !places.cache.empty();
    options.cache = is_live ? places.cache : std::string();
    options.changelog_time_limit = kChangelogTime;
    return options;
}

Result<void> print_inventory(const ReadingPlaces& places, std::ostream& out) {
    THIMBLE_TRY(const std::unique_ptr<host::Host> host, open_host(places.root));
    THIMBLE_TRY(
        model::Inventory found,
        inventory::read_inventory(*host, reading_of(places), host::SystemClock().now()));
    inventory::trim_changelogs(found);
    const std::string packages = inventory::format_package_list(found.packages);
    out << packages << "\n" << inventory::format_inventory(found, sha256_of(packages)) << "\n";
    return {};
}

Result<HeldDocuments> refresh_documents(
    const AgentFolder& folder, HeldDocuments held, const std::string& root, Instant now) {
    THIMBLE_TRY(const std::unique_ptr<host::Host> host, open_host(root));
    std::string fingerprint = fingerprint_of(*host);
    if (are_fresh(held, fingerprint, now)) {
        return held;
    }
    THIMBLE_TRY(const std::string output, run_reader(folder, root));
    return keep_documents(folder, output, std::move(fingerprint), now);
}

std::vector<std::string> take_offered(
    const AgentFolder& folder,
    const std::filesystem::path& given,
    const std::vector<std::string>& digests) {
    std::vector<std::string> taken;
    for (const std::string& digest : digests) {
        const auto text = read_state_file(
            given / ("document-" + digest + ".json"), inventory::kMaxInventoryBytes);
        if (text && sha256_of(*text) == digest && keep_offered(folder, digest, *text)) {
            taken.push_back(digest);
        }
    }
    return taken;
}

std::vector<std::string> offered_documents(const AgentFolder& folder) {
    std::vector<std::string> digests;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder.path, failed);
         !failed && entry != std::filesystem::directory_iterator();
         entry.increment(failed)) {
        const std::string name = entry->path().stem().string();
        if (name.starts_with(kOffered) && is_sha256(name.substr(kOffered.size()))) {
            digests.push_back(name.substr(kOffered.size()));
        }
    }
    std::ranges::sort(digests);
    return digests;
}

void drop_offered(const AgentFolder& folder, const std::string& digest) {
    std::error_code ignored;
    std::filesystem::remove(offered_place(folder, digest), ignored);
}

Result<std::string> compressed_document(const AgentFolder& folder, const std::string& digest) {
    auto held = read_state_file(place_of(folder, digest), inventory::kMaxInventoryBytes);
    if (!held) {
        held = read_state_file(offered_place(folder, digest), inventory::kMaxInventoryBytes);
    }
    THIMBLE_TRY(const std::string text, std::move(held));
    std::string frame(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size =
        ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), kLevel);
    if (ZSTD_isError(size) != 0U) {
        return failure(ErrorKind::Internal, "agent.no_frame", ZSTD_getErrorName(size));
    }
    frame.resize(size);
    return frame;
}

}  // namespace thimble::agent
