#include "thimble/apply/zypper_packages.hpp"

#include "thimble/apply/sha256.hpp"
#include "thimble/apply/zypper_steps.hpp"
#include "thimble/base/error.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/inventory/zypper_call.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;
using inventory::RunsAt;

constexpr const char* kZypper = "/usr/bin/zypper";

RunsAt asked_at(const host::Host& host) {
    return host.local_root() == "/" ? RunsAt::Host : RunsAt::Here;
}

}  // namespace

Result<host::Command> ZypperPackages::call(RunsAt where, std::vector<std::string> arguments) {
    return inventory::zypper_command(
        host_, where, {.scratch = scratch_, .cache = {}}, std::move(arguments));
}

/// Asks this machine's zypper about the host.
Result<host::Outcome> ZypperPackages::ask(std::vector<std::string> arguments) {
    if (host_.plain_root().empty()) {
        return failure(
            ErrorKind::Unsupported,
            "apply.host_elsewhere",
            "zypper can be asked on this machine only");
    }
    THIMBLE_TRY(const host::Command command, call(asked_at(host_), std::move(arguments)));
    return host::run_command(command);
}

Result<FetchedArchive> ZypperPackages::take_download(
    const WantedArchive& archive, const std::string& path, const std::string& folder) {
    FetchedArchive fetched;
    fetched.file_name = archive.file_name;
    const std::string target = folder + "/" + archive.file_name;
    std::error_code error;
    if (path.empty() || !fs::copy_file(path, target, fs::copy_options::overwrite_existing, error)) {
        fetched.ending = error.value() == ENOSPC ? FetchEnding::NoSpace : FetchEnding::VersionGone;
        fetched.why = path.empty() ? "no repository offers it" : error.message();
        return fetched;
    }
    THIMBLE_TRY(fetched.sha256, sha256_of_file(target));
    fetched.size = fs::file_size(target, error);
    fetched.ending = FetchEnding::Done;
    return fetched;
}

Result<std::vector<FetchedArchive>> ZypperPackages::fetch_wanted(
    const std::vector<WantedArchive>& wanted, const std::string& folder) {
    THIMBLE_TRY(const std::string absolute, archive_folder(folder));
    std::vector<std::string> arguments{"--no-refresh", "download", "--"};
    for (const WantedArchive& archive : wanted) {
        arguments.push_back(zypper_label(archive.package));
    }
    THIMBLE_TRY(const host::Outcome outcome, ask(std::move(arguments)));
    // It is judged by what came: the status tells of the whole only.
    THIMBLE_TRY(const auto paths, inventory::parse_zypper_downloads(outcome.output));
    std::vector<FetchedArchive> all;
    for (const WantedArchive& archive : wanted) {
        const auto found = paths.find(archive.file_name);
        THIMBLE_TRY(
            all.emplace_back(),
            take_download(archive, found == paths.end() ? std::string() : found->second, absolute));
    }
    return all;
}

Result<void> ZypperPackages::fetch(
    std::span<const model::PlannedStep> steps,
    const std::string& folder,
    const Progress& progress) {
    THIMBLE_TRY(check_rpm_steps(steps));
    if (progress) {
        progress(0, "downloading");
    }
    THIMBLE_TRY(fetch_and_check(steps, folder, [&](const auto& wanted, const std::string& place) {
        return fetch_wanted(wanted, place);
    }));
    return check_signatures(steps, folder);
}

Result<std::vector<KeptArchive>> ZypperPackages::keep_current(
    std::span<const model::PlannedStep> steps, const std::string& folder) {
    const std::array<std::string, 1> caches{"/var/cache/zypp/packages"};
    return rpm_.keep(steps, folder, caches, [&](const auto& wanted, const std::string& place) {
        return fetch_wanted(wanted, place);
    });
}

/// What would zypper do? It is asked before it does it; and rpm, whose --force it uses, is asked whether
/// files would be overwritten.
Result<std::optional<TransactionReport>> ZypperPackages::rehearse(
    std::span<const model::PlannedStep> open, const Transaction& transaction) {
    THIMBLE_TRY(const RunsAt where, inventory::find_program(host_, kZypper));
    std::vector<std::string> arguments =
        zypper_install(open, rpm_.seen(where, transaction.archives));
    arguments.insert(std::ranges::find(arguments, "install") + 1, "--dry-run");
    THIMBLE_TRY(const host::Command command, call(where, std::move(arguments)));
    THIMBLE_TRY(
        const host::Outcome outcome,
        where == RunsAt::Host ? host_.run(command)
                              : host::run_command(command, host::Surroundings::Machine));
    THIMBLE_TRY(
        const inventory::ZypperSummary summary, inventory::parse_zypper_summary(outcome.output));
    TransactionReport report = zypper_ending(outcome.exit_status);
    report.output = outcome.errors;
    if (report.ending != TransactionEnding::Done) {
        report.detail += summary.complaint.empty() ? "" : ": " + summary.complaint;
        if (report.ending == TransactionEnding::Failed) {
            report.ending = TransactionEnding::Refused;
        }
        return std::optional(std::move(report));
    }
    const std::vector<std::string> found = zypper_differences(open, summary.changes);
    if (found.empty()) {
        return rpm_.test(open, transaction);
    }
    report.ending = TransactionEnding::Refused;
    for (const std::string& sentence : found) {
        report.detail += (report.detail.empty() ? "" : "; ") + sentence;
    }
    return std::optional(std::move(report));
}

Result<TransactionReport> ZypperPackages::transact(
    std::span<const model::PlannedStep> open, const Transaction& transaction) {
    THIMBLE_TRY(const RunsAt where, inventory::find_program(host_, kZypper));
    THIMBLE_TRY(
        host::Command command,
        call(where, zypper_install(open, rpm_.seen(where, transaction.archives))));
    if (where == RunsAt::Here) {
        command.argv = inventory::fenced(std::move(command.argv));
    }
    command.output_limit = 0;
    command.overflow = host::Overflow::Drop;
    THIMBLE_TRY(const RanWithin ran, run_within(host_, where, std::move(command), transaction));
    TransactionReport report = zypper_ending(ran.outcome.exit_status);
    if (report.ending == TransactionEnding::Failed) {
        report.detail += ": " + last_words(ran.tail.text());
    }
    classify(ran, report);
    return report;
}

Result<TransactionReport> ZypperPackages::run(const Transaction& transaction) {
    const RpmCarrier carrier{
        .rehearse = [&](RpmCarrier::Steps open) { return rehearse(open, transaction); },
        .transact =
            [&](RpmCarrier::Steps open) {
                return transact(open, transaction);
            }};
    return transactions_.run(transaction, carrier);
}

Result<PackageHealth> ZypperPackages::health() {
    THIMBLE_TRY(PackageHealth health, rpm_.health());
    health.interrupted = transactions_.is_torn();
    return health;
}

Result<TransactionReport> ZypperPackages::repair(const Transaction& limits) {
    return transactions_.repair(limits);
}

Result<std::string> ZypperPackages::host_state() {
    const std::array<std::string, 2> also{"/etc/zypp/locks", "/etc/zypp/zypp.conf"};
    return rpm_.state(also);
}

}  // namespace thimble::apply
