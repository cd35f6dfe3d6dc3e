#include "thimble/host/parse_mount_table.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    const auto mounts = thimble::host::parse_mount_table(text);
    for (const auto& mount : mounts) {
        if (!mount.point.starts_with('/')) {
            std::abort();
        }
    }
    const auto selection = thimble::host::select_mounts(mounts, "/", false);
    if (selection.shown.size() + selection.left_out.size() > mounts.size()) {
        std::abort();
    }
    return 0;
}
