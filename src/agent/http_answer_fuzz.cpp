#include "thimble/agent/http_answer.hpp"

#include <cstddef>
#include <cstdint>

// What was read whole is no error and nothing else when less of it had come.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using thimble::agent::parse_http_answer;
    constexpr std::size_t kMost = 64;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto status_of = [](const auto& read) {
        const auto answer = read.value_or(std::nullopt);
        return answer ? answer->status : 0;
    };
    const auto whole = parse_http_answer(text, kMost);
    if (const int status = status_of(whole); status != 0) {
        const auto part = parse_http_answer(text.substr(0, size - 1), kMost);
        THIMBLE_CHECK(part);
        THIMBLE_CHECK(status_of(part) == 0 || status_of(part) == status);
    }
    return 0;
}
