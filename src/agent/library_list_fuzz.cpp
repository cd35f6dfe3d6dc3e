// Fuzz target: the list of libraries that an ELF interpreter prints.
#include "thimble/agent/library_list.hpp"

#include "thimble/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    const auto list = thimble::agent::parse_library_list(text);
    if (list) {
        THIMBLE_CHECK(list->loader.starts_with('/') && !list->libraries.empty());
    }
    return 0;
}
