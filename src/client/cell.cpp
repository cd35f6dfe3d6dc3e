#include "thimble/client/cell.hpp"

#include "thimble/base/utf8.hpp"

#include <algorithm>
#include <ranges>

namespace thimble::client {

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

std::string wrapped_text(std::string_view text, std::size_t width) {
    constexpr std::string_view kIndent = "  ";
    std::string out;
    std::string line;
    for (const auto part : std::views::split(text, ' ')) {
        const std::string word = printable(std::string_view(part.begin(), part.end()));
        if (!line.empty() && line.size() + 1 + word.size() > width) {
            out += line + "\n";
            line = std::string(kIndent) + word;
        } else {
            line += (line.empty() ? "" : " ") + word;
        }
    }
    return out + line + "\n";
}

TableLine& TableLine::cell(std::string_view text, std::size_t width) {
    std::string shown = whole_text(text);
    shown.resize(std::max(shown.size(), width), ' ');
    line_ += (line_.empty() ? "" : "  ") + shown;
    return *this;
}

std::string TableLine::text() const {
    return line_.substr(0, line_.find_last_not_of(' ') + 1) + "\n";
}

}  // namespace thimble::client
