#include "thimble/inventory/inventory_document.hpp"

#include <cstddef>
#include <cstdint>

// A document that can be read is written as one that reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::inventory;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto document = parse_inventory(text);
    if (document) {
        const auto again =
            parse_inventory(format_inventory(document->inventory, document->package_list));
        THIMBLE_CHECK(again && *again == *document);
    }
    const auto packages = parse_package_list(text);
    if (packages) {
        THIMBLE_CHECK(parse_package_list(format_package_list(*packages)).has_value());
    }
    return 0;
}
