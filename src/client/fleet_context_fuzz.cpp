#include "thimble/client/fleet_context.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // libFuzzer speaks in bytes, the parser in characters.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    if (const auto context = thimble::client::parse_fleet_context(text)) {
        const auto again =
            thimble::client::parse_fleet_context(thimble::client::format_fleet_context(*context));
        THIMBLE_CHECK(again && *again == *context);
    }
    if (const auto url = thimble::client::parse_server_url(text)) {
        THIMBLE_CHECK(*thimble::client::parse_server_url(*url) == *url);
    }
    (void)thimble::client::parse_authority(text);
    return 0;
}
