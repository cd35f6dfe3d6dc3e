#pragma once
/// @file Instants and counts as columns hold them.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <charconv>

namespace thimble::store {

/// UTC seconds, 0 is never.
inline std::int64_t seconds_of(Instant instant) {
    return instant.time_since_epoch().count();
}

inline Instant instant_at(const Row& row, std::size_t column) {
    return Instant(std::chrono::seconds(number_at(row, column)));
}

/// SQLite does not tell the type of an expression, so that its numbers come as texts.
inline std::int64_t count_at(const Row& row, std::size_t column) {
    const auto* const text = std::get_if<std::string>(&row.at(column));
    if (text == nullptr) {
        return number_at(row, column);
    }
    std::int64_t count = 0;
    std::from_chars(text->data(), text->data() + text->size(), count);
    return count;
}

}  // namespace thimble::store
