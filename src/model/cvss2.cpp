// CVSS 2.0 (FIRST, "A Complete Guide to the Common Vulnerability Scoring System Version 2.0", section 3.2).
#include "thimble/base/result.hpp"
#include "thimble/model/detail/cvss_versions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace thimble::model::detail {

namespace {

enum Index : std::uint8_t { AV, AC, Au, C, I, A, E, RL, RC, CDP, TD, CR, IR, AR, Count };

constexpr std::array<CvssMetric, Count> kMetrics = {{
    {"AV", "L A N", true},
    {"AC", "H M L", true},
    {"Au", "M S N", true},
    {"C", "N P C", true},
    {"I", "N P C", true},
    {"A", "N P C", true},
    {"E", "U POC F H ND"},
    {"RL", "OF TF W U ND"},
    {"RC", "UC UR C ND"},
    {"CDP", "N L LM MH H ND"},
    {"TD", "N L M H ND"},
    {"CR", "L M H ND"},
    {"IR", "L M H ND"},
    {"AR", "L M H ND"},
}};

// In the order of the values above.
constexpr std::array kAccessVector = {0.395, 0.646, 1.0};
constexpr std::array kAccessComplexity = {0.35, 0.61, 0.71};
constexpr std::array kAuthentication = {0.45, 0.56, 0.704};
constexpr std::array kImpact = {0.0, 0.275, 0.660};
constexpr std::array kExploitability = {0.85, 0.9, 0.95, 1.0, 1.0};
constexpr std::array kRemediationLevel = {0.87, 0.90, 0.95, 1.0, 1.0};
constexpr std::array kReportConfidence = {0.90, 0.95, 1.0, 1.0};
constexpr std::array kCollateralDamage = {0.0, 0.1, 0.3, 0.4, 0.5, 0.0};
constexpr std::array kTargetDistribution = {0.0, 0.25, 0.75, 1.0, 1.0};
constexpr std::array kRequirement = {0.5, 1.0, 1.51, 1.0};

template <std::size_t Size>
double weight(const std::array<double, Size>& weights, std::int8_t choice, double not_given) {
    return choice == kNotGiven ? not_given : weights.at(static_cast<std::size_t>(choice));
}

// To one decimal, half up. The true values are short decimals: what lies this close below a half is one.
double round_to_tenth(double value) {
    constexpr double kNoise = 1e-9;
    return std::floor((value * 10) + 0.5 + kNoise) / 10;
}

double impact(const CvssChoices& choices, bool adjusted) {
    const auto left_over = [&choices, adjusted](Index metric, Index requirement) {
        const double required = adjusted ? weight(kRequirement, choices[requirement], 1) : 1;
        return 1 - (weight(kImpact, choices[metric], 0) * required);
    };
    const double whole = 10.41 * (1 - (left_over(C, CR) * left_over(I, IR) * left_over(A, AR)));
    return adjusted ? std::min(10.0, whole) : whole;
}

double base_score(const CvssChoices& choices, double impact) {
    const double exploitability = 20 * weight(kAccessVector, choices[AV], 0)
        * weight(kAccessComplexity, choices[AC], 0) * weight(kAuthentication, choices[Au], 0);
    const double factor = impact == 0 ? 0 : 1.176;
    return round_to_tenth(((0.6 * impact) + (0.4 * exploitability) - 1.5) * factor);
}

// Without temporal metrics the factors are 1 and the base score stays.
double temporal_score(const CvssChoices& choices, double base) {
    return round_to_tenth(
        base * weight(kExploitability, choices[E], 1) * weight(kRemediationLevel, choices[RL], 1)
        * weight(kReportConfidence, choices[RC], 1));
}

double environmental_score(const CvssChoices& choices) {
    const double temporal = temporal_score(choices, base_score(choices, impact(choices, true)));
    const double damaged =
        temporal + ((10 - temporal) * weight(kCollateralDamage, choices[CDP], 0));
    return round_to_tenth(damaged * weight(kTargetDistribution, choices[TD], 1));
}

bool is_environmental(const CvssChoices& choices) {
    for (std::size_t i = CDP; i < Count; ++i) {
        if (choices[i] != kNotGiven) {
            return true;
        }
    }
    return false;
}

}  // namespace

Result<std::uint8_t> score_cvss2(std::string_view metrics) {
    THIMBLE_TRY(auto choices, parse_cvss_metrics(metrics, kMetrics, CvssOrder::Any));
    drop_undefined(choices, kMetrics);
    const double score = is_environmental(choices)
        ? environmental_score(choices)
        : temporal_score(choices, base_score(choices, impact(choices, false)));
    // Low requirements can push the formula below zero.
    return static_cast<std::uint8_t>(std::lround(std::max(0.0, score) * 10));
}

}  // namespace thimble::model::detail
