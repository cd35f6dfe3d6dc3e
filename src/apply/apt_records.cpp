#include "thimble/apply/apt_call.hpp"
#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/conffile_record.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/apply/dpkg_update.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/host.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

constexpr const char* kRecords = "/conffiles-before";
constexpr std::size_t kMaxRecords = std::size_t{64} << 20;
constexpr std::chrono::seconds kPatience{60};
constexpr int kTries = 3;

/// None where nothing was repacked.
Result<std::vector<DpkgEntry>> read_records(const std::string& folder) {
    const auto text = read_whole_file(folder + kRecords, kMaxRecords);
    if (!text && text.error().kind == ErrorKind::NotFound) {
        return std::vector<DpkgEntry>{};
    }
    if (!text) {
        return text.error();
    }
    return parse_dpkg_database(*text);
}

struct Differing {
    std::vector<std::string> stanzas;  ///< as they are to be
    std::string names;                 ///< for people
};

Differing differing(const std::vector<DpkgEntry>& records, const DpkgDatabase& database) {
    Differing all;
    for (const DpkgEntry& record : records) {
        const DpkgEntry* now = database.find(record.name, record.architecture);
        auto stanza = now == nullptr ? std::nullopt : with_recorded_conffiles(*now, record);
        if (stanza) {
            all.stanzas.push_back(*std::move(stanza));
            all.names += (all.names.empty() ? "" : ", ") + printable(record.name, 100);
        }
    }
    return all;
}

Error not_returned(const std::string& names, std::string_view why) {
    return failure(
        ErrorKind::Unavailable,
        "apply.record_not_returned",
        std::string(kRecordNotReturned) + names
            + " is not what it was before: " + std::string(why));
}

}  // namespace

Result<void> AptPackages::keep_records(
    const std::vector<ToKeep>& repacked, const std::string& folder) {
    std::vector<const DpkgEntry*> entries;
    entries.reserve(repacked.size());
    for (const ToKeep& one : repacked) {
        entries.push_back(one.entry);
    }
    return entries.empty() ? Result<void>()
                           : write_whole_file(folder + kRecords, format_conffile_records(entries));
}

/// dpkg takes the entries in while the frontend's lock is ours: whoever comes between would be told that dpkg was interrupted.
Result<void> AptPackages::return_records_once(const std::vector<DpkgEntry>& records) {
    THIMBLE_TRY(merge_dpkg_journal(kPatience));
    THIMBLE_TRY(wait_for_lock(kPatience));
    THIMBLE_TRY(DpkgLocks locks, DpkgLocks::take(host_.local_root()));
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    const Differing wrong = differing(records, database);
    if (database.interrupted) {
        return failure(ErrorKind::Conflict, "apply.lock_held", "dpkg was interrupted again");
    }
    THIMBLE_TRY(write_dpkg_journal(host_.local_root(), wrong.stanzas));
    locks.let_database_go();
    std::vector<std::string> environment = apt_environment();
    environment.emplace_back("DPKG_FRONTEND_LOCKED=true");
    THIMBLE_TRY(
        const host::Outcome outcome,
        (host_.run({.argv = dpkg_merge_command(), .environment = std::move(environment)})));
    return outcome.exit_status == 0 ? Result<void>()
                                    : failure(
                                          ErrorKind::Unavailable,
                                          "apply.dpkg_journal",
                                          "dpkg could not take its own journal into its database: "
                                              + printable(outcome.errors));
}

Result<void> AptPackages::return_records(const std::string& folder) {
    THIMBLE_TRY(const auto records, read_records(folder));
    for (int tries = 1; !records.empty(); ++tries) {
        THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
        const Differing wrong = differing(records, database);
        if (wrong.stanzas.empty() && !database.interrupted) {
            break;
        }
        if (tries > kTries) {
            return not_returned(wrong.names, "dpkg did not take it");
        }
        const auto returned = return_records_once(records);
        // Somebody may have come between.
        if (!returned && (returned.error().code != "apply.lock_held" || tries == kTries)) {
            return not_returned(wrong.names, returned.error().text());
        }
    }
    return {};
}

}  // namespace thimble::apply
