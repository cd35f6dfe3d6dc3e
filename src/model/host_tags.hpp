#pragma once
/// @file Tags of a host: words of its people, plain ("web") or with a value ("env=prod"). Pure.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

inline constexpr std::size_t kMostTags = 32;  ///< of one host

/// What stands before "=": a host has one tag of each key.
std::string_view tag_key(std::string_view tag);

/// Sorted, one tag of each key.
using HostTags = std::vector<std::string>;

/// A key is 1 to 63 of letters, digits, ".", "_" and "-", the first a letter or a digit; a value 1 to 63
/// of these and ":", "/", "@", "+".
/// @error Invalid "model.bad_tag"
Result<void> check_tag(std::string_view tag);

/// What a host is tagged with after a change.
/// @param remove  a key takes its tag away whatever the value, a whole tag only that one
/// @param add     takes the place of a tag with the same key
/// @error Invalid "model.bad_tag"; Invalid "model.many_tags"  more than kMostTags
Result<HostTags> changed_tags(
    HostTags before, std::span<const std::string> remove, std::span<const std::string> add);

/// "env=prod,web".
std::string format_tags(const HostTags& tags);
/// What format_tags wrote.
HostTags parse_tags(std::string_view text);

}  // namespace thimble::model
