#include "thimble/inventory/zypper_answer.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::inventory;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    (void)parse_zypper_summary(text);
    (void)parse_zypper_repositories(text);
    (void)parse_zypper_locks(text);
    (void)parse_zypper_downloads(text);
    (void)parse_zypper_updates(text);
    return 0;
}
