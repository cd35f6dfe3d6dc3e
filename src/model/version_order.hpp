#pragma once
/// @file The order of versions, per ecosystem, exactly as that ecosystem's own tool orders them.

#include "thimble/base/result.hpp"

#include <compare>
#include <span>
#include <string_view>

namespace thimble::model {

/// One ecosystem's order. A new ecosystem is a new file and one line in version_order.cpp.
struct VersionOrder {
    std::string_view
        name;  ///< the tool or ecosystem: "dpkg", "rpm", "apk", "npm", "PyPI", "crates.io", "Go"

    /// Whether `version` is a version at all by the tool's own grammar.
    /// @error Invalid "model.bad_version"
    Result<void> (*check)(std::string_view version);

    /// Total order over versions that passed `check`; for others the result is some consistent order
    /// but means nothing. Pure, no allocation on the common path; linear in the lengths.
    std::weak_ordering (*compare)(std::string_view left, std::string_view right);
};

/// Every order we have, in a fixed sequence.
std::span<const VersionOrder> version_orders();

/// The order called `name`, without regard to case: the tool ("dpkg", "npm"), the ecosystem
/// ("Debian", "AlmaLinux", "crates.io", also with a release: "Debian:12"), or the purl type ("deb").
/// @return nullptr when there is none
const VersionOrder* version_order_named(std::string_view name);

}  // namespace thimble::model
