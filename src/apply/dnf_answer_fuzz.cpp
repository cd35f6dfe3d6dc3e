#include "thimble/apply/dnf_answer.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    (void)thimble::apply::parse_dnf_ending(text);
    (void)thimble::apply::parse_dnf_history(text);
    return 0;
}
