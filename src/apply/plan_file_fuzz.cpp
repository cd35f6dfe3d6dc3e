#include "thimble/apply/plan_file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as characters
    const auto plan = thimble::apply::parse_plan({reinterpret_cast<const char*>(data), size});
    if (plan) {
        const auto again = thimble::apply::parse_plan(thimble::apply::format_plan(*plan));
        if (!again || !(*again == *plan)) {
            std::abort();
        }
    }
    return 0;
}
