#include "thimble/client/fleet_page.hpp"

#include "thimble/client/fleet_json.hpp"
#include "thimble/client/fleet_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

void check_width(std::string_view table) {
    constexpr std::size_t kWidth = 80;
    while (!table.empty()) {
        const std::size_t end = table.find('\n');
        THIMBLE_CHECK(end <= 2 * kWidth);  // numbers may be 19 digits
        table.remove_prefix(end + 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    namespace client = thimble::client;
    // libFuzzer speaks in bytes, the parser in characters.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    if (const auto page = client::parse_host_page(text)) {
        check_width(client::host_table(page->items));
        (void)client::hosts_json(page->items);
    }
    if (const auto page = client::parse_patch_page(text)) {
        check_width(client::patch_table(page->items, {}));
        (void)client::patches_json(page->items, true);
    }
    if (const auto page = client::parse_fleet_patch_page(text)) {
        check_width(client::fleet_patch_table(page->items, {}));
    }
    (void)client::parse_answer_member(text, "token");
    return 0;
}
