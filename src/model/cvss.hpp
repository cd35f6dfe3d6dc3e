#pragma once
/// @file CVSS 2.0, 3.0, 3.1 and 4.0 vectors: parsed, scored, rated.

#include "thimble/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::model {

/// The qualitative rating of CVSS 3.x/4.0 (for 2.0 the NVD's Low/Medium/High bands).
enum class Severity : std::uint8_t { Unknown, None, Low, Medium, High, Critical };

/// "None", "Low", "Medium", "High", "Critical"; "Unknown".
std::string_view severity_name(Severity severity);

/// A scored vector.
struct Cvss {
    std::uint8_t version = 0;  ///< 20, 30, 31 or 40
    std::uint8_t score_tenths =
        0;  ///< 0..100: the score of every metric group in the vector, times ten
    Severity severity = Severity::Unknown;
    bool operator==(const Cvss&) const = default;
};

/// Reads a vector and computes its score: with temporal/threat and environmental metrics when the
/// vector has them, else the base score. A missing prefix means 2.0 (with or without parentheses).
/// @error Invalid "model.bad_cvss"  unknown, repeated, missing or misplaced metrics
/// @source FIRST CVSS v2.0 guide; v3.0, v3.1 and v4.0 specification documents
Result<Cvss> parse_cvss(std::string_view vector);

}  // namespace thimble::model
