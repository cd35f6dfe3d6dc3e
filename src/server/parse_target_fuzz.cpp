#include "thimble/server/parse_target.hpp"

#include "thimble/server/route_table.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// Whatever is asked, no segment leads up, and routing and the headers survive it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::server;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto target = parse_target(text);
    if (target) {
        for (const std::string& segment : target->segments) {
            THIMBLE_CHECK(!segment.empty() && segment != "." && segment != "..");
        }
        (void)route_of(Method::Get, *target);
    }
    (void)cookie_value(text, "a");
    (void)parse_accept(text);
    return 0;
}
