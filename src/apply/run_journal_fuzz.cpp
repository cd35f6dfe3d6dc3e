#include "thimble/apply/run_journal.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as characters
    static_cast<void>(thimble::apply::parse_journal({reinterpret_cast<const char*>(data), size}));
    return 0;
}
