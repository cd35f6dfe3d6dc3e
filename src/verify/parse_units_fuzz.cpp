#include "thimble/verify/parse_units.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as characters
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    thimble::verify::parse_units(text);
    static_cast<void>(thimble::verify::parse_health(text));
    thimble::verify::parse_unit_records(text);
    thimble::verify::parse_containers(text, std::chrono::hours(1));
    thimble::verify::parse_mounts(text);
    thimble::verify::parse_default_routes(text, text);
    return 0;
}
