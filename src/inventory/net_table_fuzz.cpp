#include "thimble/inventory/net_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    (void)thimble::inventory::parse_net_table(text, "tcp");
    (void)thimble::inventory::parse_net_table(text, "udp");
    (void)thimble::inventory::parse_connections(text);
    return 0;
}
