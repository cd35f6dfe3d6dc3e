#pragma once
/// @file What the single purl types demand and how they normalise.

#include "thimble/model/purl.hpp"

namespace thimble::model::detail {

/// Normalises the parts by the rules of purl.type, and checks what it requires.
/// @error Invalid "model.bad_purl"
/// @source the type definitions of the package-url project
Result<Purl> apply_purl_type(Purl purl);

/// Whether names of the type are paths, whose '/' stay as they are: a git repository on its host.
bool purl_name_is_path(std::string_view type);

/// The refusal of a purl, with the reason for a person.
Error bad_purl(std::string reason);

}  // namespace thimble::model::detail
