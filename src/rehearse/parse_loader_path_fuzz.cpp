#include "thimble/rehearse/parse_loader_path.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    for (const auto& line : thimble::rehearse::parse_loader_path(text)) {
        if (!line.include && !line.text.starts_with('/')) {
            std::abort();
        }
    }
    return 0;
}
