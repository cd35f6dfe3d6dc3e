// Fuzz target: what is read of how a host over SSH is reached, and of the key that it shows.
#include "thimble/agent/ssh_settings.hpp"

#include "thimble/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    for (const std::string& key : thimble::agent::keys_in_scan(text)) {
        const auto again = thimble::agent::parse_host_key(key);
        THIMBLE_CHECK(again && *again == key);
        THIMBLE_CHECK(!thimble::agent::fingerprint_of_key(key).empty());
    }
    if (const auto settings = thimble::agent::parse_ssh_settings(text); settings) {
        const auto again =
            thimble::agent::parse_ssh_settings(thimble::agent::format_ssh_settings(*settings));
        THIMBLE_CHECK(again && *again == *settings);
    }
    return 0;
}
