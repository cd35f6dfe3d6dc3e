#include "thimble/mitigate/parse_virtual_patch.hpp"

#include "thimble/mitigate/detection_rules.hpp"
#include "thimble/mitigate/evasions.hpp"
#include "thimble/mitigate/security_rules.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// What can be read has rules or a reason why not, within its ids; and variants of its attacks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble::mitigate;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto patch = parse_virtual_patch(text);
    if (!patch) {
        return 0;
    }
    static_cast<void>(security_rules(*patch, RuleMode::Block));
    static_cast<void>(sigma_rule(*patch));
    static_cast<void>(suricata_rules(*patch));
    for (const RequestSample& attack : patch->attacks) {
        static_cast<void>(variants_of(attack));
    }
    return 0;
}
