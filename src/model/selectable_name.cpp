#include "thimble/model/selectable_name.hpp"

#include <algorithm>
#include <cstddef>

namespace thimble::model {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_selectable_name(std::string_view name) {
    constexpr std::size_t kMostBytes = 256;
    constexpr std::string_view kOthers = ".+:~_-";
    return !name.empty() && name.size() <= kMostBytes && is_letter_or_digit(name.front())
        && std::ranges::all_of(
            name, [kOthers](char c) { return is_letter_or_digit(c) || kOthers.contains(c); });
}

}  // namespace thimble::model
