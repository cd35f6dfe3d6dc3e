#pragma once
/// @file Package URLs: parsed, normalised and printed.

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

/// Reads at most 16 KiB of text. Types we do not know are taken by the general rules alone.
/// @error Invalid "model.bad_purl"
/// @source ECMA-427 / package-url specification and its type definitions
Result<Purl> parse_purl(std::string_view text);

/// Decoded parts from elsewhere, checked and normalised as parse_purl does it.
/// @error Invalid "model.bad_purl"
Result<Purl> canonical_purl(Purl parts);

/// The text of canonical parts: qualifiers sorted, everything else than letters, digits and `.-_~:`
/// percent-encoded. `purl` must have a type and a name.
std::string format_purl(const Purl& purl);

}  // namespace thimble::model
