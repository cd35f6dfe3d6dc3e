#pragma once
/// @file How far a package can be reached: its listening sockets and the owner's word. Pure.

#include "thimble/model/decision.hpp"
#include "thimble/model/inventory.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::prioritize {

/// What the owner says of the host.
enum class OwnerExposure : std::uint8_t { Unsaid, Public, Dmz, Internal };

/// Exposure of one package, and where the answer comes from.
struct Exposure {
    model::SystemExposure system = model::SystemExposure::Small;
    bool publicly_exposed = false;
    std::string_view source;  ///< static text
    std::string detail;       ///< the socket: "tcp 0.0.0.0:22 sshd"
    bool operator==(const Exposure&) const = default;
};

/// Answers by source package.
///   a socket of the package that others than the host itself can reach: what the owner says of the
///     host; without a word, a private address is controlled, anything else open
///   sockets are known and none is the package's: small, not exposed
///   sockets are not known: the owner's word; without one controlled, not exposed, marked as assumed
class ExposureMap {
public:
    ExposureMap(const model::Inventory& inventory, OwnerExposure owner);
    [[nodiscard]] const Exposure& of(std::string_view source_name) const;
    /// Whether others than the host itself reach a socket of the package; none: not known.
    [[nodiscard]] std::optional<bool> listens(std::string_view source_name) const;

private:
    Exposure default_;
    bool are_owners_known_;  ///< of all sockets
    std::map<std::string, Exposure, std::less<>> by_source_;
};

/// Whether an address can be reached from private networks only (RFC 1918, RFC 4193, link-local,
/// RFC 6598). The wildcard address is not: it takes whatever interface there is.
bool is_private_address(std::string_view address);

}  // namespace thimble::prioritize
