#pragma once
/// @file Text read line by line, with a bound on the length of a line.

#include <cstddef>
#include <optional>
#include <string_view>

namespace thimble::feeds {

/// Hands out the lines of a text, without "\n" and "\r\n".
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}

    /// The next line, or nothing at the end. A last line without a line end counts.
    std::optional<std::string_view> next() {
        if (rest_.empty()) {
            return std::nullopt;
        }
        const std::size_t end = rest_.find('\n');
        std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        ++number_;
        return line;
    }
    /// Of the line handed out last, from 1.
    [[nodiscard]] std::size_t number() const { return number_; }

private:
    std::string_view rest_;
    std::size_t number_ = 0;
};

}  // namespace thimble::feeds
