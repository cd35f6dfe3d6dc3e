#include "thimble/server/parse_listen_address.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const auto listen = thimble::server::parse_listen_address(
        {static_cast<const char*>(static_cast<const void*>(bytes)), size});
    THIMBLE_CHECK(!listen || !listen->address.empty());
    return 0;
}
