#pragma once
/// @file Each distinct string once, under a small number.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace thimble::catalog {

/// Numbers strings in the order they are first seen; number 0 is the empty string.
class Interner {
public:
    Interner() { number(""); }

    std::uint32_t number(std::string_view text) {
        const auto found = numbers_.find(text);
        if (found != numbers_.end()) {
            return found->second;
        }
        const auto next = static_cast<std::uint32_t>(strings_.size());
        numbers_.emplace(strings_.emplace_back(text), next);
        return next;
    }

    [[nodiscard]] std::string_view text(std::uint32_t number) const { return strings_[number]; }
    [[nodiscard]] std::size_t size() const { return strings_.size(); }

private:
    std::deque<std::string> strings_;  // a deque: the map's keys point into it
    std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

}  // namespace thimble::catalog
