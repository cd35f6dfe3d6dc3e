#pragma once
/// @file Monitoring as rules of the kernel's audit. Pure.

#include "thimble/mitigate/control.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::shield {

/// Whether a file of rules has some that augenrules has not put there.
bool is_written_by_hand(std::string_view rules);

/// "thimble-", the id and a dot: the key that events carry. auditctl takes a key for part of a longer one, and no id has a dot.
std::string audit_key(std::string_view id);

/// Where its rules are for every start: "/etc/audit/rules.d/thimble-ID.rules".
std::string audit_rules_file(std::string_view id);

/// One rule a line, in the form in which `auditctl -l` lists them.
/// @source auditctl(8), audit.rules(7)
std::vector<std::string> audit_rules(std::string_view id, const mitigate::Monitoring& settings);

/// Whether a log of auditd has an event with that key by that process.
/// @source audit records are lines of "name=value", the key quoted
bool has_event(std::string_view log, std::string_view key, long process);

/// The process id that `auditctl -s` says listens to events; 0: none does.
long audit_listener(std::string_view status);

}  // namespace thimble::shield
