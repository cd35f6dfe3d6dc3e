#include "thimble/fleet/version_list.hpp"

namespace thimble::fleet {

VersionList::VersionList(std::span<const std::uint32_t> numbers) {
    std::uint32_t last = 0;
    for (const std::uint32_t number : numbers) {
        std::uint32_t difference = number - last;
        for (; difference > kMask; difference >>= kBits) {
            bytes_ += static_cast<char>((difference & kMask) | (kMask + 1U));
        }
        bytes_ += static_cast<char>(difference);
        last = number;
    }
    bytes_.shrink_to_fit();
}

std::vector<std::uint32_t> VersionList::numbers() const {
    std::vector<std::uint32_t> numbers;
    each([&numbers](std::uint32_t number) { numbers.push_back(number); });
    return numbers;
}

}  // namespace thimble::fleet
