#include "thimble/rehearse/rehearsal_file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    const auto rehearsal = thimble::rehearse::parse_rehearsal(text);
    if (!rehearsal) {
        return 0;
    }
    // Invalid UTF-8 is replaced when it is written, so only a second pass is sure to be the same.
    const auto again =
        thimble::rehearse::parse_rehearsal(thimble::rehearse::format_rehearsal(*rehearsal));
    if (!again || again->checks.size() != rehearsal->checks.size()) {
        std::abort();
    }
    static_cast<void>(thimble::rehearse::rehearsal_text(*rehearsal));
    return 0;
}
