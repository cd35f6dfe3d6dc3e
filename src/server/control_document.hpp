#pragma once
/// @file The document of a compensating control, as far as the server must know it. Pure.
/// Format: docs/formats/control.md.

#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/control.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::server {

struct ControlDocument {
    model::ControlKind kind = model::ControlKind::External;
    std::string text;     ///< canonical JSON
    std::string digest;   ///< SHA-256 of it
    bool blocks = false;  ///< of a virtual patch: its mode
    bool brings_rules =
        false;  ///< of a virtual patch: rules of the owner, which say themselves what they do
    bool closes_listener =
        false;  ///< of hardening: the service is switched off, or has no network any more
    bool removes_package = false;  ///< of hardening: what it covers is not there to be open
    std::string
        fenced_unit;  ///< of hardening after which its socket is still there, and nobody reaches it; empty: none
    bool operator==(const ControlDocument&) const = default;
};

/// @error Invalid "server.bad_control"  says what of it cannot be put up, or that it is too long
Result<ControlDocument> read_control_document(const JsonValue& value);
/// @error likewise
Result<ControlDocument> parse_control_document(std::string_view text);

/// Hosts as its probes name them, each once.
std::vector<std::string> named_hosts(const ControlDocument& document);
/// The same document with other names of them: their ids, which nobody changes.
/// @param ids  of each of named_hosts
ControlDocument with_hosts(
    const ControlDocument& document, const std::map<std::string, std::string>& ids);

/// The same virtual patch, which blocks.
/// @error Invalid "server.bad_control"  it is none
Result<ControlDocument> blocking(const ControlDocument& document);

}  // namespace thimble::server
