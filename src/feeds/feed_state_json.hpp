#pragma once
/// @file Private to this room's .cpp files: a feed's state as part of a larger JSON document.

#include "thimble/base/json_writer.hpp"
#include "thimble/feeds/feed_state.hpp"
#include "thimble/feeds/json_access.hpp"

#include <optional>

namespace thimble::feeds {

void write_state(JsonWriter& json, const FeedState& state);
/// Nothing where the value is no state.
std::optional<FeedState> read_state(JsonValue value);

}  // namespace thimble::feeds
