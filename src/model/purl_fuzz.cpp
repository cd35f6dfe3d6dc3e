// What was read is canonical: printing and reading it again changes nothing.
#include "thimble/model/purl.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// Our declaration, because libFuzzer has no header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::model;
    const auto purl = parse_purl(
        std::string_view(static_cast<const char*>(static_cast<const void*>(bytes)), size));
    if (!purl) {
        return 0;
    }
    const auto text = format_purl(*purl);
    const auto again = parse_purl(text);
    // Encoding can make a text of nearly the greatest length too long.
    constexpr std::size_t kLongest = 16384;
    if (text.size() <= kLongest && (!again || *again != *purl)) {
        std::abort();
    }
    return 0;
}
