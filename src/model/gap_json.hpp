#pragma once
/// @file Gaps as every document of ours has them. Pure.

#include "thimble/base/json_writer.hpp"
#include "thimble/model/inventory.hpp"

#include <span>
#include <string>

namespace thimble::model {

/// A value: [{"code":..,"detail":..,"next":..}], in their order; `next` is null where nothing helps.
void write_gaps(JsonWriter& json, std::span<const Gap> gaps);

/// The same as a text of its own.
std::string gaps_json(std::span<const Gap> gaps);

}  // namespace thimble::model
