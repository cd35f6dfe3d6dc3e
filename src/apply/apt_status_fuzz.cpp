#include "thimble/apply/apt_status.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    thimble::apply::AptStatusReader whole;
    const auto events = whole.take(text);
    // In two pieces it is the same.
    thimble::apply::AptStatusReader parts;
    auto pieces = parts.take(text.substr(0, size / 2));
    for (auto& event : parts.take(text.substr(size / 2))) {
        pieces.push_back(std::move(event));
    }
    if (events != pieces) {
        __builtin_trap();
    }
    return 0;
}
