#include "thimble/rehearse/parse_probe.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    const auto url = thimble::rehearse::parse_http_target(text);
    if (url
        && (url->port == 0 || url->path.find('\n') != std::string::npos
            || !url->path.starts_with('/'))) {
        std::abort();
    }
    const auto target = thimble::rehearse::parse_tcp_target(text);
    if (target && target->port == 0) {
        std::abort();
    }
    const auto status = thimble::rehearse::parse_http_status(text);
    return status && (*status < 100 || *status > 599) ? 1 : 0;
}
