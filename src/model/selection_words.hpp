#pragma once
/// @file The command line that asks for the same patches again.

#include "thimble/model/plan.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

/// The options of `thimble patch plan` that ask for a selection, each a word: read again they give the same. None: every security
/// patch, which is the default. Pure.
std::vector<std::string> selection_words(const PlanSelection& selection);

/// "thimble patch plan --package curl", to be pasted into a POSIX shell. Pure.
/// @param more  words before these, each with a blank in front, quoted: " --retry --root /a"
std::string plan_command(const PlanSelection& selection, std::string_view more = {});

}  // namespace thimble::model
