#pragma once
/// @file A failure as a program tells it to another: docs/formats/errors.md.

#include <string>
#include <string_view>

namespace thimble {

struct ToldError {
    std::string code;     ///< stable
    std::string message;  ///< for people
    std::string next;     ///< what to do about it, often a command; empty: nothing is known
    bool operator==(const ToldError&) const = default;
};

/// One line, without its newline.
std::string told_error_json(const ToldError& error);

/// Whether a program printed that it failed, and not an answer.
bool is_told_error(std::string_view printed);

}  // namespace thimble
