#include "thimble/server/parse_enrolment_token.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// A token that is understood has one form only.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::server;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    if (const auto token = parse_enrolment_token(text)) {
        THIMBLE_CHECK(format_enrolment_token(*token) == text);
    }
    return 0;
}
