#include "thimble/protocol/seen_jobs.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// A list that can be read can be written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::protocol;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto seen = parse_seen_jobs(text);
    if (seen) {
        THIMBLE_CHECK(parse_seen_jobs(format_seen_jobs(*seen)).has_value());
    }
    return 0;
}
