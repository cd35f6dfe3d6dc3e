#include "thimble/report/plan_table.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/name_list.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/model/loaded_at_boot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace thimble::report {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kDigestShown = 12;

std::string shown(std::string_view text, std::size_t width) {
    std::string out = printable(text);
    if (out.size() > width) {
        out.resize(width - 1);
        out += '~';
    }
    return out;
}

class PlanWriter {
public:
    PlanWriter(const model::Plan& plan, std::string_view digest, std::string_view file, bool diffs)
        : plan_(plan), digest_(digest), file_(file), diffs_(diffs) {}

    std::string write() {
        line(
            "{}: plan {} of {}",
            shown(plan_.host, 36),
            digest_.substr(0, kDigestShown),
            format_instant(plan_.created_at));
        write_patches();
        write_steps();
        write_origins();
        write_probes();
        write_cost();
        write_restarts();
        write_conffiles();
        write_problems();
        out_ += left_out_text(plan_.left_out);
        return std::move(out_);
    }

private:
    template <class... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
        out_ += '\n';
    }

    void write_patches() {
        line("");
        for (const model::PlannedPatch& patch : plan_.patches) {
            line(
                "  {}  {} -> {}",
                shown(patch.source, 24),
                shown(patch.from_version, 24),
                shown(patch.to_version, 24));
            write_closed(patch.vulnerabilities);
        }
    }

    void write_closed(const std::vector<std::string>& vulnerabilities) {
        std::string closes;
        std::size_t more = 0;
        for (const std::string& id : vulnerabilities) {
            if (closes.size() + id.size() + 2 > kWidth - 24) {
                ++more;
            } else {
                closes += (closes.empty() ? "" : ", ") + printable(id);
            }
        }
        if (!closes.empty()) {
            line(
                "      closes {}{}",
                closes,
                more == 0 ? std::string() : fmt::format(" and {} more", more));
        }
    }

    void write_steps() {
        constexpr std::array<std::pair<model::PlannedChange, std::string_view>, 5> kGroups{
            {{model::PlannedChange::Upgrade, "upgraded"},
             {model::PlannedChange::Install, "newly installed"},
             {model::PlannedChange::Remove, "REMOVED"},
             {model::PlannedChange::Downgrade, "DOWNGRADED"},
             {model::PlannedChange::Reinstall, "reinstalled"}}};
        line("");
        for (const auto& [change, word] : kGroups) {
            std::string names;
            std::size_t count = 0;
            for (const model::PlannedStep& step : plan_.steps) {
                if (step.change == change) {
                    names += (names.empty() ? "" : " ") + printable(step.name, 64);
                    ++count;
                }
            }
            if (count > 0) {
                line("  {} {}:", count, word);
                write_names(names);
            }
        }
    }

    void write_names(std::string_view names) {
        out_ += wrapped_text(names, {.first = "      ", .further = "      "});
    }

    void write_origins() {
        if (plan_.policy.origins.empty()) {
            return;
        }
        line("");
        line(
            "  only from archives that match {}:",
            plan_.policy.origins.size() == 1 ? "this" : "one of these");
        for (const std::string& pattern : plan_.policy.origins) {
            write_names(printable(pattern));
        }
    }

    /// What a plan asks of the host, and runs there, is approved with it.
    void write_probes() {
        if (plan_.policy.probes.empty()) {
            return;
        }
        line("");
        line("  asked before and after:");
        for (const model::HealthProbe& probe : plan_.policy.probes) {
            std::string words = probe.name + ": " + std::string(model::probe_kind_name(probe.kind));
            words += probe.target.empty() ? "" : " " + probe.target;
            for (const std::string& word : probe.argv) {
                words += " " + word;
            }
            write_names(printable(words));
        }
    }

    void write_cost() {
        line("");
        const bool grows = plan_.growth_bytes >= 0;
        const auto growth =
            static_cast<std::uint64_t>(grows ? plan_.growth_bytes : -plan_.growth_bytes);
        line(
            "  download {}, {} {} on disk, about {}",
            size_words(plan_.download_bytes),
            size_words(growth),
            grows ? "more" : "less",
            format_age(plan_.expected_duration));
    }

    /// A library that is replaced stays in every process that has mapped it.
    [[nodiscard]] bool replaces_libraries() const {
        return std::ranges::any_of(plan_.steps, [](const model::PlannedStep& step) {
            return step.change != model::PlannedChange::Install
                && model::is_shared_library(step.name);
        });
    }

    void write_restarts() {
        const bool boots = plan_.restart == model::Restart::Reboot;
        switch (plan_.restart) {
            case model::Restart::None: line("  nothing has to restart"); return;
            case model::Restart::Services: break;
            case model::Restart::Reboot: line("  the host has to REBOOT afterwards"); break;
            case model::Restart::Unknown: line("  what has to restart is not known"); break;
        }
        std::string units;
        for (const std::string& unit : plan_.services) {
            units += (units.empty() ? "" : " ") + printable(unit, 64);
        }
        if (!units.empty()) {
            line(
                "  {}", boots ? "until then these run on as they were:" : "to restart afterwards:");
            write_names(units);
        }
        if (replaces_libraries()) {
            line(
                "  what uses the libraries that change {}",
                boots ? "runs on with the old ones until then" : "has to restart");
            line("      thimble verify names it once they are replaced");
        }
    }

    void write_conffiles() {
        if (plan_.conffiles.empty()) {
            return;
        }
        line("");
        line(
            "  configuration files that conflict ({}):",
            plan_.policy.conffiles == model::ConffilePolicy::KeepOld
                ? "yours stay, the new ones go beside them"
                : "a conflict refuses the plan");
        for (const model::PlannedConffile& conffile : plan_.conffiles) {
            line("    {}", shown(conffile.path, kWidth - 4));
            write_names(fmt::format(
                "of {}, {}", shown(conffile.package, 24), conflict_words(conffile.conflict)));
            Lines rows(diffs_ ? std::string_view(conffile.diff) : std::string_view());
            for (std::string_view row; rows.next(row);) {
                line("      {}", printable(row));
            }
        }
        if (!diffs_) {
            line("    the differences: thimble patch show {} --diff", file_);
        }
    }

    static std::string_view conflict_words(model::ConffileConflict conflict) {
        switch (conflict) {
            case model::ConffileConflict::Edited: return "changed here and by the new version";
            case model::ConffileConflict::Deleted:
                return "deleted here, changed by the new version";
            case model::ConffileConflict::Foreign: return "new in the package, but already there";
            case model::ConffileConflict::Replaced:
                return "changed here; the package puts its own there, yours beside it";
        }
        return "";
    }

    void write_problems() {
        if (plan_.problems.empty()) {
            return;
        }
        line("");
        line("  REFUSED:");
        for (const model::PlanProblem& problem : plan_.problems) {
            out_ += wrapped_text(
                problem.detail + " [" + problem.code + "]", {.first = "    ", .further = "      "});
            if (!problem.next.empty()) {
                out_ += wrapped_text(problem.next, {.first = "      ", .further = "        "});
            }
        }
    }

    const model::Plan& plan_;
    std::string_view digest_;
    std::string_view file_;
    bool diffs_;
    std::string out_;
};

}  // namespace

std::string size_words(std::uint64_t bytes) {
    constexpr double kKibi = 1024.0;
    const auto value = static_cast<double>(bytes);
    if (value >= kKibi * kKibi * kKibi) {
        return fmt::format("{:.1f} GiB", value / (kKibi * kKibi * kKibi));
    }
    if (value >= kKibi * kKibi) {
        return fmt::format("{:.1f} MiB", value / (kKibi * kKibi));
    }
    return fmt::format("{:.0f} KiB", value / kKibi);
}

namespace {

/// The package manager keeps all of them back at once, for one reason, which is said once.
bool waits_for_package_manager(const model::LeftOut& patch) {
    return patch.code == model::blocker_name(model::BlockerKind::PackageManagerInterrupted);
}

/// "each of curl, vim and 3 more"; of a single one its name.
std::string names_of_waiting(const std::vector<model::LeftOut>& left_out) {
    constexpr std::size_t kMostNamed = 5;
    std::vector<std::string> names;
    for (const model::LeftOut& patch : left_out) {
        if (waits_for_package_manager(patch)) {
            names.push_back(printable(patch.source, 40));
        }
    }
    return (names.size() > 1 ? "each of " : "") + some_names(names, kMostNamed);
}

}  // namespace

std::string left_out_text(const std::vector<model::LeftOut>& left_out) {
    constexpr std::size_t kMostLetters = 600;
    std::string text = left_out.empty() ? "" : "\n  left out:\n";
    bool is_waiting_told = false;
    for (const model::LeftOut& patch : left_out) {
        const bool waits = waits_for_package_manager(patch);
        if (waits && std::exchange(is_waiting_told, true)) {
            continue;
        }
        const std::string name = waits ? names_of_waiting(left_out) : printable(patch.source, 40);
        text += wrapped_text(
            name + ": " + printable(patch.why, kMostLetters),
            {.first = "    ", .further = "      "});
    }
    return text;
}

std::string plan_table(
    const model::Plan& plan, std::string_view digest, std::string_view file, bool diffs) {
    return PlanWriter(plan, digest, file, diffs).write();
}

}  // namespace thimble::report
