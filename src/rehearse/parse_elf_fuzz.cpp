#include "thimble/rehearse/elf_object.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = [&](std::uint64_t offset, std::span<std::byte> into) -> std::size_t {
        if (offset >= size) {
            return 0;
        }
        const std::size_t count = std::min<std::size_t>(into.size(), size - offset);
        const std::span<const std::uint8_t> bytes(data + offset, count);
        std::ranges::transform(
            bytes, into.begin(), [](std::uint8_t byte) { return std::byte{byte}; });
        return count;
    };
    const auto object = thimble::rehearse::parse_elf(read);
    if (object && !std::ranges::is_sorted(object->defined)) {
        std::abort();
    }
    return 0;
}
