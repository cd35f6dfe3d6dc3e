#include "thimble/assess/rpm_stream.hpp"

#include <algorithm>

namespace thimble::assess {

RpmStream rpm_stream(std::string_view version) {
    RpmStream stream;
    const auto is_digit = [](char c) {
        return c >= '0' && c <= '9';
    };
    const std::size_t colon = version.find(':');
    const std::string_view bare =
        colon == std::string_view::npos ? version : version.substr(colon + 1);
    const std::size_t dot = bare.find_first_not_of("0123456789");
    const bool has_minor = dot != std::string_view::npos && bare[dot] == '.';
    stream.upstream =
        bare.substr(0, has_minor ? bare.find_first_not_of("0123456789", dot + 1) : dot);
    const std::size_t module = bare.find(".module");
    stream.modular = module != std::string_view::npos;
    const std::size_t tag = bare.find(".el");
    if (stream.modular || tag == std::string_view::npos) {
        return stream;
    }
    const std::string_view release = bare.substr(tag + 3);
    const auto major_end = static_cast<std::size_t>(
        std::find_if_not(release.begin(), release.end(), is_digit) - release.begin());
    if (major_end < release.size() && release[major_end] == '_') {
        const std::string_view minor = release.substr(major_end);
        const std::size_t end = minor.find_first_not_of("0123456789", 1);
        stream.minor = minor.substr(0, end);
    }
    return stream;
}

}  // namespace thimble::assess
