#include "thimble/cli/no_plan.hpp"

#include "thimble/apply/plan_words.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/gap_json.hpp"

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

}  // namespace

std::string no_plan_sentence(const NoPlan& none) {
    const std::size_t missing = count_missing(none);
    if (missing == 0) {
        return none.can_tell
            ? "Nothing to patch: no offered patch was selected."
            : "No plan: what is known of this host offers no patch, and may not be all.";
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
    return count_missing(none) > 0 && !is_one_of_many ? kSomethingDue : kNothingDue;
}

}  // namespace thimble::cli
