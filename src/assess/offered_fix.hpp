#pragma once
/// @file Whether what the host's repositories offer closes a finding. Pure.

#include "thimble/assess/host_sections.hpp"
#include "thimble/model/inventory.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace thimble::assess {

/// The newest source version that is offered, per source.
class OfferedFixes {
public:
    explicit OfferedFixes(const model::Inventory& inventory);

    /// Whether anybody asked the repositories; without that, no fix is known to be offered.
    [[nodiscard]] bool asked() const { return asked_; }

    /// Empty when the fix is offered, or when nobody asked; else a stable code:
    /// "subscription_only", "not_offered".
    [[nodiscard]] std::string_view why_not(
        const model::InstalledPackage& package,
        std::string_view fixed_version,
        Channel channel) const;

private:
    bool asked_;
    std::unordered_map<std::string, std::string> newest_;
};

}  // namespace thimble::assess
