#pragma once
/// @file UTF-8 as text from outside meets it: is it valid, and is it safe to show on a terminal.

#include <cstddef>
#include <string>
#include <string_view>

namespace thimble {

/// Length of the valid UTF-8 sequence that `text` starts with, or 0 (RFC 3629; no surrogates, no
/// overlong forms). `text` is not empty.
std::size_t utf8_sequence_length(std::string_view text);

/// `text` without control characters, escape sequences, invisible characters that reorder or hide
/// text, and invalid bytes (each becomes '?'), so that a hostile package name or summary cannot drive
/// the terminal or read as another; at most `limit` bytes, but for the rest of the last character.
/// @source UTR 36 and UTS 39 (bidirectional controls, default ignorable characters)
std::string printable(std::string_view text, std::size_t limit = 4096);

}  // namespace thimble
