#include "thimble/apply/apt_request.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    static_cast<void>(thimble::apply::parse_resolving(text));
    static_cast<void>(thimble::apply::parse_resolution(text));
    static_cast<void>(thimble::apply::parse_wanted_archives(text));
    static_cast<void>(thimble::apply::parse_fetched_archives(text));
    return 0;
}
