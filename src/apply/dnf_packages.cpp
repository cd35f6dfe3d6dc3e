#include "thimble/apply/dnf_packages.hpp"

#include "thimble/apply/dnf_answer.hpp"
#include "thimble/apply/resolution_policy.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/inventory/dnf_call.hpp"

#include <array>
#include <chrono>
#include <cstddef>

namespace thimble::apply {
namespace {

using inventory::RunsAt;

constexpr const char* kDnf = "/usr/bin/dnf";
constexpr std::size_t kMaxAnswer = std::size_t{64} << 20;
constexpr std::chrono::seconds kTimeToAsk{600};
constexpr std::chrono::seconds kTimeToFetch{1860};

/// Who is asked about repositories: this machine's dnf, also about a directory that has its own.
RunsAt asked_at(const host::Host& host) {
    return host.local_root() == "/" ? RunsAt::Host : RunsAt::Here;
}

}  // namespace

Result<host::Command> DnfPackages::call(
    RunsAt where, const std::string& verb, host::Command command) {
    // Within an enclosure our cache is not seen, and no repository is asked.
    const bool cached = where == RunsAt::Here || host_.local_root() == "/";
    THIMBLE_TRY(
        std::vector<std::string> argv,
        inventory::dnf_argv(
            host_,
            where,
            where == RunsAt::Host ? places_.script_seen : places_.script,
            verb,
            cached ? places_.cache : std::string()));
    argv.insert(argv.end(), command.argv.begin(), command.argv.end());
    command.argv = std::move(argv);
    return command;
}

/// Asks this machine's dnf about the host.
Result<std::string> DnfPackages::ask(const std::string& verb, host::Command command) {
    if (host_.plain_root().empty()) {
        return failure(
            ErrorKind::Unsupported,
            "apply.host_elsewhere",
            "dnf can be asked on this machine only");
    }
    command.output_limit = kMaxAnswer;
    THIMBLE_TRY(const host::Command asking, call(asked_at(host_), verb, std::move(command)));
    THIMBLE_TRY(host::Outcome outcome, host::run_command(asking));
    if (outcome.exit_status != 0) {
        return failure(
            ErrorKind::Unavailable,
            "apply.dnf_not_asked",
            "dnf's library ended with status " + std::to_string(outcome.exit_status) + ": "
                + last_words(outcome.errors));
    }
    return std::move(outcome.output);
}

Result<Resolution> DnfPackages::resolve(const Resolving& wanted) {
    THIMBLE_TRY(
        const std::string answer,
        ask("resolve", {.argv = {}, .input = format_resolving(wanted), .timeout = kTimeToAsk}));
    auto resolution = parse_resolution(answer);
    if (!resolution) {
        return because("dnf's answer", std::move(resolution).error());
    }
    refuse_other_repositories(wanted.origins, *resolution);
    return resolution;
}

Result<std::vector<FetchedArchive>> DnfPackages::fetch_wanted(
    const std::vector<WantedArchive>& wanted, const std::string& folder, const Progress& progress) {
    THIMBLE_TRY(const std::string absolute, archive_folder(folder));
    ProgressReader reader(progress);
    THIMBLE_TRY(
        const std::string answer,
        ask("fetch",
            {.argv = {"--folder", absolute},
             .input = format_wanted_archives(wanted),
             .timeout = kTimeToFetch,
             .status_channel = true,
             .listener = [&](host::Channel channel, std::string_view piece) {
                 if (channel == host::Channel::Status) {
                     reader.take(piece);
                 }
             }}));
    auto fetched = parse_fetched_archives(answer);
    if (!fetched) {
        return because("dnf's answer", std::move(fetched).error());
    }
    return fetched;
}

Result<void> DnfPackages::fetch(
    std::span<const model::PlannedStep> steps,
    const std::string& folder,
    const Progress& progress) {
    return fetch_and_check(steps, folder, [&](const auto& wanted, const std::string& place) {
        return fetch_wanted(wanted, place, progress);
    });
}

Result<std::vector<KeptArchive>> DnfPackages::keep_current(
    std::span<const model::PlannedStep> steps, const std::string& folder) {
    const std::array<std::string, 1> caches{"/var/cache/dnf"};
    return rpm_.keep(steps, folder, caches, [&](const auto& wanted, const std::string& place) {
        return fetch_wanted(wanted, place, {});
    });
}

Result<TransactionReport> DnfPackages::transact(
    std::span<const model::PlannedStep> open, const Transaction& transaction) {
    THIMBLE_TRY(const RunsAt where, inventory::find_program(host_, kDnf));
    THIMBLE_TRY(
        host::Command command,
        call(
            where,
            "transact",
            {.argv = {"--archives", rpm_.seen(where, transaction.archives)},
             .input = format_dnf_steps(open),
             .output_limit = kMaxAnswer}));
    if (where == RunsAt::Here) {
        command.argv = inventory::fenced(std::move(command.argv));
    }
    THIMBLE_TRY(const RanWithin ran, run_within(host_, where, std::move(command), transaction));
    TransactionReport report;
    const auto answered = parse_dnf_ending(ran.outcome.output);
    if (answered) {
        report = *answered;
    } else {
        report.detail = "dnf's library ended with status " + std::to_string(ran.outcome.exit_status)
            + ": " + last_words(ran.tail.text());
    }
    report.exit_status = ran.outcome.exit_status;
    classify(ran, report);
    return report;
}

Result<TransactionReport> DnfPackages::run(const Transaction& transaction) {
    const RpmCarrier carrier{.rehearse = {}, .transact = [&](RpmCarrier::Steps open) {
                                 return transact(open, transaction);
                             }};
    THIMBLE_TRY(TransactionReport report, transactions_.run(transaction, carrier));
    THIMBLE_TRY(close_history(report));
    return report;
}

/// The host's own dnf, or this machine's where the host has none.
Result<host::Outcome> DnfPackages::run_own(const std::string& verb, host::Command command) {
    THIMBLE_TRY(const RunsAt where, inventory::find_program(host_, kDnf));
    THIMBLE_TRY(command, call(where, verb, std::move(command)));
    return where == RunsAt::Host ? host_.run(command)
                                 : host::run_command(command, host::Surroundings::Machine);
}

Result<bool> DnfPackages::history_is_unfinished() {
    if (!host_.look("/var/lib/dnf/history.sqlite", host::Follow::Yes)) {
        return false;
    }
    // It is the host's own dnf that wrote it, and a clone's can be asked by nobody else.
    THIMBLE_TRY(
        const host::Outcome outcome, run_own("history", {.argv = {}, .output_limit = kMaxAnswer}));
    if (outcome.exit_status != 0) {
        return failure(
            ErrorKind::Unavailable,
            "apply.dnf_not_asked",
            "dnf's history cannot be read: " + last_words(outcome.errors));
    }
    return parse_dnf_history(outcome.output);
}

Result<PackageHealth> DnfPackages::health() {
    THIMBLE_TRY(PackageHealth health, rpm_.health());
    THIMBLE_TRY(health.interrupted, history_is_unfinished());
    health.interrupted = health.interrupted || transactions_.is_torn();
    return health;
}

/// What rpm finished without dnf is over in dnf's history, too.
Result<void> DnfPackages::close_history(TransactionReport& report) {
    if (report.ending != TransactionEnding::Done) {
        return {};
    }
    THIMBLE_TRY(const bool unfinished, history_is_unfinished());
    if (!unfinished) {
        return {};
    }
    THIMBLE_TRY(const host::Outcome outcome, run_own("close-history", {.argv = {}}));
    if (outcome.exit_status != 0) {
        report.ending = TransactionEnding::Failed;
        report.detail = "dnf's history could not be closed: " + last_words(outcome.errors);
    }
    return {};
}

Result<TransactionReport> DnfPackages::repair(const Transaction& limits) {
    THIMBLE_TRY(TransactionReport report, transactions_.repair(limits));
    THIMBLE_TRY(close_history(report));
    return report;
}

Result<std::string> DnfPackages::host_state() {
    std::vector<std::string> also{"/etc/dnf/plugins/versionlock.list", "/etc/dnf/dnf.conf"};
    const auto modules = host_.list("/etc/dnf/modules.d");
    if (modules) {
        for (const std::string& name : *modules) {
            also.push_back("/etc/dnf/modules.d/" + name);
        }
    }
    return rpm_.state(also);
}

}  // namespace thimble::apply
