#pragma once
/// @file The proof of a virtual patch: its requests and their variants against the real engine.

#include "thimble/mitigate/evasions.hpp"
#include "thimble/mitigate/rule_engine.hpp"
#include "thimble/mitigate/security_rules.hpp"
#include "thimble/mitigate/virtual_patch.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace thimble::mitigate {

struct TriedRequest {
    std::string what;  ///< "attack 1", "benign 2", "attack 1, percent-encoded twice"
    RequestSample sample;
    bool blocked = false;
    std::uint32_t rule = 0;  ///< of ours that matched; 0: none did
};

struct Proof {
    std::string rules;  ///< as they would be delivered, blocking
    std::vector<TriedRequest> attacks;
    std::vector<TriedRequest> benign;
    std::vector<TriedRequest> variants;
    std::chrono::nanoseconds
        cost{};  ///< median for a benign request, over an engine without the rules

    /// Every attack blocked by a rule of the patch, every benign request passed. Variants do not count: whether
    /// they are attacks the application decides.
    [[nodiscard]] bool holds() const;
    [[nodiscard]] std::size_t blocked_variants() const;
};

/// @param now  a clock that never goes back, for the cost
/// @error Invalid "mitigate.bad_pattern", "mitigate.bad_rules"
Result<Proof> prove(
    const VirtualPatch& patch, const std::function<std::chrono::nanoseconds()>& now);

/// The proof as JSON (docs/formats/virtual-patch.md).
std::string format_proof(const VirtualPatch& patch, const Proof& proof);

}  // namespace thimble::mitigate
