#pragma once
/// @file From where a vulnerability is attacked and what that needs, as its CVSS vectors say. Pure.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace thimble::model {

/// From the nearest to the farthest.
enum class AttackVector : std::uint8_t { Unknown, Physical, Local, Adjacent, Network };

/// "unknown", "physical", "local", "adjacent", "network".
std::string_view attack_vector_name(AttackVector vector);

struct AttackReach {
    AttackVector vector = AttackVector::Unknown;
    std::optional<bool> needs_privileges;  ///< none: no vector says
    bool only_availability = false;        ///< each vector says so: nothing is read or changed
    bool operator==(const AttackReach&) const = default;
};

/// Where vectors disagree the nearest counts, and that privileges are needed: a control is trusted only where no
/// source speaks against it. Vectors that cannot be read are left out.
/// @source CVSS 2.0 (AV, Au, C, I), 3.x (AV, PR, C, I) and 4.0 (AV, PR, VC, VI)
AttackReach attack_reach(std::span<const std::string> vectors);

}  // namespace thimble::model
