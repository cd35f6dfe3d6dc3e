#include "thimble/base/shell_word.hpp"

#include <algorithm>

namespace thimble {

bool is_plain_word(std::string_view word) {
    return !word.empty() && word.front() != '-' && std::ranges::all_of(word, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '.' || c == '-' || c == '_' || c == '+' || c == ':' || c == '/' || c == '@';
    });
}

std::string shell_word(std::string_view word) {
    if (is_plain_word(word)) {
        return std::string(word);
    }
    std::string quoted = "'";
    for (const char c : word) {
        if (c == '\'') {
            quoted += "'\\''";
        } else {
            quoted += c;
        }
    }
    return quoted + "'";
}

}  // namespace thimble
