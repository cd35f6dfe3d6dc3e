#pragma once
/// @file The proof of a virtual patch: its requests and their variants against the real engine.

#include "thimble/mitigate/evasions.hpp"
#include "thimble/mitigate/rule_engine.hpp"
#include "thimble/mitigate/security_rules.hpp"
#include "thimble/mitigate/virtual_patch.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace thimble::mitigate {

struct TriedRequest {
    std::string what;  ///< "attack 1", "benign 2", "attack 1, percent-encoded twice"
    RequestSample sample;
    bool blocked = false;
    std::uint32_t rule = 0;  ///< of ours that matched; 0: none did
};

/// The same requests, with rules of somebody else in the engine.
struct BesideOthers {
    std::size_t variants_by_others = 0;       ///< blocked by their rules alone
    std::size_t variants_by_both = 0;         ///< blocked by theirs and ours together
    std::vector<std::string> benign_blocked;  ///< by both together: "benign 2"
};

struct Proof {
    std::string rules;  ///< as they would be delivered, blocking
    std::vector<TriedRequest> attacks;
    std::vector<TriedRequest> benign;
    std::vector<TriedRequest> variants;
    std::chrono::nanoseconds
        cost{};  ///< median for a benign request, over an engine without the rules
    std::optional<BesideOthers> beside;

    /// Every attack blocked by a rule of the patch, every benign request passed. Variants do not count: whether
    /// they are attacks the application decides.
    [[nodiscard]] bool holds() const;
    [[nodiscard]] std::size_t blocked_variants() const;
};

/// @param now     a clock that never goes back, for the cost
/// @param others  path of a file of rules of somebody else, which is also loaded behind ours; empty: none
/// @error Invalid "mitigate.bad_pattern", "mitigate.bad_rules": also where an id is in both
Result<Proof> prove(
    const VirtualPatch& patch,
    const std::function<std::chrono::nanoseconds()>& now,
    const std::string& others = {});

/// The proof as JSON (docs/formats/virtual-patch.md).
std::string format_proof(const VirtualPatch& patch, const Proof& proof);

}  // namespace thimble::mitigate
