#include "thimble/inventory/kernel.hpp"

#include <compare>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const std::string_view left = text.substr(0, text.find('\n'));
    const std::string_view right = text.substr(left.size());
    using thimble::inventory::compare_releases;
    if (std::is_lt(compare_releases(left, right)) != std::is_gt(compare_releases(right, left))) {
        std::abort();
    }
    const std::vector<std::string> names{std::string(left), std::string(right)};
    (void)thimble::inventory::newest_release(
        thimble::inventory::bootable_releases(names), "6.1.0-9-amd64");
    (void)thimble::inventory::running_package_version(text);
    (void)thimble::inventory::parse_boot_time(text);
    return 0;
}
