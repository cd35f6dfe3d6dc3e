#pragma once
/// @file Comma-separated values with quotes (RFC 4180), with bounds.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::feeds {

/// Hands out the rows of a CSV text. Fields may be quoted, hold commas, line ends and doubled quotes.
class CsvReader {
public:
    /// @param max_row_bytes  a longer row is given up: it comes without fields, and the next line
    ///                       begins a new one
    CsvReader(std::string_view text, std::size_t max_row_bytes)
        : rest_(text), max_row_bytes_(max_row_bytes) {}

    /// Reads the next row into `fields`. False at the end. An empty `fields` is a row that could not
    /// be read: too long, or with a quote that is never closed.
    bool next(std::vector<std::string>& fields);
    /// Line on which the row handed out last begins, from 1.
    [[nodiscard]] std::size_t line() const { return row_line_; }

private:
    bool read_field(std::string& field, std::size_t& at) const;
    void skip(std::size_t count);

    std::string_view rest_;
    std::size_t max_row_bytes_;
    std::size_t line_ = 1;
    std::size_t row_line_ = 0;
};

}  // namespace thimble::feeds
