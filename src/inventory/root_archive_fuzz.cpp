#include "thimble/inventory/root_archive.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const bool refused =
        thimble::inventory::use_of_entry(text) == thimble::inventory::EntryUse::Refuse;
    const bool leads_out = text.starts_with('/') || text.starts_with("../")
        || text.find("/../") != std::string_view::npos || text.ends_with("/..");
    if (leads_out && !refused) {
        std::abort();
    }
    (void)thimble::inventory::includes_other_files(text);
    return 0;
}
