#include "thimble/apply/apt_call.hpp"
#include "thimble/apply/apt_hearing.hpp"
#include "thimble/apply/apt_lock.hpp"
#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/deb_archive.hpp"
#include "thimble/apply/dpkg_database.hpp"
#include "thimble/apply/dpkg_reading.hpp"
#include "thimble/apply/expected_actions.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/host.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

constexpr const char* kExpectation = "expected-actions";
constexpr int kTries = 3;

/// As the host itself, which no link of its own leads out of.
Result<void> make_empty_cache(host::Host& host, const std::string& folder) {
    THIMBLE_TRY(
        const host::Outcome made,
        (host.run(
            {.argv = {"mkdir", "-p", folder + "/partial"}, .environment = apt_environment()})));
    if (made.exit_status != 0) {
        return failure(
            ErrorKind::Unavailable,
            "apply.cannot_write",
            folder + " cannot be made: " + printable(made.errors));
    }
    return {};
}

/// What was begun before and is no step of ours may be configured, and nothing else.
void add_unfinished(const DpkgDatabase& database, RemainingWork& work) {
    for (const DpkgEntry& entry : database.entries) {
        const auto is_known = [&](const ExpectedAction& action) {
            return action.name == entry.name && action.architecture == entry.architecture;
        };
        if (!entry.is_finished() && std::ranges::none_of(work.actions, is_known)) {
            work.actions.push_back(
                {.kind = ActionKind::Finish,
                 .name = entry.name,
                 .architecture = entry.architecture,
                 .version = entry.version,
                 .path = {}});
        }
    }
}

bool is_clean(const DpkgDatabase& database) {
    return !database.interrupted && std::ranges::all_of(database.entries, &DpkgEntry::is_finished);
}

}  // namespace

AptGate AptPackages::gate() const {
    return {
        .program = places_.gate,
        .expectation = places_.scratch_seen + "/" + kExpectation,
        .cache = places_.empty_cache};
}

/// Runs a program that tells on its status channel how far it is.
Result<TransactionReport> AptPackages::listen(
    std::vector<std::string> argv, const Transaction& transaction) {
    AptHearing hearing(transaction);
    const host::Command command{
        .argv = std::move(argv),
        .timeout = transaction.policy.transaction_timeout,
        .silence_limit = transaction.policy.silence_timeout,
        .output_limit = 0,
        .overflow = host::Overflow::Drop,
        .environment = apt_environment(),
        .own_session = true,
        .status_channel = true,
        .held = transaction.held,
        .listener = [&](host::Channel channel, std::string_view piece) {
            if (channel == host::Channel::Status) {
                hearing.take_status(piece);
            } else {
                hearing.take_output(piece);
            }
        }};
    const auto outcome = host_.run(command);
    std::optional<Error> killed;
    if (!outcome) {
        const Error& error = outcome.error();
        if (error.code != "host.timeout" && error.code != "host.silent") {
            return error;
        }
        killed = error;
    }
    const auto holder = find_lock_holder(host_.local_root());
    return judge_ending(
        hearing, outcome ? outcome->exit_status : 128 + 9, killed, holder ? *holder : std::nullopt);
}

Result<TransactionReport> AptPackages::carry_out(
    const Transaction& transaction, FixBroken fix_broken) {
    THIMBLE_TRY(check_call(transaction.steps, transaction.archives, gate()));
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    RemainingWork work = remaining_work(transaction.steps, database, transaction.archives);
    if (!work.named_archive.empty()) {
        // Where it cannot be read apt says so, better than we could.
        const auto control = read_deb_control(host_.local_root() + work.named_archive);
        name_as_written(control ? control->written_version : std::string(), work);
    }
    if (fix_broken == FixBroken::Yes) {
        add_unfinished(database, work);
    } else if (work.arguments.empty()) {
        TransactionReport done;
        done.ending = TransactionEnding::Done;
        done.detail = "nothing was left to do";
        return done;
    }
    THIMBLE_TRY(make_folder(places_.scratch));
    THIMBLE_TRY(write_whole_file(
        places_.scratch + "/" + kExpectation, format_expected_actions(work.actions)));
    THIMBLE_TRY(make_empty_cache(host_, places_.empty_cache));
    return listen(
        apt_install_command(work, gate(), transaction.policy.lock_timeout, fix_broken),
        transaction);
}

/// A dpkg that was killed within the transaction before this one leaves a journal. What it had begun is
/// not configured, as repair would do: the way back replaces just that.
Result<void> AptPackages::merge_dpkg_journal(std::chrono::seconds lock_timeout) {
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    if (!database.interrupted) {
        return {};
    }
    THIMBLE_TRY(wait_for_lock(lock_timeout));
    THIMBLE_TRY(
        const host::Outcome outcome,
        (host_.run({.argv = dpkg_merge_command(), .environment = apt_environment()})));
    if (outcome.exit_status != 0) {
        return failure(
            ErrorKind::Unavailable,
            "apply.dpkg_journal",
            "dpkg could not take its own journal into its database: " + printable(outcome.errors));
    }
    return {};
}

/// apt marks what it is told by name as chosen by hand; the plan knows better.
Result<void> AptPackages::set_marks(const Transaction& transaction) {
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    const WrongMarks wrong = wrong_marks(transaction.steps, database);
    for (const auto& [verb, packages] :
         {std::pair("auto", &wrong.to_automatic), std::pair("manual", &wrong.to_manual)}) {
        if (packages->empty()) {
            continue;
        }
        THIMBLE_TRY(
            const host::Outcome outcome,
            (host_.run(
                {.argv = apt_mark_command(verb, *packages), .environment = apt_environment()})));
        if (outcome.exit_status != 0) {
            return failure(
                ErrorKind::Unavailable,
                "apply.marks_not_set",
                "apt-mark failed: " + outcome.errors);
        }
    }
    return {};
}

/// An apt that outlived the run which started it may go on, and break off, while ours waits for its lock.
/// Then what is left to do is another than what ours was told.
Result<TransactionReport> AptPackages::carry_out_despite_others(const Transaction& transaction) {
    for (int tries = 1;; ++tries) {
        THIMBLE_TRY(const DpkgDatabase before, read_dpkg_database(host_));
        THIMBLE_TRY(TransactionReport report, carry_out(transaction, FixBroken::No));
        if (report.ending != TransactionEnding::Refused || tries == kTries) {
            return report;
        }
        THIMBLE_TRY(const DpkgDatabase now, read_dpkg_database(host_));
        if (now.entries == before.entries && now.interrupted == before.interrupted) {
            return report;
        }
        if (!is_clean(now)) {
            THIMBLE_TRY(report, finish_begun(transaction));
        }
    }
}

/// apt does nothing while a package needs to be unpacked again whose version is offered nowhere, whatever it is told.
Result<std::optional<TransactionReport>> AptPackages::unpack_torn(const Transaction& transaction) {
    THIMBLE_TRY(check_call(transaction.steps, transaction.archives, gate()));
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    const auto torn = torn_archives(transaction.steps, database, transaction.archives);
    if (torn.empty()) {
        return std::optional<TransactionReport>();
    }
    THIMBLE_TRY(wait_for_lock(transaction.policy.lock_timeout));
    THIMBLE_TRY(TransactionReport unpacked, listen(dpkg_unpack_command(torn), transaction));
    return unpacked.ending == TransactionEnding::Done ? std::optional<TransactionReport>()
                                                      : std::optional(std::move(unpacked));
}

Result<TransactionReport> AptPackages::run(const Transaction& transaction) {
    THIMBLE_TRY(merge_dpkg_journal(transaction.policy.lock_timeout));
    THIMBLE_TRY(auto ended, unpack_torn(transaction));
    if (ended) {
        return *std::move(ended);
    }
    THIMBLE_TRY(TransactionReport report, carry_out_despite_others(transaction));
    return with_marks(std::move(report), transaction);
}

/// apt writes its marks before dpkg begins: they are set right however it ended, but not beside somebody who holds the lock.
TransactionReport AptPackages::with_marks(
    TransactionReport report, const Transaction& transaction) {
    if (report.ending == TransactionEnding::Locked) {
        return report;
    }
    if (const auto marked = set_marks(transaction); !marked) {
        const bool was_done = report.ending == TransactionEnding::Done;
        report.ending = was_done ? TransactionEnding::Failed : report.ending;
        report.detail += (report.detail.empty() ? "" : "; ") + marked.error().text();
    }
    return report;
}

/// dpkg does not wait for its lock, as apt does.
Result<void> AptPackages::wait_for_lock(std::chrono::seconds timeout) {
    const auto give_up = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        THIMBLE_TRY(const auto holder, lock_holder());
        if (!holder || std::chrono::steady_clock::now() >= give_up) {
            return {};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
}

Result<void> AptPackages::outlast(std::chrono::seconds most) {
    std::error_code failed;
    std::filesystem::remove(places_.scratch + "/" + kExpectation, failed);
    if (failed) {
        return failure(
            ErrorKind::Unavailable,
            "apply.cannot_write",
            places_.scratch + "/" + kExpectation + " cannot be removed: " + failed.message());
    }
    THIMBLE_TRY(wait_for_lock(most));
    THIMBLE_TRY(const auto holder, lock_holder());
    if (holder) {
        return failure(
            ErrorKind::Conflict,
            "apply.lock_held",
            "process " + std::to_string(holder->pid) + " (" + holder->command + ") holds "
                + holder->lock + ": what is installed cannot be told before it has ended");
    }
    return {};
}

/// Unpacks again what was being unpacked, then configures what can be.
Result<TransactionReport> AptPackages::finish_begun(const Transaction& limits) {
    THIMBLE_TRY(wait_for_lock(limits.policy.lock_timeout));
    THIMBLE_TRY(const DpkgDatabase database, read_dpkg_database(host_));
    const auto again = archives_to_unpack_again(limits.steps, database, limits.archives);
    if (!again.empty()) {
        THIMBLE_TRY(TransactionReport unpacked, listen(dpkg_unpack_command(again), limits));
        if (unpacked.ending != TransactionEnding::Done) {
            return unpacked;
        }
    }
    return listen(dpkg_configure_command(), limits);
}

Result<TransactionReport> AptPackages::repair(const Transaction& limits) {
    THIMBLE_TRY(check_call(limits.steps, limits.archives, gate()));
    // Who holds it may be the very apt that was left behind.
    THIMBLE_TRY(wait_for_lock(limits.policy.lock_timeout));
    THIMBLE_TRY(const DpkgDatabase before, read_dpkg_database(host_));
    TransactionReport report;
    report.ending = TransactionEnding::Done;
    if (!is_clean(before)) {
        THIMBLE_TRY(report, finish_begun(limits));
    }
    THIMBLE_TRY(const PackageHealth health, this->health());
    if (!health.is_clean()) {
        THIMBLE_TRY(report, carry_out(limits, FixBroken::Yes));
    }
    return with_marks(std::move(report), limits);
}

}  // namespace thimble::apply
