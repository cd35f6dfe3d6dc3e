#include "thimble/apply/expected_actions.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const auto actions = thimble::apply::parse_apt_actions(text);
    const auto expected = thimble::apply::parse_expected_actions(text);
    if (actions) {
        static_cast<void>(thimble::apply::differences({}, *actions));
    }
    if (expected) {
        const auto again = thimble::apply::parse_expected_actions(
            thimble::apply::format_expected_actions(*expected));
        if (!again || *again != *expected) {
            __builtin_trap();
        }
    }
    return 0;
}
