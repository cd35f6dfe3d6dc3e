#pragma once
/// @file For tests: the order of two versions as the sign that the tools and test suites write.

#include "thimble/model/version_order.hpp"

#include <string>
#include <string_view>

namespace thimble::model {

/// "<", "=", ">" or "invalid: reason"; the mirrored question must give the mirrored answer.
inline std::string relation(
    std::string_view order_name, std::string_view left, std::string_view right) {
    const VersionOrder* order = version_order_named(order_name);
    if (order == nullptr) {
        return "no such order";
    }
    for (const auto version : {left, right}) {
        if (const auto valid = order->check(version); !valid) {
            return "invalid: " + valid.error().message;
        }
    }
    const auto forth = order->compare(left, right);
    const auto back = order->compare(right, left);
    if ((forth < 0) != (back > 0) || (forth == 0) != (back == 0)) {
        return "not antisymmetric";
    }
    if (forth == 0) {
        return "=";
    }
    return forth < 0 ? "<" : ">";
}

}  // namespace thimble::model
