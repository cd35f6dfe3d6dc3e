#include "thimble/cli/explain_command.hpp"

#include "thimble/assess/records.hpp"
#include "thimble/base/counted.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/explain_json.hpp"
#include "thimble/cli/explained.hpp"
#include "thimble/cli/nearest_package.hpp"
#include "thimble/cli/next_steps.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/prioritize/alternatives.hpp"
#include "thimble/prioritize/exposure.hpp"
#include "thimble/report/finding_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

namespace thimble::cli {
namespace {

// Each takes some 25 lines. Of a package the most urgent ones tell most; of a vulnerability the
// packages differ.
constexpr std::size_t kMostOfAPackage = 3;
constexpr std::size_t kMostOfAVulnerability = 10;

std::string date_text(const std::optional<Instant>& instant) {
    return instant ? format_date(*instant) : std::string("no date");
}

std::string deadline_text(const model::Decision& decision) {
    std::string text(ssvc_outcome_name(decision.outcome));
    text += decision.deadline
        ? ", within " + counted(static_cast<std::uint64_t>(decision.deadline->count()), "day")
        : ", with the next upgrade";
    return text + (decision.forensic ? ", collect evidence first" : "");
}

/// A command in lines that a shell joins again; whole where a word of it has a blank.
std::string continued_command(std::string_view before, const std::string& command) {
    constexpr std::string_view kJoin = " \\";
    if (command.contains('\'')) {
        return std::string(before) + command + "\n";
    }
    std::string text;
    for (const std::string& row : wrapped_lines(
             command,
             {.first = before, .further = "      ", .columns = kTerminalColumns - kJoin.size()})) {
        text.append(text.empty() ? "" : kJoin).append(text.empty() ? "" : "\n").append(row);
    }
    return text + "\n";
}

/// Prints the explanation of one scan.
class Explanation {
public:
    Explanation(const Scan& scan, const ScanOptions& options, std::ostream& out)
        : scan_(scan),
          options_(options),
          out_(out),
          feeds_(report_of(scan).feeds),
          exposures_(scan.inventory, options.policy.exposure) {}

    void facts(const model::VulnerabilityFacts& facts) {
        line("{}", printable(facts.id));
        if (facts.cvss.version != 0) {
            score(facts);
        }
        if (facts.kev) {
            line(
                "  known exploited (KEV) since {}{}",
                format_date(facts.kev->added),
                facts.kev->ransomware ? ", used by ransomware" : "");
        } else {
            line("  {}", report::not_in_kev(feeds_));
        }
        if (facts.epss) {
            line(
                "  EPSS {:.5f} as of {}",
                facts.epss->score_millionths / 1e6,
                format_date(facts.epss->scored));
        }
        for (const model::ExploitEvidence& exploit : facts.exploits) {
            line(
                "  public exploit: {} {}", printable(exploit.source), printable(exploit.reference));
        }
        if (facts.rejected) {
            line("  rejected by its numbering authority");
        }
    }

    /// @param alike  not empty; they differ in the binary package alone
    void finding(const std::vector<std::size_t>& alike) {
        const std::size_t index = alike.front();
        const model::Finding& finding = scan_.assessment.findings[index];
        const model::InstalledPackage& package = scan_.inventory.packages[finding.package];
        line("");
        line(
            "{} {} (source {} {}): {}{}",
            package_names(alike),
            printable(package.version),
            printable(package.source_name),
            printable(package.source_version),
            spoken(finding_status_name(finding.status)),
            finding.reason.empty() ? "" : " (" + report::reason_sentence(finding.reason) + ")");
        if (const auto* update = report::parts_of(report(), index).unread_update;
            update != nullptr) {
            line("  {}", printable(report::unread_sentence(*update), 600));
        }
        if (const std::string word =
                report::unimportant_sentence(report::parts_of(report(), index));
            !word.empty()) {
            line(
                "  {}{}",
                printable(word),
                model::is_open(finding.status) ? "; priority and due date stay as they are" : "");
        }
        evidence(finding);
        records(finding, package);
        if (model::is_open(finding.status) && finding.vulnerability != 0) {
            decision(index);
        }
        next(index);
    }

    /// @param indexes  of the order of work
    void patches(const std::vector<std::size_t>& indexes) {
        for (const std::size_t i : indexes) {
            const model::Patch& patch = scan_.work.patches[i];
            line("");
            line(
                "Patch {}: {} {} -> {}",
                i + 1,
                printable(patch.source),
                printable(patch.from_version),
                printable(patch.to_version));
            packages(patch);
            line("  {}; {}", report::closed_sentence(patch), deadline_text(patch.decision));
            readiness(patch);
            if (!patch.urgency.empty()) {
                line("  the maintainer's urgency: {}", printable(patch.urgency));
            }
            for (const std::string& entry : patch.news) {
                line("  NEWS: {}", printable(entry, 600));
            }
            line(
                "  makes it live: {}",
                patch.restart == model::Restart::None ? "nothing more"
                                                      : report::restart_name(patch.restart));
            steps(patch);
        }
    }

    void updates(const std::vector<model::Patch>& updates) {
        for (const model::Patch& update : updates) {
            line("");
            line(
                "Update {} {} -> {}: no security matter",
                printable(update.source),
                printable(update.from_version),
                printable(update.to_version));
            packages(update);
            readiness(update);
            steps(update);
        }
    }

private:
    template <class... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        out_ << narrowed(fmt::format(format, std::forward<Args>(args)...)) << '\n';
    }

    [[nodiscard]] report::ScanReport report() const {
        return {scan_.inventory, scan_.assessment, scan_.work, {}, std::nullopt, scan_.now};
    }

    [[nodiscard]] std::string package_names(const std::vector<std::size_t>& findings) const {
        std::string names;
        for (const std::size_t index : findings) {
            const std::uint32_t package = scan_.assessment.findings[index].package;
            names +=
                (names.empty() ? "" : ", ") + printable(scan_.inventory.packages[package].name);
        }
        return names;
    }

    [[nodiscard]] std::optional<Instant> date_of(std::string_view feed) const {
        const auto found = std::ranges::find(feeds_, feed, &report::FeedState::feed);
        return found == feeds_.end() ? std::nullopt : found->as_of;
    }

    /// The vector stands below where it is too long.
    void score(const model::VulnerabilityFacts& facts) {
        const std::string score = fmt::format(
            "  CVSS {}.{}: {}.{} {}",
            facts.cvss.version / 10,
            facts.cvss.version % 10,
            facts.cvss.score_tenths / 10,
            facts.cvss.score_tenths % 10,
            severity_name(facts.cvss.severity));
        if (facts.cvss_vectors.empty()) {
            line("{}", score);
            return;
        }
        const std::string vector = printable(facts.cvss_vectors.front());
        const bool fits = score.size() + 2 + vector.size() <= kTerminalColumns;
        line("{}{}{}", score, fits ? "  " : "\n    ", vector);
    }

    /// Where a source has other names for its packages, each is known by both.
    void packages(const model::Patch& patch) {
        std::vector<std::string> names;
        names.reserve(patch.packages.size());
        for (const std::uint32_t index : patch.packages) {
            names.push_back(printable(scan_.inventory.packages[index].name));
        }
        if (!names.empty() && names != std::vector<std::string>{printable(patch.source)}) {
            out_ << wrapped_text("packages: " + joined(names), {.first = "  ", .further = "    "});
        }
    }

    static std::string joined(const std::vector<std::string>& names) {
        std::string text;
        for (const std::string& name : names) {
            text += (text.empty() ? "" : ", ") + name;
        }
        return text;
    }

    void readiness(const model::Patch& patch) {
        for (const model::Blocker& blocker : patch.blockers) {
            const std::string held = blocker.kind == model::BlockerKind::Hold
                ? printable(joined(held_packages(patch, scan_.inventory)))
                : std::string();
            line(
                "  blocked: {}: {}{}",
                spoken(model::blocker_name(blocker.kind)),
                held.empty() || held == printable(patch.source)
                    ? std::string()
                    : held + " of source " + printable(patch.source) + ": ",
                printable(blocker.detail));
        }
        if (!patch.blocked_reason.empty()) {
            line("  blocked: {}", report::reason_sentence(patch.blocked_reason));
        }
        if (report::readiness_of(patch) == report::Readiness::OfferUnknown) {
            line("  not known: whether a repository offers it, and what may hold it back");
        }
    }

    /// The last thing that is told: what really brings the patch on.
    void steps(const model::Patch& patch) {
        const auto lifting = lifting_steps(patch, scan_.inventory, options_);
        for (const LiftingStep& step : lifting) {
            constexpr std::string_view kFirst = "  to lift it: ";
            out_
                << (step.is_command
                        ? continued_command(kFirst, step.words)
                        : wrapped_text(step.words, {.first = kFirst, .further = "    "}));
        }
        const std::string step = install_step(patch, scan_.inventory, options_);
        if (!step.empty()) {
            out_ << continued_command(lifting.empty() ? "  install: " : "  then install: ", step);
        } else if (!patch.blockers.empty() && patch.offered) {
            line("  no command installs it while it is blocked so");
        }
    }

    void evidence(const model::Finding& finding) {
        for (const model::Evidence& one : finding.evidence) {
            line(
                "  because {} {} ({}): {}",
                printable(one.feed),
                printable(one.record),
                date_text(one.as_of),
                printable(one.statement));
        }
    }

    void records(const model::Finding& finding, const model::InstalledPackage& package) {
        if (!scan_.catalog) {
            return;
        }
        const std::string& id = scan_.assessment.vulnerabilities[finding.vulnerability].id;
        const auto notes = assess::records_about(*scan_.catalog, scan_.inventory.os, package, id);
        if (!notes) {
            return;
        }
        for (const assess::RecordNote& note : *notes) {
            line(
                "  record {} {} ({}): {}{}; {}",
                printable(note.feed),
                printable(note.record),
                date_text(note.as_of),
                printable(note.claim),
                note.unimportant ? ", called unimportant" : "",
                note.standing);
        }
    }

    void decision(std::size_t index) {
        const model::Finding& finding = scan_.assessment.findings[index];
        const model::Decision& decision =
            scan_.work.decisions[scan_.work.decision_of_finding[index]];
        const model::DueDate& due = scan_.work.due_of_finding[index];
        line("  decision: {}", deadline_text(decision));
        line(
            "    CISA BOD 26-04 1.0.0 row {}; SSVC deployer 1.0.0 row {}{}",
            decision.bod_row,
            decision.ssvc_row,
            decision.raised ? ", raised to out-of-cycle: an exploit exists and a fix is available"
                            : "");
        line(
            "    due {} by {}",
            due.due ? format_date(*due.due) : "with the next upgrade",
            due.rule);
        for (const model::DecisionInput& input : decision.inputs) {
            // That KEV does not list it is of the day of KEV, not of an entry.
            const bool is_of_feed = !input.as_of && input.source == "kev";
            const std::optional<Instant> as_of = is_of_feed ? date_of("kev") : input.as_of;
            line(
                "    {:<17} {:<12} from {}{}",
                input.name,
                input.value,
                input.source,
                as_of ? " (" + format_date(*as_of) + ")" : "");
        }
        const model::InstalledPackage& package = scan_.inventory.packages[finding.package];
        const prioritize::Exposure& exposure = exposures_.of(package.source_name);
        if (!exposure.detail.empty()) {
            line("    exposure: {}", printable(exposure.detail));
        }
        const bool fix = finding.status != model::FindingStatus::AffectedNoFix;
        const auto changes = prioritize::alternatives(
            scan_.assessment.vulnerabilities[finding.vulnerability],
            exposure,
            options_.policy,
            fix);
        if (!changes.empty()) {
            line("  what would change it:");
        }
        for (const prioritize::Alternative& change : changes) {
            line("    {}: {}", change.change, deadline_text(change.decision));
        }
    }

    /// What a patch does not do. Where there is one it says how it is installed.
    void next(std::size_t index) {
        const report::ScanReport report = this->report();
        const report::FindingParts parts = report::parts_of(report, index);
        switch (parts.finding.status) {
            case model::FindingStatus::AffectedNoFix:
            case model::FindingStatus::AffectedFixNotInMyRepos:
            case model::FindingStatus::UnderInvestigation:
            case model::FindingStatus::Unknown:
                line("  next: {}", printable(report::action_sentence(parts), 600));
                break;
            case model::FindingStatus::AffectedFixAvailable:
            case model::FindingStatus::FixedInstalledNotRunning:
            case model::FindingStatus::Fixed:
            case model::FindingStatus::NotAffected: return;
        }
        if (report::is_urgent_without_fix(report, index) && is_plain_word(parts.facts.id)) {
            line("    shield it here: thimble control --help (preview, deploy, verify)");
            line("    in a fleet: thimble control propose {}", parts.facts.id);
            line("    or answer for it: thimble exception request --help");
        }
    }

    const Scan& scan_;
    const ScanOptions& options_;
    std::ostream& out_;
    std::vector<report::FeedState> feeds_;
    prioritize::ExposureMap exposures_;
};

/// Findings that differ in the binary package alone, in the order of their first ones.
std::vector<std::vector<std::size_t>> alike(
    const Scan& scan, const std::vector<std::size_t>& findings) {
    std::vector<std::vector<std::size_t>> groups;
    std::map<std::tuple<std::uint32_t, std::string, std::string, std::uint32_t>, std::size_t> known;
    for (const std::size_t index : findings) {
        const model::Finding& finding = scan.assessment.findings[index];
        const model::InstalledPackage& package = scan.inventory.packages[finding.package];
        const auto [at, is_new] = known.try_emplace(
            std::tuple(
                finding.vulnerability,
                package.source_name + ' ' + package.version,
                std::string(finding_status_name(finding.status)) + ' ' + finding.reason,
                scan.work.decision_of_finding[index]),
            groups.size());
        if (is_new) {
            groups.emplace_back();
        }
        groups[at->second].push_back(index);
    }
    return groups;
}

/// What feeds and package managers call anything: ".build-deps" of apk, too.
bool can_be_name(std::string_view word) {
    constexpr std::size_t kMostBytes = 256;
    return !word.empty() && word.size() <= kMostBytes && word.front() != '-'
        && std::ranges::all_of(word, [](char c) { return c > ' ' && c <= '~'; });
}

/// A vulnerability or package that nothing here has to do with: what is known of it.
void explain_absent(
    const Scan& scan, const ScanOptions& options, const Explained& found, std::ostream& out) {
    if (found.is_installed && !found.not_known) {
        out << printable(found.subject)
            << " is installed, and no record of the catalog names a vulnerability in it.\n";
    }
    if (found.facts) {
        Explanation(scan, options, out).facts(*found.facts);
        out << "\nNo record names it in a package that is installed here.\n";
    }
    if (found.not_known) {
        out << wrapped_text("I" + found.not_known->detail.substr(1) + ".", {});
        if (!found.not_known->next.empty()) {
            out << narrowed("Next: " + printable(found.not_known->next)) << '\n';
        }
    }
    Explanation(scan, options, out).updates(found.updates);
}

void explain_present(
    const Scan& scan, const ScanOptions& options, const Explained& found, std::ostream& out) {
    Explanation explanation(scan, options, out);
    std::set<std::uint32_t> introduced;
    const std::size_t most = found.is_vulnerability ? kMostOfAVulnerability : kMostOfAPackage;
    const auto groups = alike(scan, found.findings);
    const std::size_t shown = options.all ? groups.size() : std::min(groups.size(), most);
    explanation.patches(found.patches);
    explanation.updates(found.updates);
    for (std::size_t i = 0; i < shown; ++i) {
        const model::Finding& finding = scan.assessment.findings[groups[i].front()];
        if (introduced.insert(finding.vulnerability).second && finding.vulnerability != 0) {
            out << '\n';
            explanation.facts(scan.assessment.vulnerabilities[finding.vulnerability]);
        }
        explanation.finding(groups[i]);
    }
    if (shown < groups.size()) {
        out << "\nand " << groups.size() - shown
            << " findings more, less urgent:\n  thimble explain --all "
            << shell_word(printable(found.subject)) << printable(options.repeated) << '\n';
    }
}

}  // namespace

Error nothing_known(
    const std::string& subject, const model::Inventory& inventory, const ScanOptions& options) {
    const std::string near = nearest_package(subject, inventory);
    const std::string target = target_arguments(options);
    return failure(
        ErrorKind::NotFound,
        "cli.nothing_known",
        "nothing is known of \"" + printable(subject) + "\": no such package is installed"
            + (options.host.empty() ? "" : " on " + printable(options.host))
            + ", and no feed names it as a vulnerability; "
            + (near.empty() ? "`thimble scan" + target + "` names what is to be known"
                            : "nearest is " + printable(near) + ": thimble explain" + target + " "
                       + shell_word(printable(near))));
}

int run_explain(
    const ScanOptions& options, const std::string& subject, std::ostream& out, std::ostream& err) {
    if (!can_be_name(subject)) {
        return complain(
            err,
            failure(
                ErrorKind::Invalid,
                "cli.bad_subject",
                "\"" + subject + "\" can be no name: give a package or an id, CVE-2024-3094"));
    }
    const auto scan = make_scan(options, true);
    if (!scan) {
        return complain_of_scan(options, scan.error(), err);
    }
    const Explained found = explained(*scan, subject);
    if (!is_known(found)) {
        return complain_of_scan(options, nothing_known(subject, scan->inventory, options), err);
    }
    if (options.format == ScanFormat::Json) {
        out << explain_json(*scan, options, found) << '\n';
    } else if (found.findings.empty() && !found.has_patch) {
        explain_absent(*scan, options, found, out);
    } else {
        explain_present(*scan, options, found, out);
    }
    return explained_status(*scan, found);
}

}  // namespace thimble::cli
