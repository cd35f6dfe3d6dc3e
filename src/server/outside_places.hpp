#pragma once
/// @file The places outside of a host from which a control on it is tried, as its document says. Pure.

#include "thimble/mitigate/control.hpp"

#include <cstdint>
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

struct OutsidePlan {
    bool is_filter = false;  ///< a control of the packet filter; others are not tried so
    std::vector<OutsidePlace> places;
    std::vector<std::string> allowed;  ///< prefixes that are let through, to any of the ports
};

/// A host as documents may name it.
struct NamedHost {
    std::string_view id;
    std::string_view name;
};

/// @param document   canonical; one that cannot be read has no places
/// @param has_others  the control is on other hosts, too
OutsidePlan outside_plan(std::string_view document, const NamedHost& host, bool has_others);

/// Whether an address is one of those that are let through.
bool is_allowed_in(const OutsidePlan& plan, std::string_view address);

}  // namespace thimble::server
