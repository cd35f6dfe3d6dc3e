#include "thimble/server/expand_document.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::server;
    const auto document =
        expand_document({static_cast<const char*>(static_cast<const void*>(bytes)), size});
    THIMBLE_CHECK(
        !document || (document->bytes <= kMaxExpandedBytes && document->digest.size() == 64));
    return 0;
}
