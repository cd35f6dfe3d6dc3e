#include "thimble/cli/taken_back_memory.hpp"

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // libFuzzer speaks in bytes, the parser in characters.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const auto memory = thimble::cli::parse_taken_back(text);
    const auto again = thimble::cli::parse_taken_back(thimble::cli::format_taken_back(memory));
    THIMBLE_CHECK(again.patches.size() <= memory.patches.size());
    THIMBLE_CHECK(again.unread.size() <= memory.unread.size());
    THIMBLE_CHECK(again.problem.empty());
    return 0;
}
