#include "thimble/server/single_sign_on.hpp"

#include "thimble/openid/curl_web.hpp"
#include "thimble/server/private_file.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace thimble::server {
namespace {

constexpr std::size_t kMaxSecretBytes = 4096;

/// What an editor or `echo` left at the end is no part of a secret.
std::string without_line_feed(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r')) {
        text.pop_back();
    }
    return text;
}

/// A credential of the service manager, whose folder is closed to others by its own means.
Result<std::string> credential_of(const std::string& name) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
    std::ifstream in(
        std::filesystem::path(folder == nullptr ? "/nowhere" : folder) / name, std::ios::binary);
    if (folder == nullptr || !in) {
        return failure(
            ErrorKind::NotFound,
            "server.no_credential",
            "the service manager gives no credential " + name
                + "; LoadCredential= in the unit names its file");
    }
    std::string text(kMaxSecretBytes, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

Result<std::string> secret_of(const openid::Configuration& configuration) {
    if (configuration.secret_file.empty() && configuration.secret_credential.empty()) {
        return std::string();
    }
    auto text = configuration.secret_file.empty() ? credential_of(configuration.secret_credential)
                                                  : read_private_file(configuration.secret_file);
    if (!text) {
        return because("the client secret of sign-in", std::move(text).error());
    }
    std::string secret = without_line_feed(*std::move(text));
    if (secret.empty() || secret.size() >= kMaxSecretBytes) {
        return failure(
            ErrorKind::Invalid,
            "openid.bad_configuration",
            "the client secret of sign-in is empty or too long");
    }
    return secret;
}

}  // namespace

Result<std::unique_ptr<SingleSignOn>> open_single_sign_on(
    const std::filesystem::path& folder, const std::string& own_address) {
    const std::filesystem::path file = folder / "oidc.json";
    const auto text = read_private_file(file);
    if (!text && text.error().kind == ErrorKind::NotFound) {
        return std::unique_ptr<SingleSignOn>();
    }
    if (!text) {
        return text.error();
    }
    auto configuration = openid::parse_configuration(*text);
    if (!configuration) {
        return because(file.string(), std::move(configuration).error());
    }
    THIMBLE_TRY(std::string secret, secret_of(*configuration));
    const std::string callback =
        (configuration->address.empty() ? own_address : configuration->address) + kSignOnCallback;
    auto web = std::make_unique<openid::CurlWeb>(configuration->authority_file);
    openid::Web& way = *web;
    return std::make_unique<SingleSignOn>(
        std::move(web),
        openid::Provider(*std::move(configuration), std::move(secret), callback, way));
}

}  // namespace thimble::server
