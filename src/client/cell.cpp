#include "thimble/client/cell.hpp"

#include "thimble/base/utf8.hpp"

namespace thimble::client {

std::string cell_text(std::string_view text, std::size_t width) {
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

TableLine& TableLine::cell(std::string_view text, std::size_t width) {
    const std::string shown = cell_text(text, width);
    line_ += (line_.empty() ? "" : "  ") + shown + std::string(width - shown.size(), ' ');
    return *this;
}

std::string TableLine::text() const {
    return line_.substr(0, line_.find_last_not_of(' ') + 1) + "\n";
}

}  // namespace thimble::client
