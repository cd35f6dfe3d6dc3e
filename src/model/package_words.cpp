#include "thimble/model/package_words.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::model {
namespace {

constexpr std::size_t kMaxWord = 250;
constexpr std::size_t kMaxPath = 4096;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Begins with a letter or digit, and holds beside those only characters of `also`.
bool is_word(std::string_view text, std::string_view also) {
    return !text.empty() && text.size() <= kMaxWord && is_alphanumeric(text.front())
        && std::ranges::all_of(
            text, [&](char c) { return is_alphanumeric(c) || also.contains(c); });
}

}  // namespace

bool is_package_name(std::string_view text) {
    return is_word(text, "+-._");
}

bool is_version(std::string_view text) {
    return is_word(text, "+-.~:_^");
}

bool is_architecture(std::string_view text) {
    return is_word(text, "-_");
}

bool is_archive_name(std::string_view text) {
    return is_word(text, "+-.~_^")
        && (text.ends_with(".deb") || text.ends_with(".rpm") || text.ends_with(".apk"));
}

bool is_plain_path(std::string_view text) {
    return text.starts_with('/') && text.size() <= kMaxPath && !text.contains("..")
        && std::ranges::all_of(text, [](char c) {
               return is_alphanumeric(c) || std::string_view("/._+-").contains(c);
           });
}

}  // namespace thimble::model
