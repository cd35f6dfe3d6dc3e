#pragma once
/// @file The scores of the single CVSS versions, one .cpp each; cvss.cpp chooses by the prefix.

#include "thimble/base/result.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace thimble::model::detail {

/// A metric and its values, separated by blanks; scoring knows a value by its position, and "-" is a
/// position that no vector can name.
struct CvssMetric {
    std::string_view name;
    std::string_view values;
    bool required = false;
};

/// No version has more metrics.
inline constexpr std::size_t kMostCvssMetrics = 32;

/// The position of the value of each metric of the table; kNotGiven where the vector has none.
inline constexpr std::int8_t kNotGiven = -1;
using CvssChoices = std::array<std::int8_t, kMostCvssMetrics>;

/// Whether the metrics have to come in the order of the table.
enum class CvssOrder : std::uint8_t { Any, OfTheTable };

/// Reads `name:value` pairs joined by '/', each metric at most once.
/// @error Invalid "model.bad_cvss"
Result<CvssChoices> parse_cvss_metrics(
    std::string_view text, std::span<const CvssMetric> metrics, CvssOrder order);

/// Forgets the optional metrics that are given as not defined (their last value): the same as absent, so
/// that a group of such metrics alone does not count as given.
void drop_undefined(CvssChoices& choices, std::span<const CvssMetric> metrics);

/// The refusal of a vector, with the reason for a person.
Error bad_cvss(std::string reason);

/// Scores in tenths of the vector's metrics (without prefix), by all metric groups it has.
/// @error Invalid "model.bad_cvss"
Result<std::uint8_t> score_cvss2(std::string_view metrics);
Result<std::uint8_t> score_cvss30(std::string_view metrics);
Result<std::uint8_t> score_cvss31(std::string_view metrics);
Result<std::uint8_t> score_cvss4(std::string_view metrics);

}  // namespace thimble::model::detail
