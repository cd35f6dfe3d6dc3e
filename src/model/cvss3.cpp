// CVSS 3.0 and 3.1 (FIRST, specification documents, section 7 and appendix A of 3.1).
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

enum Index : std::uint8_t {
    AV,
    AC,
    PR,
    UI,
    S,
    C,
    I,
    A,
    E,
    RL,
    RC,
    CR,
    IR,
    AR,
    MAV,
    MAC,
    MPR,
    MUI,
    MS,
    MC,
    MI,
    MA,
    Count
};

constexpr std::array<CvssMetric, Count> kMetrics = {{
    {"AV", "N A L P", true}, {"AC", "L H", true},  {"PR", "N L H", true}, {"UI", "N R", true},
    {"S", "U C", true},      {"C", "N L H", true}, {"I", "N L H", true},  {"A", "N L H", true},
    {"E", "U P F H X"},      {"RL", "O T W U X"},  {"RC", "U R C X"},     {"CR", "L M H X"},
    {"IR", "L M H X"},       {"AR", "L M H X"},    {"MAV", "N A L P X"},  {"MAC", "L H X"},
    {"MPR", "N L H X"},      {"MUI", "N R X"},     {"MS", "U C X"},       {"MC", "N L H X"},
    {"MI", "N L H X"},       {"MA", "N L H X"},
}};

// In the order of the values above.
constexpr std::array kAttackVector = {0.85, 0.62, 0.55, 0.2};
constexpr std::array kAttackComplexity = {0.77, 0.44};
constexpr std::array kPrivileges = {0.85, 0.62, 0.27};
constexpr std::array kPrivilegesScopeChanged = {0.85, 0.68, 0.5};
constexpr std::array kUserInteraction = {0.85, 0.62};
constexpr std::array kImpact = {0.0, 0.22, 0.56};
constexpr std::array kExploitMaturity = {0.91, 0.94, 0.97, 1.0, 1.0};
constexpr std::array kRemediationLevel = {0.95, 0.96, 0.97, 1.0, 1.0};
constexpr std::array kReportConfidence = {0.92, 0.96, 1.0, 1.0};
constexpr std::array kRequirement = {0.5, 1.0, 1.5, 1.0};

constexpr std::int8_t kScopeChanged = 1;

enum class Minor : std::uint8_t { Zero, One };

template <std::size_t Size>
double weight(const std::array<double, Size>& weights, std::int8_t choice) {
    return choice == kNotGiven ? 1 : weights.at(static_cast<std::size_t>(choice));
}

// The least tenth that is not below `value`. 3.1 forgives up to half a hundred-thousandth; 3.0 nothing, but
// its true values are far enough from the tenths that only the noise of doubles lies in between.
double round_up(double value, Minor minor) {
    const double forgiven = minor == Minor::One ? 0.5e-5 : 1e-9;
    return std::ceil((value - forgiven) * 10) / 10;
}

// The metrics that decide a base score, either the base's own or the modified ones.
struct Effective {
    std::int8_t attack_vector, attack_complexity, privileges, user_interaction, scope;
    double impact_left;  ///< what the three impacts leave over, 0..1
    bool modified;
};

Effective base_metrics(const CvssChoices& c) {
    const double left =
        (1 - weight(kImpact, c[C])) * (1 - weight(kImpact, c[I])) * (1 - weight(kImpact, c[A]));
    return {c[AV], c[AC], c[PR], c[UI], c[S], left, false};
}

// A modified metric that is missing or X leaves the base's.
std::int8_t modified_or_base(const CvssChoices& choices, Index modified, Index base) {
    return choices[modified] == kNotGiven ? choices[base] : choices[modified];
}

Effective modified_metrics(const CvssChoices& c) {
    const auto left = [&c](Index modified, Index base, Index requirement) {
        return 1
            - (weight(kImpact, modified_or_base(c, modified, base))
               * weight(kRequirement, c[requirement]));
    };
    return {
        modified_or_base(c, MAV, AV),
        modified_or_base(c, MAC, AC),
        modified_or_base(c, MPR, PR),
        modified_or_base(c, MUI, UI),
        modified_or_base(c, MS, S),
        left(MC, C, CR) * left(MI, I, IR) * left(MA, A, AR),
        true};
}

double impact(const Effective& metrics, Minor minor) {
    constexpr double kMostModified = 0.915;
    double whole = 1 - metrics.impact_left;
    if (metrics.modified) {
        whole = std::min(whole, kMostModified);
    }
    if (metrics.scope != kScopeChanged) {
        return 6.42 * whole;
    }
    const double tail = metrics.modified && minor == Minor::One
        ? std::pow((whole * 0.9731) - 0.02, 13)
        : std::pow(whole - 0.02, 15);
    return (7.52 * (whole - 0.029)) - (3.25 * tail);
}

double score(const Effective& metrics, Minor minor) {
    const bool changed = metrics.scope == kScopeChanged;
    const double impact_part = impact(metrics, minor);
    if (impact_part <= 0) {
        return 0;
    }
    const double exploitability = 8.22 * weight(kAttackVector, metrics.attack_vector)
        * weight(kAttackComplexity, metrics.attack_complexity)
        * weight(changed ? kPrivilegesScopeChanged : kPrivileges, metrics.privileges)
        * weight(kUserInteraction, metrics.user_interaction);
    const double sum = (impact_part + exploitability) * (changed ? 1.08 : 1);
    return round_up(std::min(sum, 10.0), minor);
}

bool is_environmental(const CvssChoices& choices) {
    for (std::size_t i = CR; i < Count; ++i) {
        if (choices[i] != kNotGiven) {
            return true;
        }
    }
    return false;
}

Result<std::uint8_t> score_cvss3(std::string_view text, Minor minor) {
    THIMBLE_TRY(auto choices, parse_cvss_metrics(text, kMetrics, CvssOrder::Any));
    drop_undefined(choices, kMetrics);
    const double scored =
        score(is_environmental(choices) ? modified_metrics(choices) : base_metrics(choices), minor);
    const double temporal = scored * weight(kExploitMaturity, choices[E])
        * weight(kRemediationLevel, choices[RL]) * weight(kReportConfidence, choices[RC]);
    return static_cast<std::uint8_t>(std::lround(round_up(temporal, minor) * 10));
}

}  // namespace

Result<std::uint8_t> score_cvss30(std::string_view metrics) {
    return score_cvss3(metrics, Minor::Zero);
}

Result<std::uint8_t> score_cvss31(std::string_view metrics) {
    return score_cvss3(metrics, Minor::One);
}

}  // namespace thimble::model::detail
