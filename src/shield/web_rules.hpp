#pragma once
/// @file Which files put a virtual patch up in nginx or Apache. Pure.

#include "thimble/base/result.hpp"
#include "thimble/mitigate/control.hpp"
#include "thimble/shield/owned_file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::shield {

/// How one web server is told of rules.
struct WebServerWays {
    std::string folder;                 ///< of its settings, where names without a folder are
    std::string snippets;               ///< folder whose *.conf it includes
    std::vector<std::string> test;      ///< of its settings
    std::vector<std::string> settings;  ///< prints all of them; empty: it has no such way
    std::vector<std::string> reload;
};
const WebServerWays& ways_of(mitigate::WebServer server);

/// What requests of ours carry, so that their traces are found.
inline constexpr std::string_view kMarkHeader = "X-Thimble-Check";
/// Where the engine writes what rules of ours matched, unless the host has an engine of its own settings.
inline constexpr std::string_view kMatchLog = "/var/log/thimble-controls/matches.log";

/// The rules and what includes them.
/// @error as mitigate::security_rules
Result<std::vector<OwnedFile>> web_files(
    std::string_view id, const mitigate::VirtualPatchDelivery& delivery);

/// What switches the engine on where nobody else has; of all virtual patches of a server together.
std::vector<OwnedFile> engine_files(mitigate::WebServer server);

/// Whether settings that `nginx -T` printed speak of ModSecurity in files that are not ours.
bool has_own_engine(std::string_view settings);

/// What a log says of one request.
struct LoggedRequest {
    std::optional<std::uint32_t> rule;  ///< of the patch, that has matched it
    std::string denied_by;  ///< id of the rule that stopped it, whosever it is; empty: none did
    bool operator==(const LoggedRequest&) const = default;
};

/// Of the request with that mark; empty: the log does not have it.
LoggedRequest logged_request(
    std::string_view log, std::string_view mark, const mitigate::VirtualPatch& patch);

}  // namespace thimble::shield
