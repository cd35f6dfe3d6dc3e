#include "thimble/base/result.hpp"
#include "thimble/shield/filter_rules.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// What can be read has a form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    static_cast<void>(thimble::shield::rules_in_force(text));
    return 0;
}
