#pragma once
/// @file A filter of lines: one question a line in, one answer a line out.

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace thimble::cli {

/// Longer lines are answered with a refusal instead of being read.
inline constexpr std::size_t kLongestLine = 65536;

/// Whether a line was a question that has an answer.
enum class Answered : std::uint8_t { No, Yes };

/// Calls `answer` for each line of `in` (without its LF or CR LF), and writes what it appends to its
/// second argument as one line to `out`. Answers are written in blocks, but never held back while the
/// reader would wait for input, so that the filter also serves as a coprocess. A line of more than
/// kLongestLine bytes is skipped and answered with "invalid: line is too long".
/// @return whether every line had an answer
Answered answer_lines(
    std::istream& in,
    std::ostream& out,
    const std::function<Answered(std::string_view line, std::string& answers)>& answer);

}  // namespace thimble::cli
