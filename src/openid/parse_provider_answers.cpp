#include "thimble/openid/provider_answers.hpp"
#include "thimble/openid/strict_json.hpp"

#include <algorithm>

namespace thimble::openid {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{256} << 10U;

Error bad_discovery(const std::string& why) {
    return failure(ErrorKind::Corrupt, "openid.bad_discovery", "the provider's description " + why);
}

/// How clients may show their secret; what is not said is client_secret_basic.
Result<bool> takes_secret_in_header(const JsonValue& document, JsonMembers& members) {
    constexpr const char* kName = "token_endpoint_auth_methods_supported";
    if (member_of(document, kName) == nullptr) {
        return true;
    }
    const auto methods = members.texts(kName);
    const auto has = [&](std::string_view method) {
        return std::ranges::find(methods, method) != methods.end();
    };
    if (!has("client_secret_basic") && !has("client_secret_post") && !has("none")) {
        return bad_discovery("takes no client's secret in a way that is known here");
    }
    return has("client_secret_basic") || !has("client_secret_post");
}

}  // namespace

Result<Discovery> parse_discovery(std::string_view text, std::string_view issuer) {
    THIMBLE_TRY(const JsonValue document, parse_strict_json(text, kMaxBytes));
    JsonMembers members(document);
    const std::string named = members.text("issuer");
    Discovery discovery;
    discovery.authorization_endpoint = members.text("authorization_endpoint");
    discovery.token_endpoint = members.text("token_endpoint");
    discovery.keys = members.text("jwks_uri");
    constexpr const char* kNamesItself = "authorization_response_iss_parameter_supported";
    discovery.names_itself_in_answers =
        member_of(document, kNamesItself) != nullptr && members.boolean(kNamesItself);
    THIMBLE_TRY(discovery.takes_secret_in_header, takes_secret_in_header(document, members));
    if (const auto done = members.done(); !done) {
        return bad_discovery("lacks a member or has it otherwise: " + done.error().message);
    }
    if (named != issuer) {
        return bad_discovery("names another issuer");
    }
    for (const std::string& address :
         {discovery.authorization_endpoint, discovery.token_endpoint, discovery.keys}) {
        if (!is_https_address(address)) {
            return bad_discovery("has an endpoint that is not on https");
        }
    }
    return discovery;
}

Result<std::string> parse_token_answer(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_strict_json(text, kMaxBytes));
    JsonMembers members(document);
    std::string token = members.text("id_token");
    if (!members.done()) {
        return failure(
            ErrorKind::Corrupt, "openid.bad_answer", "the provider answers without an ID token");
    }
    return token;
}

}  // namespace thimble::openid
