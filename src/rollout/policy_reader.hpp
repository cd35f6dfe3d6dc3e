#pragma once
/// @file What members of policies are besides texts and numbers: shares, lengths of time, limits of hosts.

#include "thimble/base/mapping_reader.hpp"
#include "thimble/rollout/policy.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace thimble::rollout {

/// The code of every error about a policy.
inline constexpr std::string_view kBadPolicy = "rollout.bad_policy";

/// "95%", "0.5%" in ten-thousandths.
Result<std::uint32_t> share_or(
    MappingReader& reader, std::string_view name, std::uint32_t left_out);
Result<std::chrono::seconds> length_or(
    MappingReader& reader, std::string_view name, std::chrono::seconds left_out);
/// A number of hosts or a share.
Result<std::optional<HostLimit>> limit(MappingReader& reader, std::string_view name);

/// "5%", "0.25 %": ten-thousandths, 0 to 10,000.
std::optional<std::uint32_t> share_of(std::string_view text);

}  // namespace thimble::rollout
