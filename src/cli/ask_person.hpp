#pragma once
/// @file Questions to whoever sits at the terminal, or lines of a script that stands in for them.

#include <string>

namespace thimble::cli {

/// A line of the input; the question is asked only of who sees it.
std::string ask_person(const char* question);
/// The same; a terminal does not show what is typed.
std::string ask_secretly(const char* question);

}  // namespace thimble::cli
