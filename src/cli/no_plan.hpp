#pragma once
/// @file What is said where there is no plan to write, for people and for scripts. Pure.

#include "thimble/cli/exit_status.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/plan.hpp"

#include <string>
#include <vector>

namespace thimble::cli {

/// Why there is none.
struct NoPlan {
    const std::vector<model::LeftOut>& left_out;
    const std::vector<std::string>& passed_over;  ///< names that are no matter of this host
    const std::vector<model::Gap>& gaps;          ///< all of them, for the document
    bool can_tell =
        true;  ///< that nothing else is missing: what the repositories offer is known and of today
};

/// Of names that are no matter of the host, for people.
std::string passed_over_words(const std::vector<std::string>& names);

/// One sentence: nothing is missing, or all that is missing is left out, or nobody can tell.
std::string no_plan_sentence(const NoPlan& none);

/// docs/formats/plan.md
std::string no_plan_json(const NoPlan& none);

/// @param is_one_of_many  what was selected was so for many hosts: what this one leaves out is no failure
/// @return kCouldNotTell; kSomethingDue where patches are missing and left out; kNothingDue
int no_plan_status(const NoPlan& none, bool is_one_of_many);

}  // namespace thimble::cli
