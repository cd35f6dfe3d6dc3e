#include "thimble/apply/rpm_host.hpp"

#include "thimble/apply/rpm_lock.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/run_command.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

namespace thimble::apply {
namespace {

using inventory::RunsAt;

constexpr std::size_t kMaxList = std::size_t{256} << 20;
constexpr std::size_t kMaxState = std::size_t{4} << 20;
constexpr std::chrono::minutes kTimeToAsk{5};

Error rpm_failed(const host::Outcome& outcome) {
    return failure(
        ErrorKind::Unavailable,
        "apply.rpm_not_asked",
        "rpm ended with status " + std::to_string(outcome.exit_status) + ": "
            + last_words(outcome.errors));
}

}  // namespace

Result<host::Outcome> RpmHost::query(std::vector<std::string> argv) {
    return inventory::run_rpm(
        host_, {.argv = std::move(argv), .timeout = kTimeToAsk, .output_limit = kMaxList});
}

Result<std::vector<RpmEntry>> RpmHost::entries() {
    THIMBLE_TRY(
        const host::Outcome outcome, query({"rpm", "-qa", "--queryformat", rpm_entry_format()}));
    if (outcome.exit_status != 0) {
        return rpm_failed(outcome);
    }
    return parse_rpm_entries(outcome.output);
}

Result<std::vector<PackageVersion>> RpmHost::installed() {
    THIMBLE_TRY(const std::vector<RpmEntry> all, entries());
    std::vector<PackageVersion> packages;
    packages.reserve(all.size());
    for (const RpmEntry& entry : all) {
        packages.push_back(entry.package);
    }
    return packages;
}

Result<std::string> RpmHost::state(std::span<const std::string> also) {
    THIMBLE_TRY(const std::vector<RpmEntry> all, entries());
    std::string text;
    for (const RpmEntry& entry : all) {
        text += entry.package.name + " " + entry.package.architecture + " ";
        text += entry.package.version + " " + entry.identity + "\n";
    }
    for (const std::string& path : also) {
        const auto content = host_.read_file(path, kMaxState);
        text += path + " " + (content ? sha256_of(*content) : std::string("-")) + "\n";
    }
    return sha256_of(text);
}

/// Names of which several versions may be there side by side.
/// @source dnf.conf(5) installonlypkgs; libzypp's multiversion
Result<std::vector<std::string>> RpmHost::several_allowed() {
    THIMBLE_TRY(
        const host::Outcome outcome,
        query(
            {"rpm",
             "-q",
             "--queryformat",
             "=%{NAME}\\n",
             "--whatprovides",
             "kernel",
             "kernel-PAE",
             "installonlypkg(kernel)",
             "installonlypkg(kernel-module)",
             "installonlypkg(vm)",
             "multiversion(kernel)"}));
    std::vector<std::string> names;
    Lines lines(outcome.output);
    for (std::string_view line; lines.next(line);) {
        if (line.starts_with('=')) {  // the rest says what nothing provides
            names.emplace_back(line.substr(1));
        }
    }
    return names;
}

Result<PackageHealth> RpmHost::health() {
    PackageHealth health;
    THIMBLE_TRY(const std::vector<RpmEntry> all, entries());
    if (!duplicates(all, {}).empty()) {
        THIMBLE_TRY(const std::vector<std::string> several, several_allowed());
        health.unfinished = duplicates(all, several);
    }
    THIMBLE_TRY(
        const host::Outcome outcome,
        query({"rpm", "-Va", "--nofiles", "--noscripts", "--nodigest", "--nosignature"}));
    if (outcome.exit_status == 0) {
        return health;
    }
    Lines lines(outcome.output);
    for (std::string_view line; lines.next(line);) {
        health.broken.push_back(printable(trimmed(line), 500));
    }
    if (health.broken.empty()) {
        return rpm_failed(outcome);
    }
    return health;
}

Result<std::optional<LockHolder>> RpmHost::lock_holder() {
    return find_rpm_lock_holder(host_);
}

Result<std::optional<LockHolder>> RpmHost::wait_for_lock(std::chrono::seconds most) {
    const auto give_up = std::chrono::steady_clock::now() + most;
    for (;;) {
        THIMBLE_TRY(auto holder, lock_holder());
        if (!holder || std::chrono::steady_clock::now() >= give_up) {
            return holder;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
}

Result<std::vector<inventory::RpmFile>> RpmHost::files_of(
    const std::vector<std::string>& packages) {
    if (packages.empty()) {
        return std::vector<inventory::RpmFile>();
    }
    std::vector<std::string> argv{"rpm", "-q", "--queryformat", inventory::rpm_files_format()};
    argv.insert(argv.end(), packages.begin(), packages.end());
    THIMBLE_TRY(const host::Outcome outcome, query(std::move(argv)));
    return inventory::parse_rpm_files(outcome.output);
}

std::string RpmHost::seen(RunsAt where, const std::string& path) const {
    const std::string root = host_.local_root();
    const bool as_it_is = where == RunsAt::Host || root == "/" || archives_ == ArchivePaths::OfHere;
    return as_it_is ? path : root + path;
}

std::string RpmHost::root_seen(RunsAt where) const {
    return where == RunsAt::Host ? "/" : host_.local_root();
}

ConfigLeftovers RpmHost::leftovers(std::span<const model::PlannedStep> steps) {
    constexpr std::array kEndings{".rpmnew", ".rpmsave", ".rpmorig"};
    std::vector<std::string> names;
    for (const model::PlannedStep& step : steps) {
        names.push_back(step.name);
    }
    ConfigLeftovers found;
    const auto files = files_of(names);
    if (!files) {
        return found;
    }
    for (const inventory::RpmFile& file : *files) {
        for (const char* ending : kEndings) {
            const auto info = host_.look(file.path + ending, host::Follow::No);
            if (file.is_config && info) {
                found.emplace(file.path + ending, *info);
            }
        }
    }
    return found;
}

std::string RpmHost::new_leftovers(
    std::span<const model::PlannedStep> steps, const ConfigLeftovers& before) {
    ConfigLeftovers now = leftovers(steps);
    for (const auto& [path, info] : before) {
        const auto again = host_.look(path, host::Follow::No);
        if (again) {
            now.emplace(path, *again);
        }
    }
    std::string text;
    for (const auto& [path, info] : now) {
        const auto old = before.find(path);
        if (old != before.end() && old->second == info) {
            continue;
        }
        text += text.empty() ? "" : "; ";
        text += printable(path, 300);
        text += path.ends_with(".rpmnew") ? " is the new version's configuration"
                                          : " is the host's configuration, which was replaced";
    }
    return text;
}

Result<RanWithin> run_within(
    host::Host& host, RunsAt where, host::Command command, const Transaction& transaction) {
    RanWithin ran;
    ProgressReader progress(transaction.progress);
    const bool answers = command.overflow == host::Overflow::Fail;
    command.timeout = transaction.policy.transaction_timeout;
    command.silence_limit = transaction.policy.silence_timeout;
    command.environment = inventory::rpm_environment();
    command.status_channel = true;
    command.held = transaction.held;
    command.listener = [&](host::Channel channel, std::string_view piece) {
        if (channel == host::Channel::Status) {
            progress.take(piece);
        } else if (channel == host::Channel::Errors || !answers) {
            ran.tail.take(piece);
            if (transaction.output) {
                transaction.output(piece);
            }
        }
    };
    auto outcome = where == RunsAt::Host ? host.run(command)
                                         : host::run_command(command, host::Surroundings::Machine);
    if (outcome) {
        ran.outcome = *std::move(outcome);
    } else if (outcome.error().code == "host.timeout" || outcome.error().code == "host.silent") {
        ran.killed = std::move(outcome).error();
    } else {
        return std::move(outcome).error();
    }
    return ran;
}

void classify(const RanWithin& ran, TransactionReport& report) {
    report.output = ran.tail.text();
    if (ran.killed) {
        report.ending = TransactionEnding::TimedOut;
        report.exit_status = 128 + 9;
        report.detail = "killed: " + ran.killed->text();
    } else if (report.ending == TransactionEnding::Failed && ran.tail.says(kNoSpaceLeft)) {
        report.ending = TransactionEnding::NoSpace;
    } else if (report.ending == TransactionEnding::Failed && ran.tail.says("/dev/tty")) {
        report.ending = TransactionEnding::Prompted;  // who looks for a terminal wanted to ask
    }
}

std::string words_of(const LockHolder& holder) {
    return holder.lock + " is held by " + printable(holder.command, 200) + " (process "
        + std::to_string(holder.pid) + ")";
}

}  // namespace thimble::apply
