#include "thimble/rehearse/examine_packages.hpp"

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/counted.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/output_excerpt.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

using apply::PackageVersion;

/// All is shown: the package and the exit status stand before them.
constexpr std::size_t kMostOutput = kShownEvidence - 2;

/// What a configuration file is called that was put beside the host's own.
constexpr auto kBesides = std::to_array<std::string_view>(
    {".dpkg-dist", ".dpkg-new", ".ucf-dist", ".ucf-new", ".rpmnew", ".rpmsave", ".apk-new"});

std::string name_of(std::string_view name, std::string_view architecture) {
    std::string text(name);
    return architecture.empty() ? text : text.append(":").append(architecture);
}

using Versions = std::map<std::pair<std::string, std::string>, std::set<std::string>>;

/// A set each, because rpm installs several kernels side by side.
Versions by_name(const std::vector<PackageVersion>& packages) {
    Versions versions;
    for (const PackageVersion& package : packages) {
        versions[{package.name, package.architecture}].insert(package.version);
    }
    return versions;
}

/// Of a package that is of another architecture afterwards, the version before stands below the other.
void forget_version_before(Versions& versions, const model::PlannedStep& step) {
    for (auto at = versions.lower_bound({step.name, ""});
         at != versions.end() && at->first.first == step.name;) {
        if (model::is_architecture_of_step(step, at->first.second)) {
            at->second.erase(step.from_version);
        }
        at = at->second.empty() ? versions.erase(at) : std::next(at);
    }
}

void take_step(Versions& versions, const model::PlannedStep& step) {
    forget_version_before(versions, step);
    auto& all = versions[{step.name, step.architecture}];
    if (!step.to_version.empty()) {
        all.insert(step.to_version);
    }
    if (all.empty()) {
        versions.erase({step.name, step.architecture});
    }
}

std::string text_of(const std::set<std::string>& versions) {
    std::string text;
    for (const std::string& version : versions) {
        text += (text.empty() ? "" : ", ") + version;
    }
    return text.empty() ? "not installed" : text;
}

const std::set<std::string>& versions_of(
    const Versions& versions, const std::pair<std::string, std::string>& name) {
    static const std::set<std::string> kNone;
    const auto found = versions.find(name);
    return found == versions.end() ? kNone : found->second;
}

std::string ending_text(apply::TransactionEnding ending) {
    switch (ending) {
        case apply::TransactionEnding::Done: return "the transaction ended well";
        case apply::TransactionEnding::Failed:
            return "the package manager or a maintainer script failed";
        case apply::TransactionEnding::TimedOut: return "it took too long and was killed";
        case apply::TransactionEnding::Prompted: return "it asked a question";
        case apply::TransactionEnding::Refused:
            return "it was stopped: what it would do differs from the plan";
        case apply::TransactionEnding::Locked: return "somebody else holds the package manager";
        case apply::TransactionEnding::NoSpace: return "there was no space left";
    }
    return "unknown ending";
}

void add_line(std::string& text, const std::string& line) {
    text += (text.empty() ? "" : "\n") + line;
}

std::string text_of(const apply::PackageHealth& health) {
    std::string text;
    if (health.interrupted) {
        add_line(text, "interrupted");
    }
    for (const PackageVersion& package : health.unfinished) {
        add_line(text, "unfinished: " + name_of(package.name, package.architecture));
    }
    for (const std::string& line : health.broken) {
        add_line(text, line);
    }
    return text;
}

}  // namespace

Check examine_transaction(const apply::TransactionReport& report) {
    Check check = named_check("transaction");
    check.summary = ending_text(report.ending);
    if (report.ending == apply::TransactionEnding::Done) {
        return check;
    }
    check.verdict = CheckVerdict::Fail;
    check.summary += ": " + report.detail;
    if (!report.failed_package.empty()) {
        check.evidence.push_back("package " + report.failed_package);
    }
    check.evidence.push_back("exit status " + std::to_string(report.exit_status));
    add_evidence(check, output_excerpt(report.output, kMostOutput));
    return check;
}

Check examine_packages(
    const model::Plan& plan,
    const std::vector<PackageVersion>& before,
    const std::vector<PackageVersion>& after) {
    Check check = named_check("packages");
    const Versions had = by_name(before);
    const Versions has = by_name(after);
    Versions expected = had;
    std::size_t removed = 0;
    for (const model::PlannedStep& step : plan.steps) {
        take_step(expected, step);
        removed += step.change == model::PlannedChange::Remove ? 1 : 0;
        const std::pair<std::string, std::string> name{step.name, step.architecture};
        add_line(
            check.before,
            name_of(step.name, step.architecture) + " " + text_of(versions_of(had, name)));
        add_line(
            check.after,
            name_of(step.name, step.architecture) + " " + text_of(versions_of(has, name)));
    }
    Versions all = expected;
    all.insert(has.begin(), has.end());
    std::vector<std::string> differences;
    for (const auto& [name, ignored] : all) {
        const auto& wanted = versions_of(expected, name);
        const auto& found = versions_of(has, name);
        if (wanted != found) {
            differences.push_back(
                name_of(name.first, name.second) + " is " + text_of(found) + ", should be "
                + text_of(wanted));
        }
    }
    if (differences.empty()) {
        check.summary = counted(plan.steps.size(), "package") + " changed, as planned"
            + (removed == 0 ? "" : "; " + std::to_string(removed) + " of them removed");
        return check;
    }
    check.verdict = CheckVerdict::Fail;
    check.summary =
        counted(differences.size(), "package is", "packages are") + " not what the plan says";
    add_evidence(check, differences);
    return check;
}

Check examine_health(const apply::PackageHealth& before, const apply::PackageHealth& after) {
    Check check = named_check("package database");
    check.before = text_of(before);
    check.after = text_of(after);
    if (after.is_clean()) {
        check.summary = "nothing is half-done";
        return check;
    }
    const bool as_before = after.interrupted == before.interrupted
        && after.unfinished == before.unfinished && after.broken == before.broken;
    check.verdict = as_before ? CheckVerdict::Warn : CheckVerdict::Fail;
    check.summary = as_before ? "packages are half-done or broken, as they were before"
                              : "packages are half-done or broken";
    return check;
}

Check examine_conffiles(const model::Plan& plan, const std::vector<std::string>& changed_paths) {
    Check check = named_check("configuration files");
    std::set<std::string> found;
    for (const std::string& path : changed_paths) {
        for (const std::string_view beside : kBesides) {
            if (path.ends_with(beside)) {
                found.insert(path.substr(0, path.size() - beside.size()));
                add_line(check.after, path);
            }
        }
    }
    std::vector<std::string> differences;
    std::set<std::string> predicted;
    for (const model::PlannedConffile& conffile : plan.conffiles) {
        predicted.insert(conffile.path);
        add_line(check.before, conffile.path + " (predicted)");
        if (!found.contains(conffile.path)) {
            differences.push_back("predicted, but did not conflict: " + conffile.path);
        }
    }
    for (const std::string& path : found) {
        if (!predicted.contains(path)) {
            differences.push_back("conflicted, but was not predicted: " + path);
        }
    }
    check.summary = found.empty() ? "none conflicts"
                                  : counted(found.size(), "stays as it is", "stay as they are")
            + " on the host, with the new one beside";
    if (!differences.empty()) {
        check.verdict = CheckVerdict::Warn;
        check.summary = "conflicts differ from the prediction";
        add_evidence(check, differences);
    }
    return check;
}

}  // namespace thimble::rehearse
