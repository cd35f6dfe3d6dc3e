#pragma once
/// @file The one spelling of a version of Debian.

#include <cstddef>
#include <string_view>

namespace thimble::model {

/// A version as dpkg writes it into its database: without an epoch of 0, which a package or an index may spell out.
/// @source deb-version(7); dpkg's varbufversion: the epoch stays where a colon follows it
constexpr std::string_view without_zero_epoch(std::string_view version) {
    const std::size_t colon = version.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return version;
    }
    const std::string_view rest = version.substr(colon + 1);
    const bool is_zero = version.substr(0, colon).find_first_not_of('0') == std::string_view::npos;
    return is_zero && !rest.contains(':') ? rest : version;
}

}  // namespace thimble::model
