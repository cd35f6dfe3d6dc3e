#pragma once
/// @file The places outside of a host from which a control on it is tried, as its document says. Pure.

#include "thimble/mitigate/control.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::server {

/// A probe that another host makes.
struct OutsidePlace {
    std::int64_t number = 0;  ///< of the probe in its document
    mitigate::ControlProbe probe;
    bool is_whose_unclear =
        false;  ///< the control has several hosts, and it does not say which one has the address
};

/// Ports that somebody may try whom the document does not name.
struct GuardedTargets {
    std::vector<std::uint16_t> ports;  ///< TCP, at most kMostTargets, as the document has them
    std::size_t left_out = 0;          ///< further ports of TCP
    std::vector<std::string> allowed;  ///< prefixes that reach each of these ports
};
inline constexpr std::size_t kMostTargets = 8;

struct OutsidePlan {
    bool is_filter = false;  ///< a control of the packet filter; others are not tried so
    std::vector<OutsidePlace> places;
    std::vector<std::string> allowed;  ///< prefixes that are let through, to any of the ports
    GuardedTargets targets;
    std::vector<std::uint16_t> udp_ports;  ///< guarded, and tried by nobody: silence is no answer
    bool is_chosen = false;                ///< the document names no place: the server chose these
    std::string nobody_why;                ///< why none could be chosen
};

/// The places of a plan that names none: each port, from a refused place and, where anybody is allowed, from an allowed one.
/// Their numbers are those of no probe of a document.
std::vector<OutsidePlace> chosen_places(const GuardedTargets& targets, const std::string& address);

/// What of it is never tried from outside, as the end of a sentence: "; UDP port 53: …"; empty: nothing.
std::string untried_note(const OutsidePlan& plan);

/// A host as documents may name it.
struct NamedHost {
    std::string_view id;
    std::string_view name;
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns of fields that are left out
    std::span<const std::string> before = {};  ///< ids of enrolments that it has replaced
};

/// @param document   canonical; one that cannot be read has no places
/// @param has_others  the control is on other hosts, too
OutsidePlan outside_plan(std::string_view document, const NamedHost& host, bool has_others);

/// Whether an address is one of those that are let through.
bool is_allowed_in(const OutsidePlan& plan, std::string_view address);

}  // namespace thimble::server
