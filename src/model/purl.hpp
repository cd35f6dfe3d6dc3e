#pragma once
/// @file Package URLs: parsed and printed.

#include "thimble/base/result.hpp"

#include <map>
#include <string>
#include <string_view>

namespace thimble::model {

/// A package URL in its canonical parts (decoded, normalised for its type).
struct Purl {
    std::string type;
    std::string name_space;  ///< segments joined by '/'; empty when there is none
    std::string name;
    std::string version;
    std::map<std::string, std::string> qualifiers;
    std::string subpath;
    bool operator==(const Purl&) const = default;
};

/// @error Invalid "model.bad_purl"
/// @source ECMA-427 / package-url specification and its type definitions
Result<Purl> parse_purl(std::string_view text);

/// The canonical form. `purl` must have a type and a name.
std::string format_purl(const Purl& purl);

}  // namespace thimble::model
