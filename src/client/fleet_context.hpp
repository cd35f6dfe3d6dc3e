#pragma once
/// @file Which server `thimble hosts` and `thimble patches` ask, and as whom. Format:
/// docs/formats/fleet-context.md. Pure but for reading and writing the file.

#include "thimble/base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace thimble::client {

struct FleetContext {
    std::string url;        ///< "https://name:port", nothing after it
    std::string authority;  ///< SHA-256 in lower-case hexadecimal; empty: what the system trusts
    std::string token;      ///< of the API; a secret
    bool operator==(const FleetContext&) const = default;
};

/// @error Invalid "client.bad_url"  not https://NAME[:PORT]
Result<std::string> parse_server_url(std::string_view text);

/// The authority as `thimble server check` (hexadecimal) or enrolment tokens (base64url) show it.
/// @return its SHA-256 in lower-case hexadecimal
/// @error Invalid "client.bad_authority"
Result<std::string> parse_authority(std::string_view text);

/// Pure. @error Corrupt "client.bad_context"
Result<FleetContext> parse_fleet_context(std::string_view text);
std::string format_fleet_context(const FleetContext& context);

/// @error NotFound "client.no_context"    nobody has logged in
/// @error Denied "client.context_exposed" others may read the file
/// @error Corrupt "client.bad_context"
Result<FleetContext> read_fleet_context(const std::filesystem::path& file);

/// For its owner only. @error as host::replace_file
Result<void> write_fleet_context(const std::filesystem::path& file, const FleetContext& context);

}  // namespace thimble::client
