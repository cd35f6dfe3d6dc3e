#include "thimble/verify/package_files.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as characters
    thimble::verify::parse_md5sums({reinterpret_cast<const char*>(data), size});
    return 0;
}
