#pragma once
/// @file What the common classes of attacks look like, as regular expressions and the transformations before them. Pure.

#include "thimble/mitigate/virtual_patch.hpp"

#include <string>
#include <vector>

namespace thimble::mitigate {

struct AttackPattern {
    std::string expression;       ///< read by PCRE and RE2
    std::string transformations;  ///< of SecLang, in their order
};

/// Of a class that is known by what it looks like; empty for the others. At most ten: a patch has ten ids.
std::vector<AttackPattern> patterns_of(AttackClass attack);

}  // namespace thimble::mitigate
