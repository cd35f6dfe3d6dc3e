#include "thimble/rollout/parse_policy.hpp"

#include <cstddef>
#include <cstdint>

// Whatever is read as a policy has rings, and every ring has hosts or a share.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    const auto policy = thimble::rollout::parse_policy(text, 10);
    if (policy) {
        THIMBLE_CHECK(!policy->rings.empty());
        for (const auto& ring : policy->rings) {
            THIMBLE_CHECK(ring.hosts.has_value() != (ring.share > 0) || ring.share == 0);
            THIMBLE_CHECK(ring.share <= thimble::rollout::kWhole);
        }
    }
    return 0;
}
