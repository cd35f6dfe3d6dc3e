#pragma once
/// @file Which stream of an rpm distribution a build belongs to, as far as its version tells. Pure.

#include <string_view>

namespace thimble::assess {

/// "3.9.18-3.el9_4.5" → minor "_4"; "9.6.22-1.module_el8.4.0+2177+…" → modular, upstream "9.6".
struct RpmStream {
    bool modular = false;
    std::string_view minor;     ///< "_4" of ".el9_4"; empty: the main stream
    std::string_view upstream;  ///< first two numbers of the upstream version: the series
    bool operator==(const RpmStream&) const = default;
};

RpmStream rpm_stream(std::string_view version);

}  // namespace thimble::assess
