#include "thimble/inventory/apt_answer.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    (void)thimble::inventory::parse_changelog_evidence(text);
    const auto answer = thimble::inventory::parse_apt_answer(text);
    if (answer) {
        // What was understood is printed and understood again as the same.
        const auto again =
            thimble::inventory::parse_apt_answer(thimble::inventory::format_apt_answer(*answer));
        if (!again || !(*again == *answer)) {
            std::abort();
        }
    }
    return 0;
}
