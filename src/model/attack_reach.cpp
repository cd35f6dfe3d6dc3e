#include "thimble/model/attack_reach.hpp"

#include "thimble/model/cvss.hpp"

#include <algorithm>

namespace thimble::model {
namespace {

/// The value of a metric; empty: the vector has none of that name.
std::string_view value_of(std::string_view vector, std::string_view metric) {
    while (!vector.empty()) {
        const std::size_t end = std::min(vector.find('/'), vector.size());
        std::string_view part = vector.substr(0, end);
        vector.remove_prefix(std::min(end + 1, vector.size()));
        if (part.starts_with('(')) {
            part.remove_prefix(1);
        }
        if (part.starts_with(metric) && part.substr(metric.size()).starts_with(':')) {
            return part.substr(metric.size() + 1);
        }
    }
    return {};
}

/// Whether confidentiality and integrity stay.
bool leaves_data_alone(std::string_view vector) {
    const auto is_none = [&](std::string_view metric, std::string_view of_version_4) {
        const std::string_view value = value_of(vector, metric);
        return (value.empty() ? value_of(vector, of_version_4) : value) == "N";
    };
    return is_none("C", "VC") && is_none("I", "VI");
}

AttackVector vector_named(std::string_view value) {
    switch (value.empty() ? ' ' : value.front()) {
        case 'N': return AttackVector::Network;
        case 'A': return AttackVector::Adjacent;
        case 'L': return AttackVector::Local;
        case 'P': return AttackVector::Physical;
        default: return AttackVector::Unknown;
    }
}

}  // namespace

std::string_view attack_vector_name(AttackVector vector) {
    switch (vector) {
        case AttackVector::Unknown: return "unknown";
        case AttackVector::Physical: return "physical";
        case AttackVector::Local: return "local";
        case AttackVector::Adjacent: return "adjacent";
        case AttackVector::Network: return "network";
    }
    return {};
}

AttackReach attack_reach(std::span<const std::string> vectors) {
    AttackReach reach;
    bool leaves_all = true;
    for (const std::string& text : vectors) {
        if (!parse_cvss(text)) {
            continue;
        }
        const AttackVector vector = vector_named(value_of(text, "AV"));
        reach.vector =
            reach.vector == AttackVector::Unknown ? vector : std::min(reach.vector, vector);
        const std::string_view privileges = value_of(text, "PR");
        const std::string_view needed = privileges.empty() ? value_of(text, "Au") : privileges;
        reach.needs_privileges = reach.needs_privileges.value_or(false) || !needed.starts_with('N');
        leaves_all = leaves_all && leaves_data_alone(text);
    }
    reach.only_availability = leaves_all && reach.vector != AttackVector::Unknown;
    return reach;
}

}  // namespace thimble::model
