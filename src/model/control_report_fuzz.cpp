// What a host says of a control: whatever it is, it is refused, or is as small as the format says and is written as
// it was read.
#include "thimble/model/control_report.hpp"

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto report = model::parse_control_report(text);
    if (report) {
        constexpr std::size_t kMostChecks = 200;
        THIMBLE_CHECK(report->checks.size() <= kMostChecks);
        const auto again = model::parse_control_report(model::format_control_report(*report));
        THIMBLE_CHECK(again && *again == *report);
    }
    return 0;
}
