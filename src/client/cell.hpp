#pragma once
/// @file Cells of a table on a terminal, safe to show. What is a name of something or a version is never cut: a line
/// becomes wider instead. Pure.

#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::client {

/// The whole of a name, an id or a version.
std::string whole_text(std::string_view text);

/// Words for people, cut to a width in columns; what is not ASCII counts its bytes, so that a line is never too long.
std::string prose_text(std::string_view text, std::size_t width);

/// As many of the items of a comma separated list as fit, at least one, each whole; then how many more there are: "a,b +3".
std::string list_text(std::string_view text, std::size_t width);

/// Lines of at most `width` columns, broken at blanks, those after the first with two blanks before them; a word that is longer
/// stays whole. With its newlines.
std::string wrapped_text(std::string_view text, std::size_t width);

/// A line of cells, two blanks between them, none at its end.
class TableLine {
public:
    /// Whole; `width` is the least.
    TableLine& cell(std::string_view text, std::size_t width);
    /// With its newline.
    [[nodiscard]] std::string text() const;

private:
    std::string line_;
};

}  // namespace thimble::client
