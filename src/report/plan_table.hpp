#pragma once
/// @file A plan for people: what it closes, what it does, what it costs, what to look at.

#include "thimble/model/plan.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::report {

/// Lines of at most 80 columns, but for diffs. Text from packages is made printable first.
/// @param digest  of the plan
/// @param file    in which the plan is, as a word of a shell
/// @param diffs   show the differences of the configuration files, not only their names
std::string plan_table(
    const model::Plan& plan, std::string_view digest, std::string_view file, bool diffs);

/// What a plan, or no plan, leaves out, with the reasons; empty where that is nothing.
std::string left_out_text(const std::vector<model::LeftOut>& left_out);

/// "3.0 MiB"
std::string size_words(std::uint64_t bytes);

}  // namespace thimble::report
