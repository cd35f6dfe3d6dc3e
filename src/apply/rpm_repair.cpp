#include "thimble/apply/rpm_host.hpp"
#include "thimble/apply/rpm_remains.hpp"
#include "thimble/base/counted.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/host/run_command.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace thimble::apply {
namespace {

using inventory::RpmFile;
using inventory::RunsAt;
using model::PlannedChange;
using model::PlannedStep;

constexpr std::size_t kMaxFile = std::size_t{1} << 30;

/// Whether a file that the package brought is still that: configuration may be changed, the rest not.
bool is_as_brought(host::Host& host, const RpmFile& file) {
    if (file.is_config || file.is_ghost || file.is_left_out || !file.is_regular
        || !file.is_sha256) {
        return true;
    }
    const auto bytes = host.read_file(file.path, kMaxFile);
    return bytes && sha256_of(*bytes) == file.digest;
}

/// What the transaction installs beside another version, which stays.
bool comes_beside(const PlannedStep& step, const std::vector<RpmEntry>& entries) {
    return step.change == PlannedChange::Install
        && std::ranges::any_of(entries, [&](const RpmEntry& entry) {
               return entry.package.name == step.name
                   && entry.package.architecture == step.architecture
                   && entry.package.version != step.to_version;
           });
}

}  // namespace

Result<std::vector<RpmFile>> RpmHost::files_that_come(
    const PlannedStep& step, const Transaction& transaction) {
    THIMBLE_TRY(const RunsAt where, inventory::find_program(host_, "/usr/bin/rpm"));
    const std::string path =
        seen(where, transaction.archives + "/" + (step.archive ? step.archive->file_name : ""));
    THIMBLE_TRY(
        const host::Outcome outcome,
        query({"rpm", "-qp", "--queryformat", inventory::rpm_files_format(), path}));
    if (outcome.exit_status != 0) {
        return failure(ErrorKind::Corrupt, "apply.bad_rpm", last_words(outcome.errors));
    }
    return inventory::parse_rpm_files(outcome.output);
}

bool RpmHost::is_untouched(const PlannedStep& step, const Transaction& transaction) {
    if (!step.from_version.empty()) {
        const auto files = files_of({rpm_label(step, step.from_version)});
        return files && !files->empty() && std::ranges::all_of(*files, [&](const RpmFile& file) {
                   return is_as_brought(host_, file);
               });
    }
    // A package that is new: none of its files may be there.
    const auto shipped = files_that_come(step, transaction);
    return shipped && std::ranges::none_of(*shipped, [&](const RpmFile& file) {
               return file.is_regular && !file.is_config && !file.is_ghost
                   && host_.look(file.path, host::Follow::No);
           });
}

/// Files that were being written are under names of their own until a package is whole.
std::size_t RpmHost::sweep(const Transaction& transaction) {
    std::set<std::string> paths;
    const auto add = [&](const Result<std::vector<RpmFile>>& files) {
        for (const RpmFile& file : files ? *files : std::vector<RpmFile>()) {
            paths.insert(file.path);
        }
    };
    for (const PlannedStep& step : transaction.steps) {
        if (step.archive) {
            add(files_that_come(step, transaction));
        }
        if (!step.from_version.empty()) {
            add(files_of({rpm_label(step, step.from_version)}));
        }
    }
    return remove_remains(host_, paths);
}

bool RpmHost::has_begun(const Transaction& transaction) {
    const auto now = entries();
    if (!now) {
        return true;
    }
    return std::ranges::any_of(transaction.steps, [&](const PlannedStep& step) {
        const bool there =
            !step.to_version.empty() && find_entry(*now, step, step.to_version) != nullptr;
        const bool gone =
            !step.from_version.empty() && find_entry(*now, step, step.from_version) == nullptr;
        return (there && step.change != PlannedChange::Reinstall) || gone
            || !is_untouched(step, transaction);
    });
}

std::set<std::string> RpmHost::touched(
    std::span<const PlannedStep> steps, const Transaction& transaction) {
    std::set<std::string> found;
    for (const PlannedStep& step : steps) {
        if (!is_untouched(step, transaction)) {
            found.insert(step.name + "." + step.architecture);
        }
    }
    return found;
}

Result<bool> RpmHost::is_torn(
    std::span<const PlannedStep> steps,
    const Transaction& transaction,
    const std::set<std::string>& touched_before) {
    sweep(transaction);
    THIMBLE_TRY(const std::vector<RpmEntry> now, entries());
    bool torn = false;
    for (const PlannedStep& step : steps) {
        const bool came =
            !step.to_version.empty() && find_entry(now, step, step.to_version) != nullptr;
        const bool is_new = step.from_version.empty();
        if (came || (!is_new && find_entry(now, step, step.from_version) == nullptr)) {
            torn = torn || (came && !is_new && find_entry(now, step, step.from_version) != nullptr);
            continue;
        }
        if (touched_before.contains(step.name + "." + step.architecture)
            || is_untouched(step, transaction)) {
            continue;
        }
        const bool mended = is_new && take_away(step, transaction);
        torn = torn || !mended;
    }
    return torn;
}

/// Removes the files of a package that is not in the database. None of them were there before it came.
bool RpmHost::take_away(const PlannedStep& step, const Transaction& transaction) {
    const auto shipped = files_that_come(step, transaction);
    std::set<std::string> paths;
    for (const RpmFile& file : shipped ? *shipped : std::vector<RpmFile>()) {
        if (file.is_regular && !file.is_config && !file.is_ghost) {
            paths.insert(file.path);
        }
    }
    remove_files(host_, paths);
    return is_untouched(step, transaction);
}

Result<TransactionReport> RpmHost::change(
    std::vector<std::string> argv, const Transaction& transaction) {
    THIMBLE_TRY(const RunsAt where, inventory::find_program(host_, "/usr/bin/rpm"));
    THIMBLE_TRY(
        const RanWithin ran,
        run_within(
            host_,
            where,
            {.argv = inventory::rpm_argv(host_, where, std::move(argv), inventory::RpmUse::Change),
             .output_limit = 0,
             .overflow = host::Overflow::Drop},
            transaction));
    TransactionReport report;
    report.exit_status = ran.outcome.exit_status;
    const bool well = !ran.killed && report.exit_status == 0;
    report.ending = well ? TransactionEnding::Done : TransactionEnding::Failed;
    report.detail = well ? "" : last_words(ran.tail.text());
    classify(ran, report);
    return report;
}

Result<std::optional<TransactionReport>> RpmHost::test(
    std::span<const PlannedStep> steps, const Transaction& transaction) {
    THIMBLE_TRY(const RunsAt where, inventory::find_program(host_, "/usr/bin/rpm"));
    std::vector<std::string> argv{
        "rpm", "-U", "--test", "--replacepkgs", "--oldpackage", "--nodeps"};
    const std::size_t words = argv.size();
    for (const PlannedStep& step : steps) {
        if (step.archive) {
            argv.push_back(seen(where, transaction.archives + "/" + step.archive->file_name));
        }
    }
    if (argv.size() == words) {
        return std::optional<TransactionReport>();
    }
    THIMBLE_TRY(TransactionReport report, change(std::move(argv), transaction));
    if (report.ending == TransactionEnding::Done) {
        return std::optional<TransactionReport>();
    }
    if (report.ending == TransactionEnding::Failed) {
        report.ending = TransactionEnding::Refused;
    }
    return std::optional(std::move(report));
}

namespace {

/// What brings the rest of a set that rpm has begun; in the order in which it is run.
/// @param archives  where the archives are as rpm sees them
std::vector<std::vector<std::string>> commands_left(
    const std::vector<PlannedStep>& steps,
    const std::string& archives,
    const std::vector<RpmEntry>& now) {
    // The set was complete when it was planned; half of it is on the host, so dependencies say nothing.
    std::vector<std::string> over;
    std::vector<std::string> beside;
    std::vector<std::string> away;
    for (const PlannedStep& step : steps) {
        if (step.change != PlannedChange::Remove && step.archive) {
            (comes_beside(step, now) ? beside : over)
                .push_back(archives + "/" + step.archive->file_name);
        }
        if (step.change == PlannedChange::Remove
            && find_entry(now, step, step.from_version) != nullptr) {
            away.push_back(rpm_label(step, step.from_version));
        }
    }
    std::vector<std::vector<std::string>> commands;
    const auto add = [&](std::vector<std::string> command, const std::vector<std::string>& what) {
        if (!what.empty()) {
            command.insert(command.end(), what.begin(), what.end());
            commands.push_back(std::move(command));
        }
    };
    add({"rpm", "-Uv", "--replacepkgs", "--oldpackage", "--nodeps"}, over);
    add({"rpm", "-iv", "--replacepkgs", "--nodeps"}, beside);
    add({"rpm", "-ev", "--nodeps"}, away);
    return commands;
}

}  // namespace

Result<TransactionReport> RpmHost::finish(const Transaction& transaction) {
    TransactionReport report;
    report.ending = TransactionEnding::Done;
    THIMBLE_TRY(check_rpm_steps(transaction.steps));
    const std::size_t swept = sweep(transaction);
    if (!has_begun(transaction)) {
        report.detail = swept == 0 ? "nothing was begun"
                                   : "nothing was changed; " + counted(swept, "file")
                + " that rpm had begun to write " + (swept == 1 ? "was" : "were") + " removed";
        return report;
    }
    THIMBLE_TRY(const RunsAt where, inventory::find_program(host_, "/usr/bin/rpm"));
    THIMBLE_TRY(const std::vector<RpmEntry> now, entries());
    for (std::vector<std::string>& command :
         commands_left(transaction.steps, seen(where, transaction.archives), now)) {
        THIMBLE_TRY(report, change(std::move(command), transaction));
        if (report.ending != TransactionEnding::Done) {
            break;
        }
    }
    return report;
}

}  // namespace thimble::apply
