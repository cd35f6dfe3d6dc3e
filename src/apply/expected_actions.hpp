#pragma once
/// @file The gate before dpkg: what apt is about to do, compared with what it is meant to do.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// How the gate's lines on standard output begin.
constexpr const char* kGateRefuses = "thimble-gate: refused: ";
constexpr const char* kGatePasses = "thimble-gate: passed";

enum class ActionKind : std::uint8_t {
    Unpack,  ///< from the archive at `path`
    Remove,
    Finish,  ///< was begun before: may be unpacked again, from `path` only, and configured
};

/// What apt has to do, no more and no less.
struct ExpectedAction {
    ActionKind kind = ActionKind::Unpack;
    std::string name;
    std::string architecture;
    std::string version;  ///< that comes; that goes for a removal
    std::string path;     ///< of the archive, as the host sees it; empty for a removal
    bool operator==(const ExpectedAction&) const = default;
};

/// Line by line, for the gate's file: "unpack <name> <architecture> <version> <path>".
/// No part may hold a blank or a line feed.
std::string format_expected_actions(const std::vector<ExpectedAction>& actions);

/// @error Corrupt "apply.bad_expectation"
Result<std::vector<ExpectedAction>> parse_expected_actions(std::string_view text);

/// One line of apt's list.
struct AptAction {
    enum class Kind : std::uint8_t { Unpack, Configure, Remove };
    Kind kind = Kind::Unpack;
    std::string name;
    std::string old_version;  ///< empty: not installed
    std::string old_architecture;
    std::string new_version;  ///< empty: it goes
    std::string new_architecture;
    std::string path;
    bool operator==(const AptAction&) const = default;
};

/// The list that apt hands to a DPkg::Pre-Install-Pkgs hook.
/// @error Corrupt "apply.bad_action_list"; Unsupported "apply.hook_protocol"
/// @source apt.conf(5), DPkg::Pre-Install-Pkgs, protocol version 3
Result<std::vector<AptAction>> parse_apt_actions(std::string_view text);

/// What apt would do beyond what is expected, and what it would leave out, one sentence each; empty:
/// exactly what is expected. Configuring counts only for packages that are expected.
std::vector<std::string> differences(
    const std::vector<ExpectedAction>& expected, const std::vector<AptAction>& actions);

}  // namespace thimble::apply
