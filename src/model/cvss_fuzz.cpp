// A vector is refused or has a score from 0 to 10.
#include "thimble/model/cvss.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// Our declaration, because libFuzzer has no header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const auto cvss = thimble::model::parse_cvss(
        std::string_view(static_cast<const char*>(static_cast<const void*>(bytes)), size));
    constexpr int kHighest = 100;
    if (cvss
        && (cvss->score_tenths > kHighest || cvss->severity == thimble::model::Severity::Unknown)) {
        std::abort();
    }
    return 0;
}
