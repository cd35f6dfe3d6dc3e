#include "thimble/apply/deb_control.hpp"

#include "thimble/apply/repack_plan.hpp"
#include "thimble/base/line_diff.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text here
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    static_cast<void>(thimble::apply::parse_control_fields(text));
    static_cast<void>(thimble::apply::control_of_stanza(text));
    const auto diversions = thimble::apply::parse_diversions(text);
    static_cast<void>(thimble::apply::repacked_paths(
        text, diversions, "a", thimble::apply::parse_conffiles(text)));
    static_cast<void>(thimble::line_diff(text.substr(0, size / 2), text.substr(size / 2), 4096));
    return 0;
}
