#include "thimble/protocol/envelope.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// An envelope that can be read is written as one that reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::protocol;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto envelope = parse_envelope(text);
    if (envelope) {
        const auto again = parse_envelope(format_envelope(*envelope));
        THIMBLE_CHECK(again && *again == *envelope);
    }
    return 0;
}
