#pragma once
/// @file A provider that is asked: where its endpoints are, what its keys are, and who somebody is.

#include "thimble/base/instant.hpp"
#include "thimble/openid/attempt.hpp"
#include "thimble/openid/configuration.hpp"
#include "thimble/openid/key_set.hpp"
#include "thimble/openid/provider_answers.hpp"

#include <optional>
#include <string>
#include <vector>

namespace thimble::openid {

/// The way to the provider; CurlWeb is the real one. Everything is bounded in time and size.
class Web {
public:
    Web() = default;
    Web(const Web&) = delete;
    Web& operator=(const Web&) = delete;
    Web(Web&&) = delete;
    Web& operator=(Web&&) = delete;
    virtual ~Web() = default;

    /// @return the body of a 200
    /// @error Unavailable "openid.no_answer"; Denied "openid.not_authentic", "openid.refused"
    virtual Result<std::string> get(const std::string& address) = 0;

    /// Posts a form.
    /// @param authorization  the value of that header; empty: none
    /// @error as get
    virtual Result<std::string> post(
        const std::string& address, const std::string& form, const std::string& authorization) = 0;
};

/// Who a provider says somebody is.
struct Identity {
    std::string issuer;
    std::string
        subject;  ///< with the issuer it is who somebody is, for ever; a name or an address is not
    JsonValue claims;
};

/// What the browser brought back.
struct Return {
    std::string code;
    std::string issuer;  ///< "iss" of RFC 9207; empty: none
};

/// One provider. For one thread at a time: it waits for the network.
class Provider {
public:
    /// @param secret    of the client; empty: it has none
    /// @param callback  where the browser comes back to
    Provider(Configuration configuration, std::string secret, std::string callback, Web& web);

    /// Where to send the browser. The description of the provider is asked for at most once an hour, or
    /// every 10 seconds as long as there is none.
    /// @error of Web::get and parse_discovery; Unavailable "openid.no_answer"
    Result<std::string> authorization_address(const Attempt& attempt, Instant now);

    /// Exchanges the code and judges the ID token. Keys are asked for when there are none or the token
    /// names one that is not known, at most once a minute.
    /// @error of Web::post, parse_id_token, key_for, judge_id_token
    Result<Identity> identity_of(const Return& returned, const Attempt& attempt, Instant now);

    [[nodiscard]] const Configuration& configuration() const { return configuration_; }

private:
    /// The last that could be read, when a new one cannot.
    Result<Discovery> discovery(Instant now);
    Result<Discovery> described();
    Result<void> refresh_keys(const std::string& address, Instant now);
    Result<std::string> exchange(
        const Discovery& discovery, const std::string& code, const Attempt& attempt);

    Configuration configuration_;
    std::string secret_;
    std::string callback_;
    Web& web_;
    std::optional<Discovery> discovery_;
    Instant discovery_asked_at_;
    std::vector<Key> keys_;
    Instant keys_asked_at_;
};

}  // namespace thimble::openid
