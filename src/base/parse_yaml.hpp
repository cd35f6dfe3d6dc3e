#pragma once
/// @file YAML 1.2 as the values that JSON has. Pure.

#include "thimble/base/json_members.hpp"

#include <map>
#include <string>
#include <string_view>

namespace thimble {

/// Reads one YAML document; JSON is one. Plain `null`, `true`, `false` and whole numbers are what they say,
/// everything else is text. Refused while it is read, so that no memory is spent on it: repeated keys, anchors and
/// aliases, tags of other types, more than 256 KiB, 20,000 values or 16 levels, and what stands after the document.
/// @error Invalid "base.bad_yaml" with line and column
Result<JsonValue> parse_yaml(std::string_view text);

/// The line, from 1, on which each member of a document that can be read begins, by its place: "rings[2].share".
std::map<std::string, int> lines_of_yaml(std::string_view text);

}  // namespace thimble
