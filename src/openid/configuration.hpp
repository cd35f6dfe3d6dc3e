#pragma once
/// @file Which provider is believed, and what it may decide: docs/formats/oidc.md. Pure.

#include "thimble/base/json_members.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::openid {

/// Who has a claim of that value, or a list with it, gets a role over a host group.
struct Rule {
    std::string claim;
    std::string value;
    std::string role;        ///< viewer, operator, approver, administrator
    std::string host_group;  ///< "*": every
    bool operator==(const Rule&) const = default;
};

struct Configuration {
    std::string issuer;  ///< exactly as the provider names itself
    std::string client_id;
    std::string secret_file;  ///< at most one of these two; neither: a client without a secret
    std::string secret_credential;  ///< name of a credential of the service manager
    std::string address;            ///< of this server, as browsers reach it; empty: its own
    std::string authority_file;     ///< PEM; empty: what the system trusts
    std::vector<std::string> scopes;
    std::vector<std::string> trusted_audiences;
    std::string name_claim;
    bool admits_unknown = false;  ///< whether somebody without an account gets one
    std::vector<Rule> rules;      ///< the first that fits; none at all: accounts keep their roles
};

/// Reads the configuration, at most 64 KiB. What it does not know is an error: a misspelt member must not
/// let anybody in.
/// @error Invalid "openid.bad_configuration"  names the member
Result<Configuration> parse_configuration(std::string_view text);

/// The first rule that fits the claims; nullptr when none does.
const Rule* rule_for(const JsonValue& claims, const std::vector<Rule>& rules);

}  // namespace thimble::openid
