#include "thimble/protocol/identifier.hpp"

#include <algorithm>

namespace thimble::protocol {
namespace {

constexpr std::size_t kMaxIdentifierBytes = 64;
constexpr std::size_t kMaxNameBytes = 256;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_identifier(std::string_view text) {
    return !text.empty() && text.size() <= kMaxIdentifierBytes && is_letter_or_digit(text.front())
        && std::ranges::all_of(
            text, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

bool is_name(std::string_view text) {
    constexpr std::string_view kOthers = ".+:~_-";
    return !text.empty() && text.size() <= kMaxNameBytes && is_letter_or_digit(text.front())
        && std::ranges::all_of(text, [kOthers](char c) {
               return is_letter_or_digit(c) || kOthers.find(c) != std::string_view::npos;
           });
}

}  // namespace thimble::protocol
