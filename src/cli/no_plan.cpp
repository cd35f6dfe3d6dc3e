#include "thimble/cli/no_plan.hpp"

#include "thimble/apply/plan_words.hpp"
#include "thimble/assess/host_gaps.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/gap_json.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace thimble::cli {
namespace {

/// Patches that the host lacks.
std::size_t count_missing(const NoPlan& none) {
    std::set<std::string_view> sources;
    for (const model::LeftOut& patch : none.left_out) {
        if (model::is_missing(patch)) {
            sources.insert(patch.source);
        }
    }
    return sources.size();
}

bool is_half_done(const NoPlan& none) {
    return std::ranges::any_of(none.gaps, assess::is_unfinished_gap);
}

}  // namespace

std::string passed_over_words(const std::vector<std::string>& names) {
    std::string words = "passed over, no matter of this host:";
    for (const std::string& name : names) {
        words += (&name == &names.front() ? " " : ", ") + printable(name, 80);
    }
    return words;
}

std::string no_plan_sentence(const NoPlan& none) {
    const std::size_t missing = count_missing(none);
    if (missing == 0 && !none.can_tell) {
        return "No plan: what is known of this host offers no patch, and may not be all.";
    }
    if (missing == 0) {
        return is_half_done(none)
            ? "No plan: no offered patch was selected, but packages of this host are half done."
            : "Nothing to patch: no offered patch was selected.";
    }
    const std::string words = missing == 1
        ? "No plan: 1 patch is missing, and it is left out"
        : "No plan: " + std::to_string(missing) + " patches are missing, and all are left out";
    return words + (none.can_tell ? "." : "; it is not known whether there are more.");
}

std::string no_plan_json(const NoPlan& none) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("plan").null();
    apply::write_left_out(json, none.left_out);
    json.member("passed_over", none.passed_over).key("gaps");
    model::write_gaps(json, none.gaps);
    json.close_object();
    return text;
}

int no_plan_status(const NoPlan& none, bool is_one_of_many) {
    if (!none.can_tell) {
        return kCouldNotTell;
    }
    const bool is_due = count_missing(none) > 0 || is_half_done(none);
    return is_due && !is_one_of_many ? kSomethingDue : kNothingDue;
}

}  // namespace thimble::cli
