#pragma once
/// @file What a host remembers of a control that is put up on it. Plain values; format: docs/formats/control.md.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::shield {

/// Written before what it announces.
enum class ControlPhase : std::uint8_t {
    Deploying,  ///< broken off here, what was before is put back
    Deployed,
    Removing,  ///< broken off here, it is removed on
};
std::string_view control_phase_name(ControlPhase phase);

/// How something was before a control changed it.
struct FormerState {
    std::string what;
    std::string value;
    bool operator==(const FormerState&) const = default;
};

struct ControlRecord {
    std::string id;
    std::string digest;
    ControlPhase phase = ControlPhase::Deploying;
    Instant at;
    std::string document;  ///< of which `digest` is the SHA-256
    std::string previous;  ///< document that stood before under the same id; empty: none
    std::string
        in_force;  ///< digest of the packet filter's rules, as the kernel told them; empty: none
    std::vector<FormerState> before;
    bool operator==(const ControlRecord&) const = default;
};

/// Empty: nothing is remembered of it.
std::string former(const ControlRecord& record, std::string_view what);

inline constexpr std::size_t kMaxRecordBytes = std::size_t{256} << 10;

std::string format_control_record(const ControlRecord& record);

/// @error Corrupt "base.bad_json", "shield.bad_record"
Result<ControlRecord> parse_control_record(std::string_view text);

}  // namespace thimble::shield
