#include "thimble/base/json_members.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as characters
    const auto document = thimble::parse_json({reinterpret_cast<const char*>(data), size});
    if (document) {
        thimble::JsonMembers members(*document);
        members.texts("a");
        static_cast<void>(members.done());
    }
    return 0;
}
