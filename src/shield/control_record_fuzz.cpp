#include "thimble/shield/control_record.hpp"

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// What can be read has one form, from which the same is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::shield;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto record = parse_control_record(text);
    if (record) {
        const auto again = parse_control_record(format_control_record(*record));
        THIMBLE_CHECK(again && *again == *record);
    }
    return 0;
}
