#include "thimble/apply/dpkg_database.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    auto entries = thimble::apply::parse_dpkg_database(text);
    if (entries) {
        thimble::apply::replay_update(*entries, *entries);
    }
    static_cast<void>(thimble::apply::parse_automatic_marks(text));
    static_cast<void>(thimble::apply::parse_ucf_registry(text));
    return 0;
}
