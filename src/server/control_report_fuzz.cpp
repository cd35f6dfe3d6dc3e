// What a host says of a control: whatever it is, it is refused or is as small as the format says.
#include "thimble/server/control_report.hpp"

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto report = server::parse_control_report(text);
    if (report) {
        constexpr std::size_t kMostChecks = 200;
        THIMBLE_CHECK(report->checks.size() <= kMostChecks);
        const auto event = server::event_of({"verify-control", true, 0, *report});
        THIMBLE_CHECK(event != rollout::ControlEvent::Holds || report->state == "holding");
    }
    return 0;
}
