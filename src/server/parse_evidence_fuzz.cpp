#include "thimble/server/parse_evidence.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as text
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (thimble::server::why_no_evidence(text).size() > 4096) {
        __builtin_trap();
    }
    return 0;
}
