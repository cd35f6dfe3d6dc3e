#pragma once
/// @file Cells of a table on a terminal: cut to their width, safe to show. Pure.

#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::client {

/// Cut to a width in columns; what is not ASCII counts its bytes, so that a line is never too long.
std::string cell_text(std::string_view text, std::size_t width);

/// A line of cells, two blanks between them, none at its end.
class TableLine {
public:
    TableLine& cell(std::string_view text, std::size_t width);
    /// With its newline.
    [[nodiscard]] std::string text() const;

private:
    std::string line_;
};

}  // namespace thimble::client
