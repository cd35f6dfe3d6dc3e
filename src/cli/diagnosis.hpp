#pragma once
/// @file One thing that thimble doctor looked at.

#include <cstdint>
#include <string>

namespace thimble::cli {

enum class Condition : std::uint8_t { Well, Limited, Missing };

struct Diagnosis {
    std::string subject;
    Condition condition = Condition::Well;
    std::string detail;
    std::string next;  ///< what to do about it; empty: nothing
    /// Of a package manager that is there, too, and that no patch of this host goes by: its name; empty: it matters here.
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns of fields that are left out
    std::string foreign = {};
    bool operator==(const Diagnosis&) const = default;
};

}  // namespace thimble::cli
