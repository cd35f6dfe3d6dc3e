#include "thimble/feeds/bundle.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// Parse of print is the identity for every manifest that can be parsed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    const auto manifest =
        feeds::parse_manifest({static_cast<const char*>(static_cast<const void*>(bytes)), size});
    if (manifest) {
        const auto again = feeds::parse_manifest(feeds::format_manifest(*manifest));
        THIMBLE_CHECK(again && again->feeds.size() == manifest->feeds.size());
    }
    return 0;
}
