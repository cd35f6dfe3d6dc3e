#pragma once
/// @file Instants as columns hold them.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

namespace thimble::store {

/// UTC seconds, 0 is never.
inline std::int64_t seconds_of(Instant instant) {
    return instant.time_since_epoch().count();
}

inline Instant instant_at(const Row& row, std::size_t column) {
    return Instant(std::chrono::seconds(number_at(row, column)));
}

}  // namespace thimble::store
