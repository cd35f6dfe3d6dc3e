#include "thimble/agent/http_answer.hpp"

#include <cstddef>
#include <cstdint>

// What was read whole is read the same when less of it had come before, and is within its limit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::agent;
    constexpr std::size_t kMost = 64;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto whole = parse_http_answer(text, kMost);
    if (whole && *whole) {
        THIMBLE_CHECK((*whole)->body.size() <= kMost);
        const auto part = parse_http_answer(text.substr(0, size - 1), kMost);
        THIMBLE_CHECK(part && (!*part || (*part)->status == (*whole)->status));
    }
    return 0;
}
