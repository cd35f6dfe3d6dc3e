#pragma once
/// @file A port of another host, which a control guards there, is tried from this one.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/shield/control_report.hpp"

#include <cstdint>
#include <string>

namespace thimble::shield {

/// What is tried.
struct OutsideProbe {
    std::string id;      ///< of the control
    std::string digest;  ///< of its document
    bool from_allowed = false;
    std::string address;  ///< IPv4 or IPv6
    std::uint16_t port = 0;
};

/// Opens one connection over TCP, sends nothing, and closes it; at most 5 seconds. Of the control this host knows
/// nothing, so that the report names no kind of it.
/// @return holding: it got through, or did not, as the place says; else broken
/// @error Invalid "shield.bad_probe"  no control, no document or no address
Result<ControlReport> probe_from_here(const OutsideProbe& probe, const Clock& clock);

}  // namespace thimble::shield
