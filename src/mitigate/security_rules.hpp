#pragma once
/// @file A virtual patch as rules in SecLang. Pure.

#include "thimble/mitigate/virtual_patch.hpp"

#include <cstdint>
#include <string>

namespace thimble::mitigate {

enum class RuleMode : std::uint8_t {
    Detect,  ///< what would be blocked is logged and passed
    Block,   ///< 403
};

/// The text of a file of rules for ModSecurity 3 and Coraza. The same patch gives the same bytes. Ids from `first_id`
/// on, every rule tagged with the patch and with each vulnerability. No look-around and no back references:
/// Coraza's regular expressions have none.
/// @error Invalid "mitigate.bad_pattern": a regular expression that one of the engines does not read; Invalid
///        "mitigate.bad_rules": rules that the owner brought and that use ids outside the patch's ten, or
///        directives beside rules
/// @source ModSecurity reference manual v3; the range of ids is that for local use
Result<std::string> security_rules(const VirtualPatch& patch, RuleMode mode);

}  // namespace thimble::mitigate
