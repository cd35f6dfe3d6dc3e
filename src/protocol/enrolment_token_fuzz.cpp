#include "thimble/protocol/enrolment_token.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// A token that can be read has one spelling.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::protocol;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto token = parse_enrolment_token(text);
    THIMBLE_CHECK(!token || format_enrolment_token(*token) == text);
    return 0;
}
