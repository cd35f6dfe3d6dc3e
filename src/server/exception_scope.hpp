#pragma once
/// @file Whether hosts have what the scope of an exception names.

#include "thimble/model/patch_exception.hpp"
#include "thimble/server/context.hpp"

#include <string>
#include <vector>

namespace thimble::server {

/// What of the packages and vulnerabilities is in doubt, a sentence each: hosts of a group may come or change, and of those that have
/// told nothing nobody knows. What named hosts are known not to have is refused: it would cover nothing, ever.
/// @error NotFound "server.no_package"  names every package that none of the named hosts has
/// @error Unavailable "store.unavailable"
Result<std::vector<std::string>> doubts_about_scope(
    Context& context, const model::ExceptionScope& scope);

}  // namespace thimble::server
