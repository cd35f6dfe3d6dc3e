#pragma once
/// @file Names of packages as their ecosystems compare them.

#include <string>
#include <string_view>

namespace thimble::model {

/// The spelling under which an ecosystem treats two names as one package: PyPI folds case and runs of
/// "-_." (PEP 503), crates.io folds case and "_", NuGet and Packagist fold case; the others take
/// names as they are.
/// @param ecosystem  OSV ecosystem, with or without release
std::string fold_package_name(std::string_view ecosystem, std::string_view name);

/// The name under which packages, offers and findings of one source meet: the unit of a patch. Kernel
/// images and their meta packages meet in "linux", whatever signed source they come from.
std::string patch_source(std::string_view name, std::string_view source_name);

}  // namespace thimble::model
