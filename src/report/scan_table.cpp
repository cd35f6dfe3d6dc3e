#include "thimble/report/scan_table.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/name_list.hpp"
#include "thimble/base/shell_word.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/model/decision.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"
#include "thimble/report/finding_words.hpp"
#include "thimble/report/scan_report.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace thimble::report {
namespace {

using model::Patch;

constexpr std::size_t kWidth = kTerminalColumns;
constexpr std::size_t kStateWidth = 23;  // what the second line of a patch leaves

/// At most `width` bytes, and so at most as many columns: wide characters take three bytes or more.
std::string cut(std::string_view text, std::size_t width) {
    std::string shown = printable(text, 4096);
    if (shown.size() > width) {
        std::size_t end = width - 1;
        while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0U) == 0x80U) {
            --end;  // never half a character
        }
        shown.resize(end);
        shown += '~';
    }
    return shown;
}

class TableWriter {
public:
    TableWriter(const ScanReport& report, const TableStyle& style)
        : report_(report), style_(style), summary_(summarise(report)) {}

    std::string write() {
        write_head();
        write_patches();
        write_below();
        write_gaps();
        write_next();
        return std::move(out_);
    }

private:
    template <class... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
        out_ += '\n';
    }

    [[nodiscard]] std::string painted(std::string_view text, std::string_view code) const {
        return style_.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
    }

    void write_head() {
        const model::OsRelease& os = report_.inventory.os;
        const std::string host = cut(report_.inventory.host, 24);
        const std::string packages =
            counted(report_.inventory.packages.size(), "package", "packages");
        const std::string date = format_date(report_.now);
        const std::size_t room = kWidth - 6 - host.size() - packages.size() - date.size();
        const std::string system =
            cut(os.pretty_name.empty() ? "unknown system" : os.pretty_name, room);
        line("{}: {}, {}, {}", host, system, packages, date);
        line("");
        write_numbers();
        line("");
    }

    /// What stands side by side, for as long as there is room.
    struct NumberLine {
        std::string text;
        std::size_t columns = 0;

        /// @param width  of the text without its colours
        void add(std::size_t width, const std::string& painted) {
            constexpr std::size_t kBetween = 3;
            const bool is_beside = columns > 0 && columns + kBetween + width <= kWidth;
            text += columns > 0 && !is_beside ? "\n" : "";
            text += std::string(is_beside ? kBetween : 2, ' ') + painted;
            columns = (is_beside ? columns + kBetween : 2) + width;
        }
    };

    void write_numbers() {
        struct Number {
            std::optional<std::uint32_t> count;
            std::string_view name;
            std::string_view colour;
        };
        const ToldSummary told = told_summary(report_, summary_);
        const std::array numbers{
            Number{told.overdue, "overdue", "1;31"},
            Number{told.exploited, "exploited", "1;31"},
            Number{told.pending, "pending", "1"},
            Number{told.blocked, "blocked", "1;33"},
            Number{summary_.unknown, "unknown", "1;35"}};
        NumberLine shown;
        bool all_known = true;
        for (const Number& number : numbers) {
            const bool at_least =
                std::ranges::find(told.lower_bounds, number.name) != told.lower_bounds.end();
            const std::string count = number.count ? std::to_string(*number.count) : "?";
            const std::string text =
                (at_least ? "at least " : "") + count + ' ' + std::string(number.name);
            shown.add(text.size(), number.count == 0U ? text : painted(text, number.colour));
            all_known = all_known && number.count;
        }
        line("{}", shown.text);
        if (!all_known) {
            line("  (?: none was found, but it could not be known: see below)");
        }
    }

    void write_patches() {
        const auto& patches = report_.work.patches;
        if (patches.empty()) {
            write_nothing_missing();
            return;
        }
        const std::size_t shown = std::min(patches.size(), style_.most_patches);
        for (std::size_t i = 0; i < shown; ++i) {
            write_patch(i + 1, patches[i]);
        }
        if (shown < patches.size()) {
            line(
                "     and {} more: {}",
                counted(patches.size() - shown, "patch", "patches"),
                command("scan --all"));
        }
    }

    /// Says what was checked and when: an empty list alone is no proof.
    void write_nothing_missing() {
        if (scan_exit_status(report_, summary_) == 0) {
            line("No security patch is missing. Checked against:");
            for (const FeedState& feed : report_.feeds) {
                line(
                    "  {:<16} {}, as of {}",
                    cut(feed.feed, 16),
                    counted(feed.records, "record"),
                    date_or_unknown(feed.as_of));
            }
        } else {
            line("No missing patch was found, but not everything could be judged: see below.");
        }
    }

    static std::string date_or_unknown(const std::optional<Instant>& instant) {
        return instant ? format_date(*instant) : "unknown date";
    }

    void write_patch(std::size_t rank, const Patch& patch) {
        const std::string_view arrow = style_.utf8 ? "\xE2\x86\x92" : "->";
        const std::string name = cut(patch.source, 24);
        const std::string place = fmt::format("{:>3}  ", rank);
        const std::size_t room = (kWidth - place.size() - name.size() - 2 - 4) / 2;
        const std::string from = cut(patch.from_version.empty() ? "?" : patch.from_version, room);
        const std::string to = cut(patch.to_version.empty() ? "?" : patch.to_version, room);
        line("{}{}  {} {} {}", place, painted(name, "1"), from, arrow, to);
        const std::string what = fmt::format("{:<9}{:<9}", marks(patch), cut(closes(patch), 9));
        line("     {}{:<33} {}", what, decision(patch), state(patch));
    }

    [[nodiscard]] static std::string marks(const Patch& patch) {
        std::string marks;
        if (patch.decision.kev) {
            marks = "KEV";
        } else if (patch.decision.exploited_elsewhere) {
            marks = "EXPL";
        }
        if (patch.decision.public_poc) {
            marks += marks.empty() ? "PoC" : " PoC";
        }
        return marks;
    }

    [[nodiscard]] static std::string closes(const Patch& patch) {
        if (!patch.vulnerabilities.empty()) {
            return counted(patch.vulnerabilities.size(), "CVE", "CVEs");
        }
        return vulnerabilities_known(patch) ? "no CVE" : "CVEs?";
    }

    [[nodiscard]] std::string decision(const Patch& patch) const {
        const std::string text{ssvc_outcome_name(patch.decision.outcome)};
        if (!patch.due.due) {
            return text + ", next upgrade";
        }
        return text + ", " + deadline(*patch.due.due);
    }

    [[nodiscard]] std::string deadline(Instant due) const {
        return is_overdue(due, report_.now) ? "overdue " + format_age(report_.now - due)
                                            : "due " + format_date(due);
    }

    [[nodiscard]] static std::string state(const Patch& patch) {
        std::string restart;
        switch (patch.restart) {
            case model::Restart::None: break;
            case model::Restart::Services: restart = ", restart"; break;
            case model::Restart::Reboot: restart = ", reboot"; break;
            case model::Restart::Unknown: restart = ", restart?"; break;
        }
        switch (readiness_of(patch)) {
            case Readiness::InstalledNotLive: return "installed" + restart;
            case Readiness::Ready: return "ready" + restart;
            case Readiness::OfferUnknown: return "offer unknown" + restart;
            case Readiness::Blocked: break;
        }
        return cut(
            spoken(
                patch.blockers.empty() ? std::string_view(patch.blocked_reason)
                                       : model::blocker_name(patch.blockers.front().kind)),
            kStateWidth);
    }

    void write_below() {
        write_why_blocked();
        write_restarts();
        write_urgent_without_fix();
        write_unknown();
        if (summary_.open_without_fix > 0) {
            line("");
            write_without_fix();
        }
        if (report_.work.other_updates > 0) {
            line("");
            line(
                "  {} without security matters",
                counted(report_.work.other_updates, "other update", "other updates"));
        }
    }

    void write_without_fix() {
        const std::string open =
            counted(summary_.open_without_fix, "open vulnerability", "open vulnerabilities");
        std::set<std::uint32_t> undecided;
        for (std::size_t i = 0; i < report_.assessment.findings.size(); ++i) {
            if (parts_of(report_, i).unread_update != nullptr) {
                undecided.insert(report_.assessment.findings[i].vulnerability);
            }
        }
        if (undecided.empty()) {
            write_listed_by(fmt::format("  {} without a fix yet; the list:", open));
            return;
        }
        write_words(
            "  ",
            fmt::format(
                "{} without a known fix; of {} it is not known whether an offered update closes "
                "it, as its changelog was not read",
                open,
                undecided.size()));
        write_listed_by("  the list:");
    }

    /// The command stays whole, for pasting.
    void write_listed_by(std::string_view words) {
        const std::string list = command("scan --json");
        const bool fits = words.size() + 1 + list.size() <= kWidth;
        line("{}{}{}", words, fits ? " " : "\n    ", list);
    }

    static std::string_view exploited_mark(const model::Decision& decision) {
        if (decision.kev) {
            return "KEV";
        }
        return decision.exploited_elsewhere ? "EXPL" : "";
    }

    [[nodiscard]] const model::Decision& decision_of(std::size_t finding) const {
        return report_.work.decisions[report_.work.decision_of_finding[finding]];
    }

    /// Smaller comes first: exploited ones, then by their deadlines.
    static std::tuple<bool, bool, Instant> rank_of(
        const model::Decision& decision, const model::DueDate& due) {
        return {!decision.kev, !decision.exploited_elsewhere, due.due.value_or(Instant::max())};
    }

    [[nodiscard]] std::tuple<bool, bool, Instant> rank_of(std::size_t finding) const {
        return rank_of(decision_of(finding), report_.work.due_of_finding[finding]);
    }

    /// By rank; of the binary packages of a source the first one stands for all.
    [[nodiscard]] std::vector<std::size_t> urgent_without_fix() const {
        std::vector<std::size_t> urgent;
        std::set<std::pair<std::uint32_t, std::string_view>> told;
        for (std::size_t i = 0; i < report_.assessment.findings.size(); ++i) {
            const model::Finding& finding = report_.assessment.findings[i];
            const std::string& source = report_.inventory.packages[finding.package].source_name;
            if (is_urgent_without_fix(report_, i)
                && told.emplace(finding.vulnerability, source).second) {
                urgent.push_back(i);
            }
        }
        std::ranges::stable_sort(
            urgent, {}, [this](std::size_t finding) { return rank_of(finding); });
        return urgent;
    }

    /// What cannot be patched and cannot wait is named: no line of the table stands for it.
    void write_urgent_without_fix() {
        constexpr std::size_t kMostNamed = 10;
        const std::vector<std::size_t> urgent = urgent_without_fix();
        if (urgent.empty()) {
            return;
        }
        line("");
        line("Due, and without a fix: shield or remove these (exploited ones are marked):");
        for (const std::size_t i : urgent | std::views::take(kMostNamed)) {
            const model::Finding& finding = report_.assessment.findings[i];
            const std::optional<Instant>& due = report_.work.due_of_finding[i].due;
            const std::string_view mark = exploited_mark(decision_of(i));
            line(
                "  {:<20} {:<30} {}",
                cut(report_.assessment.vulnerabilities[finding.vulnerability].id, 20),
                cut(report_.inventory.packages[finding.package].source_name, 30),
                due ? fmt::format("{:<4} {}", mark, deadline(*due)) : std::string(mark));
            const FindingParts parts = parts_of(report_, i);
            if (parts.unread_update != nullptr) {
                write_words("    ", unread_sentence(*parts.unread_update));
            }
            if (!finding.called_unimportant_by.empty()) {
                write_words("    ", unimportant_sentence(parts));
            }
        }
        if (urgent.size() > kMostNamed) {
            write_words(
                "  ",
                fmt::format("and {} more: {}", urgent.size() - kMostNamed, command("scan --json")));
        }
    }

    /// Packages by why they could not be judged, in the order of the findings; each package once.
    [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> unknown_by_reason()
        const {
        std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
        std::set<std::uint32_t> told;
        for (const model::Finding& finding : report_.assessment.findings) {
            const bool is_open_question =
                finding.status == model::FindingStatus::UnderInvestigation;
            if ((finding.status != model::FindingStatus::Unknown && !is_open_question)
                || !told.insert(finding.package).second) {
                continue;
            }
            const std::string why = is_open_question
                ? "the vendor has not yet determined whether they are affected"
                : reason_sentence(finding.reason);
            auto at = std::ranges::find(reasons, why, [](const auto& one) { return one.first; });
            if (at == reasons.end()) {
                at = reasons.insert(at, {why, {}});
            }
            at->second.push_back(report_.inventory.packages[finding.package].name);
        }
        return reasons;
    }

    /// What the number of unknown packages stands for: nothing says that these are safe.
    void write_unknown() {
        constexpr std::size_t kMostNamed = 3;
        constexpr std::size_t kMostReasons = 5;
        const auto reasons = unknown_by_reason();
        if (reasons.empty()) {
            return;
        }
        line("");
        line("Unknown, which is not safe:");
        for (const auto& [why, names] : reasons | std::views::take(kMostReasons)) {
            std::string words = counted(names.size(), "package", "packages") + " (";
            for (const std::string& name : names | std::views::take(kMostNamed)) {
                words += (name == names.front() ? "" : ", ") + cut(name, 40);
            }
            words += names.size() > kMostNamed ? ", ...): " : "): ";
            write_words("  ", words + why);
        }
        write_listed_by("  all of them:");
    }

    /// What many wait for is told once, and whole: there may be a command in it.
    void write_why_blocked() {
        constexpr std::size_t kMostNamed = 4;
        const auto reasons = blocked_by_reason();
        if (reasons.empty()) {
            return;
        }
        line("");
        line("Why blocked:");
        for (const auto& [why, names] : reasons) {
            std::vector<std::string> shown;
            std::ranges::transform(names, std::back_inserter(shown), [](const std::string& name) {
                return cut(name, 24);
            });
            write_words("  ", some_names(shown, kMostNamed) + ": " + why);
        }
    }

    /// Sources by the detail of their root blocker, each in the order of work.
    [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> blocked_by_reason()
        const {
        std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
        std::map<std::string_view, std::size_t> places;
        for (const Patch& patch : report_.work.patches) {
            if (patch.blockers.empty() || patch.blockers.front().detail.empty()) {
                continue;
            }
            const std::string& why = patch.blockers.front().detail;
            const auto [place, is_new] = places.try_emplace(why, reasons.size());
            if (is_new) {
                reasons.push_back({why, {}});
            }
            reasons[place->second].second.push_back(patch.source);
        }
        return reasons;
    }

    void write_restarts() {
        if (report_.inventory.stale_processes.empty()) {
            return;
        }
        std::map<std::string, std::size_t> units;
        for (const model::StaleProcess& process : report_.inventory.stale_processes) {
            ++units[process.unit.empty() ? process.command : process.unit];
        }
        line("");
        line("Still running replaced files (fixed on disk, not in memory):");
        for (const auto& [unit, count] : units) {
            line("  {} ({})", cut(unit, 50), counted(count, "process", "processes"));
        }
    }

    void write_gaps() {
        if (report_.assessment.gaps.empty()) {
            return;
        }
        line("");
        line("Could not be known:");
        for (const model::Gap& gap : report_.assessment.gaps) {
            write_words("  - ", gap.next.empty() ? gap.detail : gap.detail + " (" + gap.next + ")");
        }
    }

    void write_words(std::string_view mark, std::string_view text) {
        constexpr std::size_t kMostBytes = 1000;
        out_ += wrapped_text(
            printable(text, kMostBytes),
            {.first = mark, .further = std::string(mark.size(), ' '), .long_word = LongWord::Cut});
    }

    /// A command of ours, for the same host and the same data.
    [[nodiscard]] std::string command(std::string_view words) const {
        return "thimble " + std::string(words) + printable(style_.repeated);
    }

    /// A finding that no patch closes and that is worse than the first patch: exploited when that is not, or due before it.
    [[nodiscard]] std::optional<std::size_t> worse_than_patches() const {
        const std::vector<std::size_t> urgent = urgent_without_fix();
        const std::vector<Patch>& patches = report_.work.patches;
        const bool is_worse = !urgent.empty()
            && (patches.empty()
                || rank_of(urgent.front())
                    < rank_of(patches.front().decision, patches.front().due));
        return is_worse ? std::optional(urgent.front()) : std::nullopt;
    }

    void write_next_without_fix(const FindingParts& parts) {
        line("");
        const std::string fix = parts.unread_update == nullptr
            ? " has no fix and comes before every patch: "
            : " has no known fix and comes before every patch, and "
                + unread_sentence(*parts.unread_update) + ": update it, ";
        write_words(
            "",
            parts.facts.id + " in " + parts.package.source_name + fix
                + "shield it, remove it, or answer for it by an exception.");
        write_next_about(parts.facts.id);
    }

    /// A name that a shell would act on is not offered for pasting.
    void write_next_about(const std::string& subject) {
        const bool plain = is_plain_word(subject) && subject.size() <= 50;
        line("Next: {}", command(plain ? "explain " + subject : "scan --json"));
    }

    void write_next() {
        if (const auto worse = worse_than_patches()) {
            write_next_without_fix(parts_of(report_, *worse));
        } else if (!report_.work.patches.empty()) {
            line("");
            write_next_about(report_.work.patches.front().source);
        } else if (scan_exit_status(report_, summary_) == 2) {
            line("");
            write_words("Next: ", next_of_first_gap());
        }
    }

    /// What leaves packages unjudged comes before what is around them.
    [[nodiscard]] std::string next_of_first_gap() const {
        for (const bool hiding : {true, false}) {
            for (const model::Gap& gap : report_.assessment.gaps) {
                if (!gap.next.empty() && hides_packages(gap) == hiding) {
                    return gap.next;
                }
            }
        }
        for (const model::Finding& finding : report_.assessment.findings) {
            const std::string& name = report_.inventory.packages[finding.package].name;
            if (finding.status == model::FindingStatus::Unknown && is_plain_word(name)) {
                return command("explain " + name);
            }
        }
        return command("scan --json");
    }

    const ScanReport& report_;
    const TableStyle& style_;
    ScanSummary summary_;
    std::string out_;
};

}  // namespace

std::string scan_table(const ScanReport& report, const TableStyle& style) {
    return TableWriter(report, style).write();
}

}  // namespace thimble::report
