#include "thimble/cli/doctor_report.hpp"

#include "thimble/assess/host_gaps.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/cli/exit_status.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace thimble::cli {
namespace {

std::string_view condition_name(Condition condition) {
    switch (condition) {
        case Condition::Well: return "well";
        case Condition::Limited: return "limited";
        case Condition::Missing: return "missing";
    }
    return "missing";
}

/// The condition, and beside it what it is the condition of, and what to do about it.
std::string lines_of(const Diagnosis& diagnosis) {
    constexpr std::size_t kColumn = 9;
    std::string condition(condition_name(diagnosis.condition));
    condition.resize(kColumn, ' ');
    const std::string below(kColumn, ' ');
    const std::string next = diagnosis.next.empty()
        ? std::string()
        : wrapped_text(diagnosis.next, {.first = below, .further = below});
    return wrapped_text(
               diagnosis.subject + ": " + diagnosis.detail,
               {.first = condition, .further = below + "  "})
        + next;
}

/// What only looks old still has patches; what is not there has none.
Condition condition_of(const model::Gap& gap) {
    const bool is_there = gap.code.starts_with("assess.") || gap.code == "inventory.no_offers";
    return is_there ? Condition::Limited : Condition::Missing;
}

std::string foreign_line(std::span<const Diagnosis> found) {
    std::vector<std::string_view> names;
    for (const Diagnosis& diagnosis : found) {
        const bool is_told = std::ranges::find(names, diagnosis.foreign) != names.end();
        if (!diagnosis.foreign.empty() && !is_told) {
            names.emplace_back(diagnosis.foreign);
        }
    }
    std::string all;
    for (const std::string_view name : names) {
        all.append(all.empty() ? "" : ", ").append(name);
    }
    return all.empty() ? all
                       : lines_of(
                             {"other package managers",
                              Condition::Well,
                              all + " (no matter here; see --json)",
                              ""});
}

}  // namespace

std::vector<Diagnosis> diagnose_index(std::span<const model::Gap> gaps) {
    std::vector<Diagnosis> found;
    for (const model::Gap& gap : gaps) {
        if (assess::is_index_gap(gap) || gap.code == "inventory.no_offers") {
            found.push_back({"package index", condition_of(gap), gap.detail, gap.next});
        }
    }
    if (found.empty()) {
        found.push_back({"package index", Condition::Well, "as new as it should be", ""});
    }
    return found;
}

std::string doctor_text(std::span<const Diagnosis> found) {
    std::string text;
    for (const Diagnosis& diagnosis : found) {
        text += diagnosis.foreign.empty() ? lines_of(diagnosis) : std::string();
    }
    return text + foreign_line(found);
}

std::string doctor_json(std::span<const Diagnosis> found) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.doctor/1").key("diagnoses").open_array();
    for (const Diagnosis& diagnosis : found) {
        json.open_object().member("subject", diagnosis.subject);
        json.member("condition", condition_name(diagnosis.condition));
        json.member("detail", diagnosis.detail).member_or_null("next", diagnosis.next);
        json.key("matters_here").boolean(diagnosis.foreign.empty()).close_object();
    }
    json.close_array().close_object();
    return text + "\n";
}

int doctor_status(std::span<const Diagnosis> found) {
    const bool is_missing = std::ranges::any_of(found, [](const Diagnosis& diagnosis) {
        return diagnosis.condition == Condition::Missing && diagnosis.foreign.empty();
    });
    return is_missing ? kSomethingDue : kNothingDue;
}

}  // namespace thimble::cli
