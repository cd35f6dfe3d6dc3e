#include "thimble/protocol/job.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// A job that can be read is canonical.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::protocol;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto job = parse_job(text);
    THIMBLE_CHECK(!job || format_job(*job) == text);
    return 0;
}
