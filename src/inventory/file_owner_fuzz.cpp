#include "thimble/inventory/file_owner.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    (void)thimble::inventory::parse_diversions(text);
    (void)thimble::inventory::listed_names(text);
    (void)thimble::inventory::parse_matching_lists(text, "/info");
    return 0;
}
