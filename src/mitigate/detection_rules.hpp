#pragma once
/// @file A virtual patch as rules of systems that only look on: Sigma for logs, Suricata for the network. Pure.

#include "thimble/mitigate/virtual_patch.hpp"

#include <cstdint>
#include <string>

namespace thimble::mitigate {

/// Sids of our signatures: of the range for local use (1,000,000 to 1,999,999), a hundred for each patch.
inline constexpr std::uint32_t kFirstSid = 1'700'000;
inline constexpr std::uint32_t kSidsOfAPatch = 100;

/// A Sigma rule for the access log of a web server, YAML. It sees what such a log has: method, path, query, cookies and two
/// headers, as they were sent, encoded or not.
/// @error Unsupported "mitigate.not_in_logs"  what the patch looks for is in no log
/// @source Sigma specification 2.0, log source category webserver
Result<std::string> sigma_rule(const VirtualPatch& patch);

/// Signatures for Suricata 6 and later, a line each. It sees what is not encrypted, decoded once.
/// @error Unsupported "mitigate.not_on_wire"  a class that no signature can describe
/// @source Suricata rules format: http keywords, pcre
Result<std::string> suricata_rules(const VirtualPatch& patch);

}  // namespace thimble::mitigate
