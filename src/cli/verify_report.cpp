#include "thimble/cli/verify_report.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/base/name_list.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/run_words.hpp"

#include <algorithm>
#include <cstdint>

namespace thimble::cli {
namespace {

void write_restarts(JsonWriter& json, const std::vector<verify::UnitRestart>& restarts) {
    json.key("restarts").open_array();
    for (const verify::UnitRestart& restart : restarts) {
        json.open_object().member("unit", restart.unit);
        json.member("safety", verify::restart_safety_name(restart.safety));
        json.member("why", restart.why);
        json.member("argv", restart.argv);
        json.close_object();
    }
    json.close_array();
}

void write_patch(JsonWriter& json, const verify::PatchVerdict& patch) {
    json.open_object().member("source", patch.source).member("from_version", patch.from_version);
    json.member("to_version", patch.to_version);
    json.member("state", model::patch_state_name(patch.state));
    json.member("vulnerabilities", patch.vulnerabilities);
    json.member("evidence", patch.evidence);
    write_restarts(json, patch.restarts);
    json.close_object();
}

void add_restarts(
    const std::vector<verify::UnitRestart>& restarts,
    verify::RestartSafety safety,
    std::string_view title,
    std::string& out) {
    bool titled = false;
    for (const verify::UnitRestart& restart : restarts) {
        if (restart.safety == safety) {
            out += titled ? "" : "\n  " + std::string(title) + "\n";
            titled = true;
            out += "    " + printable(restart.unit, 60) + ": " + printable(restart.why, 120) + "\n";
        }
    }
}

/// A host that has nothing to ask is not well for that: nobody knows.
std::string health_lines(const VerifyReport& report) {
    const bool is_known = report.no_health.empty();
    std::string out =
        is_known ? "" : "  health: not looked at: " + printable(report.no_health, 200) + "\n";
    for (const verify::HealthCheck& check : report.facts.health) {
        if (!is_known && !verify::is_of_probe(check)) {
            continue;
        }
        out += "  " + std::string(verify::check_verdict_name(check.verdict)) + "  "
            + printable(check.name, 40) + ": " + printable(check.summary, 200) + "\n";
    }
    return out;
}

/// What runs from a directory is in the evidence of each patch, and said once.
std::string patch_lines(const VerifyReport& report) {
    const auto running =
        report.facts.of_root ? verify::words_of(*report.facts.of_root) : std::vector<std::string>();
    std::string out;
    for (const std::string& sentence : running) {
        out += "  " + printable(sentence, 1000) + "\n";
    }
    for (const verify::PatchVerdict& patch : report.patches) {
        out += "  " + printable(patch.source, 30) + " " + printable(patch.to_version, 30) + ": "
            + spoken(model::patch_state_name(patch.state)) + "\n";
        for (const std::string& sentence : patch.evidence) {
            if (std::ranges::find(running, sentence) == running.end()) {
                out += "      " + printable(sentence, 1000) + "\n";
            }
        }
    }
    return out;
}

/// Processes that nobody could look at may use what was replaced.
bool is_blind(const VerifyReport& report) {
    if (report.facts.of_root) {
        return report.facts.of_root->may_run();
    }
    return report.facts.runs && !report.facts.inventory.processes_known;
}

bool has_restart(const VerifyReport& report, verify::RestartSafety safety) {
    return std::ranges::any_of(report.restarts, [safety](const verify::UnitRestart& restart) {
        return restart.safety == safety;
    });
}

bool has_patch(const VerifyReport& report, model::PatchState state) {
    return std::ranges::find(report.patches, state, &verify::PatchVerdict::state)
        != report.patches.end();
}

/// Of a run that was taken back, all of it: there is nothing left to take back.
bool is_all_back(const VerifyReport& report) {
    return !report.patches.empty()
        && std::ranges::all_of(report.patches, [](const verify::PatchVerdict& patch) {
               return patch.state == model::PatchState::RolledBack;
           });
}

/// The command that looks at the same again.
std::string look_again(const VerifyReport& report, const std::string& host) {
    return "thimble verify"
        + (report.plan.empty() ? std::string() : " --plan " + shell_word(printable(report.plan)))
        + host;
}

std::string run_again(const VerifyReport& report, const std::string& host) {
    return report.run.empty() ? look_again(report, host) : "thimble verify " + report.run + host;
}

/// What fails although the versions before are back is not mended by packages.
std::string step_with_versions_before(const VerifyReport& report, const std::string& host) {
    constexpr std::size_t kMostNamed = 3;
    std::vector<std::string> failing;
    for (const verify::HealthCheck& check : report.facts.health) {
        if (check.verdict == verify::CheckVerdict::Fail) {
            failing.push_back(printable(check.name, 40));
        }
    }
    return "the versions before are back: look at what fails with them, too ("
        + some_names(failing, kMostNamed) + "), then " + run_again(report, host)
        + "; what stays open: thimble explain "
        + shell_word(printable(report.patches.front().source)) + host;
}

/// What went wrong comes before what is only due. Empty: nothing did.
std::string next_step_of_failure(const VerifyReport& report, const std::string& host) {
    if (!report.open.empty()) {
        return report.open.front().problem.empty()
            ? "thimble patch resume" + host
            : "thimble history " + report.open.front().run + host;
    }
    if (report.failed_return) {
        return step_after_failed_return(*report.failed_return, host);
    }
    const bool is_unhealthy = !verify::is_healthy(report.facts.health);
    if (!is_unhealthy && !has_patch(report, model::PatchState::Failed)) {
        return {};
    }
    if (is_unhealthy && is_all_back(report)) {
        return step_with_versions_before(report, host);
    }
    const std::string way_back =
        report.run.empty() ? "" : ", or thimble patch rollback " + report.run + host;
    return (is_unhealthy ? "mend what fails" : "mend what differs") + way_back + ", then "
        + run_again(report, host);
}

/// A scan does not look at what runs from a directory.
std::string step_to_see_more(const VerifyReport& report) {
    return std::string("see what is named above")
        + (report.facts.of_root ? "" : " (thimble scan says how)");
}

std::string step_after_way_back(const VerifyReport& report, const std::string& host) {
    return report.run.empty()
        ? "when what is named above is mended: thimble patch plan --retry" + host
        : "thimble history " + report.run + host
            + "; when what failed is mended: thimble patch unblock " + report.run + " --reason TEXT"
            + host;
}

std::string next_step(const VerifyReport& report, const std::string& host) {
    if (report.at_work) {
        return "when it has ended: " + run_again(report, host);
    }
    if (std::string failure = next_step_of_failure(report, host); !failure.empty()) {
        return failure;
    }
    if (!report.plan.empty() && has_patch(report, model::PatchState::Missing)) {
        return report.plan_step;
    }
    if (has_restart(report, verify::RestartSafety::Safe)) {
        return report.has_restarted
            ? "restart by hand what is named above, then " + look_again(report, host)
            : look_again(report, host) + " --restart-services";
    }
    if (has_patch(report, model::PatchState::InstalledPendingReboot)
        || has_restart(report, verify::RestartSafety::Reboot)) {
        return "reboot in the next window, then " + look_again(report, host);
    }
    if (has_patch(report, model::PatchState::RolledBack)) {
        return step_after_way_back(report, host);
    }
    if (has_restart(report, verify::RestartSafety::Careful)) {
        return "restart these in the next window, then " + look_again(report, host);
    }
    if (has_patch(report, model::PatchState::Missing)) {
        return "thimble patch plan" + host;
    }
    if (!report.reboot.empty()) {
        return "reboot in the next window, then " + look_again(report, host);
    }
    if (is_blind(report) || has_patch(report, model::PatchState::Unknown)) {
        return step_to_see_more(report) + ", then " + look_again(report, host);
    }
    return "thimble scan" + host;
}

}  // namespace

int verify_status(const VerifyReport& report) {
    if (report.at_work) {
        return kCouldNotTell;
    }
    bool unknown =
        std::ranges::any_of(report.open, [](const OpenRun& open) { return !open.problem.empty(); });
    // What such a way back has left may be at the version that was to go, whole, and still not be wanted.
    if (report.failed_return || std::ranges::any_of(report.open, [](const OpenRun& open) {
            return open.problem.empty();
        })) {
        return kSomethingDue;
    }
    for (const verify::PatchVerdict& patch : report.patches) {
        unknown = unknown || patch.state == model::PatchState::Unknown;
        if (patch.state != model::PatchState::Verified
            && patch.state != model::PatchState::Unknown) {
            return kSomethingDue;
        }
    }
    const bool waits_for_boot = !report.reboot.empty() && report.plan.empty();
    if (!report.restarts.empty() || waits_for_boot || !verify::is_healthy(report.facts.health)) {
        return kSomethingDue;
    }
    return unknown || is_blind(report) || report.patches.empty() ? kCouldNotTell : kNothingDue;
}

std::string verify_json(const VerifyReport& report) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.verification/1");
    json.member("at", format_instant(report.at)).member("host", report.facts.inventory.host);
    json.key("processes_known")
        .boolean(report.facts.inventory.processes_known || !is_blind(report));
    json.member_or_null("running_kernel", report.facts.inventory.kernel.running_release);
    json.member_or_null("newest_kernel", report.facts.inventory.kernel.newest_release);
    json.key("patches").open_array();
    for (const verify::PatchVerdict& patch : report.patches) {
        write_patch(json, patch);
    }
    json.close_array();
    json.key("checks").open_array();
    for (const verify::HealthCheck& check : report.facts.health) {
        json.open_object().member("name", check.name);
        json.member("verdict", verify::check_verdict_name(check.verdict));
        json.member("summary", check.summary);
        json.member("before", check.before);
        json.member("after", check.after);
        json.close_object();
    }
    json.close_array().member_or_null("health_not_looked_at", report.no_health);
    write_restarts(json, report.restarts);
    json.member("reboot_reasons", report.reboot);
    json.member("left_files", report.left_files);
    json.key("open_runs").open_array();
    for (const OpenRun& open : report.open) {
        json.open_object().member("run", open.run).member_or_null("problem", open.problem);
        json.close_object();
    }
    json.close_array().key("at_work");
    if (report.at_work) {
        json.open_object().member("run", report.at_work->run);
        json.key("pid").number(std::int64_t{report.at_work->worker.pid});
        json.member("command", report.at_work->worker.command).close_object();
    } else {
        json.null();
    }
    json.key("lock_holder");
    if (report.lock_holder) {
        json.open_object().key("pid").number(std::int64_t{report.lock_holder->pid});
        json.member("command", report.lock_holder->command).close_object();
    } else {
        json.null();
    }
    json.key("failed_return");
    if (report.failed_return) {
        json.open_object().member("run", report.failed_return->run);
        json.member("takes_back", report.failed_return->taken).close_object();
    } else {
        json.null();
    }
    json.close_object();
    return text;
}

std::string verify_text(const VerifyReport& report, const std::string& host) {
    std::string out = printable(report.facts.inventory.host, 60) + ": looked at "
        + format_instant(report.at) + "\n\n";
    if (report.at_work) {
        out += "  run " + printable(report.at_work->run, 60) + " is being carried out by process "
            + std::to_string(report.at_work->worker.pid) + " ("
            + printable(report.at_work->worker.command, 100)
            + "):\n    verification is worth something when it has ended\n";
        return narrowed(out) + "\nNext: " + next_step(report, host) + "\n";
    }
    for (const OpenRun& open : report.open) {
        out += "  run " + printable(open.run, 60)
            + (open.problem.empty()
                   ? " has not ended: packages may be half changed; it goes on, or its\n"
                     "    process is gone\n"
                   : " may not have ended: its record cannot be read\n    "
                       + printable(open.problem, 200) + "\n");
    }
    if (report.lock_holder) {
        out += "  process " + std::to_string(report.lock_holder->pid) + " ("
            + printable(report.lock_holder->command, 100)
            + ") holds the lock of the host, and keeps every run from going on\n";
    }
    if (report.failed_return) {
        out += "  run " + printable(report.failed_return->run, 60)
            + " could not bring the versions before back, or not set all of them up\n";
    }
    out += patch_lines(report);
    if (report.patches.empty()) {
        out += "  no run of this host to verify; the host alone:\n";
    }
    out += health_lines(report);
    if (is_blind(report) && !report.facts.of_root) {
        out += "  unknown  not every process can be looked at; thimble scan says why\n";
    }
    add_restarts(report.restarts, verify::RestartSafety::Safe, "may be restarted at once:", out);
    add_restarts(
        report.restarts, verify::RestartSafety::Careful, "to restart in a window, by hand:", out);
    add_restarts(report.restarts, verify::RestartSafety::Reboot, "need a reboot:", out);
    for (const std::string& reason : report.reboot) {
        out += "  a reboot waits: " + printable(reason, 200) + "\n";
    }
    if (!report.left_files.empty()) {
        out += "\n  left beside configuration files, to be merged by hand and removed:\n";
        for (const std::string& path : report.left_files) {
            out += "    " + printable(path, 400) + "\n";
        }
    }
    // Commands stay whole, for pasting.
    return narrowed(out) + "\nNext: " + next_step(report, host) + "\n";
}

}  // namespace thimble::cli
