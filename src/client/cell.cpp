#include "thimble/client/cell.hpp"

#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"

#include <algorithm>
#include <ranges>

namespace thimble::client {
namespace {

constexpr std::size_t kGap = 2;     // between cells
constexpr std::size_t kIndent = 4;  // of what does not fit into the line

}  // namespace

std::string whole_text(std::string_view text) {
    return printable(text);
}

std::string prose_text(std::string_view text, std::size_t width) {
    std::string out = printable(text, 4 * width);
    if (out.size() > width) {
        std::size_t end = width - 1;
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) {
            --end;  // not within a character
        }
        out.resize(end);
        out += '~';
    }
    return out;
}

std::string list_text(std::string_view text, std::size_t width) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        const std::string item = whole_text(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto more =
            static_cast<std::size_t>(std::ranges::count(text, ',')) + (text.empty() ? 0 : 1);
        const std::string rest = more == 0 ? "" : " +" + std::to_string(more);
        if (!out.empty() && out.size() + 1 + item.size() + rest.size() > width) {
            return out + " +" + std::to_string(more + 1);
        }
        out += (out.empty() ? "" : ",") + item;
    }
    return out;
}

TableLine& TableLine::cell(std::string_view text, std::size_t width) {
    const std::string shown = whole_text(text);
    const std::size_t columns = columns_of(shown);
    const std::size_t least = line_.empty() ? 0 : columns_of(line_) + kGap;
    std::size_t begin = std::max(least, next_);
    if (begin + columns > kTerminalColumns) {
        begin = least;  // what was given to longer cells before it is taken back
    }
    if (!line_.empty() && begin + columns > kTerminalColumns) {
        end_line();
        begin = next_ = kIndent;
    }
    line_.append(begin - std::min(begin, columns_of(line_)), ' ');
    line_ += shown;
    next_ += width + kGap;
    return *this;
}

TableLine& TableLine::prose(std::string_view text) {
    constexpr std::size_t kLeastRoom = 30;
    const std::string shown = whole_text(text);
    const std::size_t least = line_.empty() ? 0 : columns_of(line_) + kGap;
    const std::size_t begin = std::max(least, next_);
    const bool fits = begin + columns_of(shown) <= kTerminalColumns;
    if (fits || begin + kLeastRoom <= kTerminalColumns) {
        line_.append(begin - std::min(begin, columns_of(line_)), ' ');
        const std::string first = line_;
        line_ = wrapped_text(shown, {.first = first, .further = std::string(begin, ' ')});
    } else {
        end_line();
        const std::string indent(kIndent, ' ');
        line_ = wrapped_text(shown, {.first = indent, .further = indent});
    }
    line_.pop_back();  // its last line is open
    return *this;
}

void TableLine::end_line() {
    ended_ += line_.substr(0, line_.find_last_not_of(' ') + 1) + "\n";
    line_.clear();
}

std::string TableLine::text() const {
    return ended_ + line_.substr(0, line_.find_last_not_of(' ') + 1) + "\n";
}

}  // namespace thimble::client
