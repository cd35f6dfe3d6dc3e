#pragma once
/// @file Cells of a table on a terminal, safe to show. What is a name of something or a version is never cut: what follows
/// goes into a further line instead. Pure.

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

/// A line of cells, two blanks between them, none at its end. A cell that does not fit into 80 columns begins a further line,
/// with four blanks before it.
class TableLine {
public:
    /// Whole; `width` is the least.
    TableLine& cell(std::string_view text, std::size_t width);
    /// Words for people, the last of the cells: broken below each other, or below the line where it leaves little room.
    TableLine& prose(std::string_view text);
    /// With its newline.
    [[nodiscard]] std::string text() const;

private:
    void end_line();

    std::string ended_;  ///< lines, with their newlines
    std::string line_;
    std::size_t next_ =
        0;  ///< column at which the next cell begins where nothing before it is too long
};

}  // namespace thimble::client
