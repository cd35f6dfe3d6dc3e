#include "thimble/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace thimble {
namespace {

struct Lead {
    unsigned char first, last;  // range of the lead byte
    unsigned char low, high;    // range of the second byte; the others are 80..BF
    std::size_t length;
};

constexpr std::array<Lead, 8> kLeads{{
    {0xC2, 0xDF, 0x80, 0xBF, 2},
    {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4},
    {0xF4, 0xF4, 0x80, 0x8F, 4},
}};

unsigned char byte_at(std::string_view text, std::size_t index) {
    return static_cast<unsigned char>(text[index]);
}

/// One character of three bytes: U+200B..200F, 2028..202E, 2060..206F and the byte order mark.
bool is_invisible(std::string_view text) {
    const unsigned char second = byte_at(text, 1);
    const unsigned char third = byte_at(text, 2);
    if (byte_at(text, 0) == 0xE2 && second == 0x80) {
        return (third >= 0x8B && third <= 0x8F) || (third >= 0xA8 && third <= 0xAE);
    }
    if (byte_at(text, 0) == 0xE2 && second == 0x81) {
        return third >= 0xA0 && third <= 0xAF;
    }
    return byte_at(text, 0) == 0xEF && second == 0xBB && third == 0xBF;
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) {
    const unsigned char lead = byte_at(text, 0);
    if (lead < 0x80) {
        return 1;
    }
    const auto* row = std::ranges::find_if(kLeads, [lead](const Lead& candidate) {
        return lead >= candidate.first && lead <= candidate.last;
    });
    if (row == kLeads.end() || text.size() < row->length) {
        return 0;
    }
    if (byte_at(text, 1) < row->low || byte_at(text, 1) > row->high) {
        return 0;
    }
    for (std::size_t i = 2; i < row->length; ++i) {
        if (byte_at(text, i) < 0x80 || byte_at(text, i) > 0xBF) {
            return 0;
        }
    }
    return row->length;
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string out;
    while (!text.empty() && out.size() < limit) {
        const std::size_t length = utf8_sequence_length(text);
        const unsigned char lead = byte_at(text, 0);
        // C2 80..9F are the C1 controls.
        const bool control =
            lead < 0x20 || lead == 0x7f || (lead == 0xC2 && length == 2 && byte_at(text, 1) < 0xA0);
        if (length == 0 || control || (length == 3 && is_invisible(text))) {
            out += '?';
        } else {
            out.append(text.substr(0, length));
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

}  // namespace thimble
