#include "thimble/model/plan_command.hpp"

#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>

namespace thimble::model {
namespace {

void add_each(
    std::string_view option,
    const std::vector<std::string>& names,
    std::vector<std::string>& words) {
    for (const std::string& name : names) {
        // What begins like an option is one, unless it is a part of the word.
        if (name.starts_with('-')) {
            words.push_back(std::string(option) + "=" + name);
        } else {
            words.emplace_back(option);
            words.push_back(name);
        }
    }
}

/// An option with one value, where that is not the default.
void add_number(
    std::string_view option,
    std::uint64_t number,
    std::uint64_t by_default,
    std::vector<std::string>& words) {
    if (number != by_default) {
        words.emplace_back(option);
        words.push_back(std::to_string(number));
    }
}

void add_seconds(
    std::string_view option,
    std::chrono::seconds time,
    std::chrono::seconds by_default,
    std::vector<std::string>& words) {
    add_number(
        option,
        static_cast<std::uint64_t>(time.count()),
        static_cast<std::uint64_t>(by_default.count()),
        words);
}

void add_flag(bool is_set, std::string_view option, std::vector<std::string>& words) {
    if (is_set) {
        words.emplace_back(option);
    }
}

/// "web=http:http://127.0.0.1/", the value of --probe.
std::string probe_word(const HealthProbe& probe) {
    std::string word = probe.name + "=" + std::string(probe_kind_name(probe.kind)) + ":";
    if (probe.kind != ProbeKind::Command) {
        return word + probe.target;
    }
    for (const std::string& one : probe.argv) {
        word.append(&one == &probe.argv.front() ? "" : " ").append(one);
    }
    return word;
}

void add_probes(const std::vector<HealthProbe>& probes, std::vector<std::string>& words) {
    std::vector<std::string> values;
    values.reserve(probes.size());
    std::chrono::seconds limit = probes.empty() ? HealthProbe().timeout : std::chrono::seconds(0);
    for (const HealthProbe& probe : probes) {
        values.push_back(probe_word(probe));
        limit = std::max(limit, probe.timeout);
    }
    add_each("--probe", values, words);
    add_seconds("--probe-limit", limit, HealthProbe().timeout, words);
}

}  // namespace

PlanRequest request_of(const Plan& plan) {
    return {.selection = plan.selection, .policy = plan.policy};
}

std::vector<std::string> selection_words(const PlanSelection& selection) {
    std::vector<std::string> words;
    const bool names_others = selection.all || !selection.vulnerabilities.empty()
        || !selection.packages.empty() || !selection.advisories.empty();
    if (selection.security && names_others) {
        words.emplace_back("--security");
    }
    if (selection.all) {
        words.emplace_back("--all");
    }
    add_each("--cve", selection.vulnerabilities, words);
    add_each("--package", selection.packages, words);
    add_each("--advisory", selection.advisories, words);
    add_each("--exclude", selection.excluded, words);
    if (selection.level != UpgradeLevel::SecurityOnly) {
        words.emplace_back("--level");
        words.emplace_back(upgrade_level_name(selection.level));
    }
    return words;
}

std::vector<std::string> policy_words(const PlanPolicy& policy) {
    const PlanPolicy by_default;
    std::vector<std::string> words;
    add_each("--origin", policy.origins, words);
    add_flag(policy.allow_removals, "--allow-removals", words);
    add_flag(policy.allow_downgrades, "--allow-downgrades", words);
    add_flag(policy.allow_untrusted, "--allow-untrusted", words);
    if (policy.conffiles == ConffilePolicy::Refuse) {
        words.insert(words.end(), {"--conffiles", "refuse"});
    }
    add_flag(!policy.roll_back_on_failure, "--no-rollback", words);
    add_probes(policy.probes, words);
    add_number("--reserve", policy.reserve_bytes, by_default.reserve_bytes, words);
    add_seconds("--settle", policy.settle, by_default.settle, words);
    add_number("--settle-tries", policy.settle_tries, by_default.settle_tries, words);
    add_seconds(
        "--transaction-limit", policy.transaction_timeout, by_default.transaction_timeout, words);
    add_seconds("--silence-limit", policy.silence_timeout, by_default.silence_timeout, words);
    return words;
}

std::string plan_command(const PlanRequest& request, std::string_view more) {
    std::string command = "thimble patch plan" + std::string(more);
    std::vector<std::string> words = selection_words(request.selection);
    std::ranges::move(policy_words(request.policy), std::back_inserter(words));
    for (const std::string& word : words) {
        command += " ";
        // Options of ours are plain, but for the quotes that every word with a dash in front would get.
        command +=
            word.starts_with("--") && !word.contains('=') ? word : shell_word(printable(word));
    }
    return command;
}

}  // namespace thimble::model
