#include "thimble/apply/rpm_database.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto entries = thimble::apply::parse_rpm_entries(text);
    if (entries) {
        (void)thimble::apply::duplicates(*entries, {});
    }
    return 0;
}
