#pragma once
/// @file The provider by which people sign in, when one is configured.

#include "thimble/openid/provider.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace thimble::server {

/// The provider waits for the network: only the one worker that has it may ask it anything. Its
/// configuration never changes, and may be read by any thread.
struct SingleSignOn {
    std::unique_ptr<openid::Web> web;
    openid::Provider provider;
};

/// Where browsers come back to, below the server's address.
inline constexpr const char* kSignOnCallback = "/sso/callback";

/// Reads `oidc.json` of the server's folder, and the client's secret.
/// @param own_address  of the server, unless the configuration has another
/// @return null when there is no such file
/// @error Invalid "openid.bad_configuration"; Denied "server.file_exposed"; Unavailable "server.cannot_read";
///        NotFound "server.no_credential"
Result<std::unique_ptr<SingleSignOn>> open_single_sign_on(
    const std::filesystem::path& folder, const std::string& own_address);

}  // namespace thimble::server
