#include "thimble/apply/dpkg_reading.hpp"

#include "thimble/apply/dpkg_database.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

constexpr std::string_view kStatus = "/var/lib/dpkg/status";
constexpr std::string_view kUpdates = "/var/lib/dpkg/updates";
constexpr std::string_view kMarks = "/var/lib/apt/extended_states";
constexpr std::size_t kMaxStatus = std::size_t{256} << 20;
constexpr std::size_t kMaxUpdate = std::size_t{4} << 20;

/// dpkg writes its changes as numbered files first, and merges them when it ends.
Result<void> replay_journal(host::Host& host, DpkgDatabase& database) {
    const auto names = host.list(kUpdates);  // sorted, so the later entry wins
    if (!names && names.error().kind == ErrorKind::NotFound) {
        return {};
    }
    if (!names) {
        return names.error();  // a journal that cannot be seen is not none
    }
    for (const std::string& name : *names) {
        if (!is_journal_name(name)) {
            continue;
        }
        database.interrupted = true;
        THIMBLE_TRY(
            const std::string text, host.read_file(std::string(kUpdates) + "/" + name, kMaxUpdate));
        auto update = parse_dpkg_database(text);
        if (!update) {
            continue;  // cut by a crash: dpkg throws it away, too
        }
        replay_update(database.entries, *std::move(update));
    }
    return {};
}

/// dpkg itself is of the native architecture.
std::string native_architecture(const std::vector<DpkgEntry>& entries) {
    const auto found = std::ranges::find(entries, "dpkg", &DpkgEntry::name);
    return found == entries.end() ? std::string() : found->architecture;
}

}  // namespace

bool is_journal_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

const DpkgEntry* DpkgDatabase::find(std::string_view name, std::string_view architecture) const {
    const DpkgEntry* other = nullptr;
    for (const DpkgEntry& entry : entries) {
        if (entry.name != name) {
            continue;
        }
        if (entry.architecture == architecture) {
            return &entry;
        }
        if (entry.architecture == "all" || architecture == "all") {
            other = &entry;
        }
    }
    return other;
}

bool DpkgDatabase::is_automatic(std::string_view name, std::string_view architecture) const {
    std::string key(name);
    key += ':';
    key += architecture == "all" ? std::string_view(native_architecture) : architecture;
    return std::ranges::binary_search(automatic, key);
}

Result<DpkgDatabase> read_dpkg_database(host::Host& host) {
    THIMBLE_TRY(const std::string status, host.read_file(kStatus, kMaxStatus));
    DpkgDatabase database;
    THIMBLE_TRY(database.entries, parse_dpkg_database(status));
    THIMBLE_TRY(replay_journal(host, database));
    database.native_architecture = native_architecture(database.entries);
    const auto marks = host.read_file(kMarks, kMaxStatus);
    if (marks) {
        database.automatic = parse_automatic_marks(*marks);
    } else if (marks.error().kind != ErrorKind::NotFound) {
        return because("apt's marks cannot be read", marks.error());
    }
    return database;
}

}  // namespace thimble::apply
