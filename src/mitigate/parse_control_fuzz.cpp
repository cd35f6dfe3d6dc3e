#include "thimble/base/result.hpp"
#include "thimble/mitigate/control.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// What can be read has one form, from which the same is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::mitigate;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto control = parse_control(text);
    if (!control) {
        return 0;
    }
    const std::string form = format_control(*control);
    if (form.size() <= kMaxControlDocument) {
        const auto again = parse_control(form);
        THIMBLE_CHECK(again && format_control(*again) == form);
    }
    return 0;
}
