#include "thimble/protocol/identifier.hpp"

#include <algorithm>

namespace thimble::protocol {
namespace {

constexpr std::size_t kMaxIdentifierBytes = 64;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_identifier(std::string_view text) {
    return !text.empty() && text.size() <= kMaxIdentifierBytes && is_letter_or_digit(text.front())
        && std::ranges::all_of(
            text, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

}  // namespace thimble::protocol
