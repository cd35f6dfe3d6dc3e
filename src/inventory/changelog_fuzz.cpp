#include "thimble/inventory/changelog.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    (void)thimble::inventory::parse_changelog(text, "1.0-1", "2.0-1");
    (void)thimble::inventory::parse_news(text, "1.0-1", "2.0-1");
    (void)thimble::inventory::newest_changelog_version(text);
    return 0;
}
