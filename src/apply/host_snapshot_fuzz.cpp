#include "thimble/apply/host_snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // libFuzzer speaks in bytes, the parser in characters.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    static_cast<void>(thimble::apply::parse_snapper_subvolume(text));
    const auto snapshot = thimble::apply::parse_snapshot(text);
    if (snapshot) {
        const auto again =
            thimble::apply::parse_snapshot(thimble::apply::format_snapshot(*snapshot));
        THIMBLE_CHECK(again.has_value() && *again == *snapshot);
    }
    return 0;
}
