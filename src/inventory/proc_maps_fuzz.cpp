#include "thimble/inventory/proc_maps.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    (void)thimble::inventory::parse_executable_mappings(text);
    (void)thimble::inventory::unit_of(text);
    (void)thimble::inventory::parse_process_stat(text);
    (void)thimble::inventory::interpreted_script("/usr/bin/python3", text);
    return 0;
}
