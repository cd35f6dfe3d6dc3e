#pragma once
/// @file Words of commands that people are told to type.

#include <string>
#include <string_view>

namespace thimble {

/// Whether a word can be pasted into a POSIX shell as it is, and is no option.
bool is_plain_word(std::string_view word);

/// The word as a POSIX shell reads it back: as it is where it is plain, else in single quotes.
std::string shell_word(std::string_view word);

}  // namespace thimble
