#include "thimble/rehearse/trial.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/host/host.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

constexpr std::size_t kOutputLimit = 4096;
constexpr std::size_t kPasswdLimit = std::size_t{16} << 20;

std::string tail_of(std::string_view text) {
    return std::string(text.substr(text.size() - std::min(text.size(), kOutputLimit)));
}

const TrialResult* find_result(const std::vector<TrialResult>& results, const std::string& name) {
    const auto found = std::ranges::find(results, name, &TrialResult::name);
    return found == results.end() ? nullptr : &*found;
}

/// The fourth field of the user's line, a number; the user's name where there is none.
/// @source passwd(5)
std::string primary_group(std::string_view passwd, const std::string& user) {
    Lines lines(passwd);
    for (std::string_view line; lines.next(line);) {
        if (!line.starts_with(user + ":")) {
            continue;
        }
        for (int field = 0; field < 3; ++field) {
            line.remove_prefix(std::min(line.find(':') + 1, line.size()));
        }
        const std::string_view group = line.substr(0, line.find(':'));
        const bool is_number =
            !group.empty() && group.find_first_not_of("0123456789") == std::string_view::npos;
        return is_number ? std::string(group) : user;
    }
    return user;
}

std::string text_of(const TrialResult& result) {
    return std::string(result.passed ? "passed" : "failed")
        + (result.output.empty() ? "" : "\n" + result.output);
}

Check compare(const TrialResult* before, const TrialResult& after, FailedBefore failed_before) {
    Check check{
        .name = after.name,
        .summary = "passes as before",
        .before = before == nullptr ? "" : text_of(*before),
        .after = text_of(after),
        .evidence = {}};
    if (before == nullptr) {
        check.verdict = after.passed ? CheckVerdict::Pass : CheckVerdict::Warn;
        check.summary = after.passed ? "is new and passes" : "is new and fails";
    } else if (!before->passed) {
        check.summary = after.passed ? "passes now; failed before" : "fails as before";
        if (!after.passed && failed_before == FailedBefore::IsDoubt) {
            check.verdict = CheckVerdict::Warn;
            check.summary = "failed before the patch already: nothing is known of it";
        }
    } else if (!after.passed) {
        check.verdict = CheckVerdict::Fail;
        check.summary = "passed before the patch, fails after it";
    } else if (after.was_tried_again && !before->was_tried_again) {
        check.verdict = CheckVerdict::Warn;
        check.summary = "passed before at once, now only when it was tried again alone";
    }
    return check;
}

}  // namespace

TrialResult run_trial(host::Host& host, const Trial& trial, std::chrono::milliseconds timeout) {
    host::Command command{
        .argv = {},
        .timeout = timeout,
        .output_limit = std::size_t{64} << 10,
        .overflow = host::Overflow::Drop};
    if (!trial.run_folder.empty() && !host.look(trial.run_folder, host::Follow::No)) {
        static_cast<void>(host.run({.argv = {"mkdir", "-p", "-m", "755", trial.run_folder}}));
    }
    if (!trial.user.empty()) {
        command.argv = as_user(host, trial.user, {});
    }
    command.argv.insert(command.argv.end(), trial.argv.begin(), trial.argv.end());
    const auto outcome = host.run(command);
    if (!outcome) {
        return {.name = trial.name, .passed = false, .output = outcome.error().text()};
    }
    std::string said = outcome->output;
    said += outcome->errors;
    return {.name = trial.name, .passed = outcome->exit_status == 0, .output = tail_of(said)};
}

std::vector<std::string> as_user(
    host::Host& host, const std::string& user, const std::string& group) {
    std::string wanted = group;
    if (wanted.empty()) {
        const auto passwd = host.read_file("/etc/passwd", kPasswdLimit);
        wanted = passwd ? primary_group(*passwd, user) : user;
    }
    return {"setpriv", "--reuid=" + user, "--regid=" + wanted, "--init-groups", "--"};
}

std::vector<Check> compare_trials(
    const std::vector<TrialResult>& before,
    const std::vector<TrialResult>& after,
    FailedBefore failed_before) {
    std::vector<Check> checks;
    checks.reserve(after.size());
    for (const TrialResult& result : after) {
        checks.push_back(compare(find_result(before, result.name), result, failed_before));
    }
    return checks;
}

Check gather_trials(
    const std::string& name,
    const std::vector<TrialResult>& before,
    const std::vector<TrialResult>& after) {
    Check all = named_check(name);
    std::size_t passed = 0;
    for (const TrialResult& result : after) {
        Check one = compare(find_result(before, result.name), result, FailedBefore::IsNoted);
        passed += result.passed ? 1 : 0;
        if (one.verdict == CheckVerdict::Pass && result.passed) {
            continue;
        }
        all.verdict = std::max(all.verdict, one.verdict);
        add_evidence(all, {result.name + ": " + one.summary});
        if (one.verdict == CheckVerdict::Fail && all.after.empty()) {
            all.before = std::move(one.before);
            all.after = std::move(one.after);
        }
    }
    all.summary = after.empty()
        ? "there was nothing to try"
        : std::to_string(passed) + " of " + std::to_string(after.size()) + " pass";
    return all;
}

}  // namespace thimble::rehearse
