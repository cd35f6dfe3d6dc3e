#include "thimble/apply/zypper_steps.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace thimble::apply {
namespace {

using model::PlannedChange;
using model::PlannedStep;

struct StatusMeaning {
    int status;
    TransactionEnding ending;
    const char* detail;
};
constexpr std::array<StatusMeaning, 9> kMeanings{{
    {0, TransactionEnding::Done, ""},
    {100, TransactionEnding::Done, ""},
    {101, TransactionEnding::Done, ""},
    {102, TransactionEnding::Done, "zypper asks for a reboot"},
    {103, TransactionEnding::Done, "zypper asks for its own restart"},
    {107, TransactionEnding::Failed, "a script of a package failed; rpm went on all the same"},
    {4, TransactionEnding::Refused, "zypper cannot solve it"},
    {7, TransactionEnding::Locked, "zypper is held by somebody else"},
    {104, TransactionEnding::Refused, "zypper does not find a package"},
}};

std::string label(const inventory::ZypperChange& change, const std::string& version) {
    return change.name + " " + version + " (" + change.architecture + ")";
}

}  // namespace

std::string zypper_label(const PackageVersion& package) {
    return package.name + "." + package.architecture + "=" + package.version;
}

std::vector<std::string> zypper_install(
    std::span<const PlannedStep> steps, const std::string& archives) {
    std::vector<std::string> arguments{
        "--no-refresh",
        "--reposd-dir",
        "/nonexistent",
        "install",
        "--no-recommends",
        "--oldpackage",
        "--allow-unsigned-rpm",
        "--auto-agree-with-licenses",
        "--"};
    for (const PlannedStep& step : steps) {
        if (step.change == PlannedChange::Remove) {
            arguments.push_back(
                "-" + zypper_label({step.name, step.architecture, step.from_version}));
        } else if (step.archive) {
            arguments.push_back(archives + "/" + step.archive->file_name);
        }
    }
    return arguments;
}

std::vector<std::string> zypper_differences(
    std::span<const PlannedStep> steps, const std::vector<inventory::ZypperChange>& changes) {
    std::vector<inventory::ZypperChange> expected;
    for (const PlannedStep& step : steps) {
        expected.push_back({step.name, step.architecture, step.from_version, step.to_version});
    }
    std::ranges::sort(expected);
    std::vector<inventory::ZypperChange> beyond;
    std::vector<inventory::ZypperChange> missing;
    std::ranges::set_difference(changes, expected, std::back_inserter(beyond));
    std::ranges::set_difference(expected, changes, std::back_inserter(missing));
    std::vector<std::string> sentences;
    sentences.reserve(beyond.size() + missing.size());
    for (const inventory::ZypperChange& change : beyond) {
        sentences.push_back(
            change.to_version.empty() ? "zypper would remove " + label(change, change.from_version)
                                      : "zypper would install " + label(change, change.to_version));
    }
    for (const inventory::ZypperChange& change : missing) {
        sentences.push_back(
            change.to_version.empty()
                ? "zypper would not remove " + label(change, change.from_version)
                : "zypper would not install " + label(change, change.to_version));
    }
    return sentences;
}

TransactionReport zypper_ending(int exit_status) {
    TransactionReport report;
    report.exit_status = exit_status;
    const auto* const found = std::ranges::find(kMeanings, exit_status, &StatusMeaning::status);
    if (found != kMeanings.end()) {
        report.ending = found->ending;
        report.detail = found->detail;
    } else {
        report.ending = TransactionEnding::Failed;
        report.detail = "zypper ended with status " + std::to_string(exit_status);
    }
    return report;
}

}  // namespace thimble::apply
