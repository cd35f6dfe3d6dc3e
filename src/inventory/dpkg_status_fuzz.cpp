#include "thimble/inventory/dpkg_status.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    using thimble::inventory::StatusField;
    (void)thimble::inventory::parse_dpkg_status(text, StatusField::Required);
    (void)thimble::inventory::parse_dpkg_status(text, StatusField::Implied);
    return 0;
}
