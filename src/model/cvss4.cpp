// CVSS 4.0 (FIRST, specification document, section 8): the macrovector's score, lowered by how far the
// vector lies below the severest ones of its macrovector. All in integers, so that halves round exactly.
#include "thimble/base/result.hpp"
#include "thimble/model/detail/cvss4_scores.hpp"
#include "thimble/model/detail/cvss_versions.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace thimble::model::detail {

namespace {

enum Index : std::uint8_t {
    AV,
    AC,
    AT,
    PR,
    UI,
    VC,
    VI,
    VA,
    SC,
    SI,
    SA,
    E,
    CR,
    IR,
    AR,
    MAV,
    MAC,
    MAT,
    MPR,
    MUI,
    MVC,
    MVI,
    MVA,
    MSC,
    MSI,
    MSA,
    FirstSupplemental,
};
constexpr std::size_t kCount = FirstSupplemental + 6;

// Values from the severest down, so that positions are distances. SC, SI and SA start at 1 because a
// modified SI or SA can be S, which is severer still; "-" holds its place.
constexpr std::array<CvssMetric, kCount> kMetrics = {{
    {"AV", "N A L P", true}, {"AC", "L H", true},
    {"AT", "N P", true},     {"PR", "N L H", true},
    {"UI", "N P A", true},   {"VC", "H L N", true},
    {"VI", "H L N", true},   {"VA", "H L N", true},
    {"SC", "- H L N", true}, {"SI", "- H L N", true},
    {"SA", "- H L N", true}, {"E", "A P U X"},
    {"CR", "H M L X"},       {"IR", "H M L X"},
    {"AR", "H M L X"},       {"MAV", "N A L P X"},
    {"MAC", "L H X"},        {"MAT", "N P X"},
    {"MPR", "N L H X"},      {"MUI", "N P A X"},
    {"MVC", "H L N X"},      {"MVI", "H L N X"},
    {"MVA", "H L N X"},      {"MSC", "- H L N X"},
    {"MSI", "S H L N X"},    {"MSA", "S H L N X"},
    {"S", "X N P"},          {"AU", "X N Y"},
    {"R", "X A U I"},        {"V", "X D C"},
    {"RE", "X L M H"},       {"U", "X Clear Green Amber Red"},
}};

constexpr int kHigh = 0;
constexpr int kSafety = 0;
constexpr int kSubsequentHigh = 1;

/// The vector after modified metrics have taken the place of the base's and X its worst case.
using Levels = std::array<int, AR + 1>;

bool is_defined(const CvssChoices& choices, std::size_t index) {
    return choices.at(index) != kNotGiven
        && choices.at(index) != std::ranges::count(kMetrics.at(index).values, ' ');
}

Levels levels_of(const CvssChoices& choices) {
    Levels levels{};
    for (std::size_t i = AV; i <= SA; ++i) {
        const std::size_t modified = i + MAV;
        // NOLINTNEXTLINE(bugprone-signed-char-misuse): a choice is a number, not a character
        levels.at(i) = is_defined(choices, modified) ? choices.at(modified) : choices.at(i);
    }
    for (std::size_t i = E; i <= AR; ++i) {
        levels.at(i) = is_defined(choices, i) ? choices.at(i) : 0;
    }
    return levels;
}

/// The equivalence classes EQ1..EQ6.
struct Macrovector {
    int eq1, eq2, eq3, eq4, eq5, eq6;
};

int class_1(const Levels& l) {
    const bool any = l[AV] == 0 || l[PR] == 0 || l[UI] == 0;
    const bool all = l[AV] == 0 && l[PR] == 0 && l[UI] == 0;
    constexpr int kPhysical = 3;
    if (l[AV] == kPhysical || !any) {
        return 2;
    }
    return all ? 0 : 1;
}

int class_3(const Levels& l) {
    if (l[VC] == kHigh && l[VI] == kHigh) {
        return 0;
    }
    return l[VC] == kHigh || l[VI] == kHigh || l[VA] == kHigh ? 1 : 2;
}

int class_4(const Levels& l) {
    if (l[SI] == kSafety || l[SA] == kSafety) {
        return 0;
    }
    const bool high =
        l[SC] == kSubsequentHigh || l[SI] == kSubsequentHigh || l[SA] == kSubsequentHigh;
    return high ? 1 : 2;
}

int class_6(const Levels& l) {
    const bool critical = (l[CR] == kHigh && l[VC] == kHigh) || (l[IR] == kHigh && l[VI] == kHigh)
        || (l[AR] == kHigh && l[VA] == kHigh);
    return critical ? 0 : 1;
}

Macrovector macrovector_of(const Levels& l) {
    const int class_2 = l[AC] == 0 && l[AT] == 0 ? 0 : 1;
    return {class_1(l), class_2, class_3(l), class_4(l), l[E], class_6(l)};
}

int score_of(const Macrovector& m) {
    const int index =
        (((((((((m.eq1 * 2) + m.eq2) * 3) + m.eq3) * 3) + m.eq4) * 3) + m.eq5) * 2) + m.eq6;
    return kCvss4Scores.at(static_cast<std::size_t>(index));
}

// The distance of the vector from the first of the severest combinations that is nowhere below it.
template <std::size_t Metrics, std::size_t Maxima>
int distance(
    const Levels& levels,
    const std::array<Index, Metrics>& metrics,
    const std::array<std::array<int, Metrics>, Maxima>& maxima) {
    for (const auto& maximum : maxima) {
        int sum = 0;
        bool reaches = true;
        for (std::size_t i = 0; i < Metrics; ++i) {
            const int step = levels.at(metrics[i]) - maximum[i];
            reaches = reaches && step >= 0;
            sum += step;
        }
        if (reaches) {
            return sum;
        }
    }
    return 0;
}

constexpr std::array kMetrics1 = {AV, PR, UI};
constexpr std::array kMetrics2 = {AC, AT};
constexpr std::array kMetrics36 = {VC, VI, VA, CR, IR, AR};
constexpr std::array kMetrics4 = {SC, SI, SA};
template <std::size_t Metrics, std::size_t Maxima>
using Severest = std::array<std::array<int, Metrics>, Maxima>;

int distance_1(const Levels& levels, int eq1) {
    if (eq1 == 0) {
        return distance(levels, kMetrics1, Severest<3, 1>{{{0, 0, 0}}});
    }
    return eq1 == 1 ? distance(levels, kMetrics1, Severest<3, 3>{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}})
                    : distance(levels, kMetrics1, Severest<3, 2>{{{3, 0, 0}, {1, 1, 1}}});
}

int distance_2(const Levels& levels, int eq2) {
    return eq2 == 0 ? distance(levels, kMetrics2, Severest<2, 1>{{{0, 0}}})
                    : distance(levels, kMetrics2, Severest<2, 2>{{{1, 0}, {0, 1}}});
}

int distance_36(const Levels& levels, int eq3, int eq6) {
    if (eq3 == 0 && eq6 == 0) {
        return distance(levels, kMetrics36, Severest<6, 1>{{{0, 0, 0, 0, 0, 0}}});
    }
    if (eq3 == 0) {
        return distance(
            levels, kMetrics36, Severest<6, 2>{{{0, 0, 1, 1, 1, 0}, {0, 0, 0, 1, 1, 1}}});
    }
    if (eq3 == 1 && eq6 == 0) {
        return distance(
            levels, kMetrics36, Severest<6, 2>{{{1, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}}});
    }
    if (eq3 == 1) {
        return distance(
            levels,
            kMetrics36,
            Severest<6, 5>{
                {{1, 0, 1, 0, 1, 0},
                 {1, 0, 0, 0, 1, 1},
                 {0, 1, 0, 1, 0, 1},
                 {0, 1, 1, 1, 0, 0},
                 {1, 1, 0, 0, 0, 1}}});
    }
    return distance(levels, kMetrics36, Severest<6, 1>{{{1, 1, 1, 0, 0, 0}}});
}

int distance_4(const Levels& levels, int eq4) {
    constexpr std::array<Severest<3, 1>, 3> kMaxima = {{
        {{{1, 0, 0}}},
        {{{1, 1, 1}}},
        {{{2, 2, 2}}},
    }};
    return distance(levels, kMetrics4, kMaxima.at(static_cast<std::size_t>(eq4)));
}

// The next less severe class of EQ3 and EQ6 together; of two the one with the higher score.
std::optional<int> lower_score_36(const Macrovector& m) {
    Macrovector lower = m;
    if (m.eq3 == 2) {
        return std::nullopt;
    }
    if (m.eq3 == 0 && m.eq6 == 0) {
        lower.eq6 = 1;
        const int left = score_of(lower);
        lower = m;
        lower.eq3 = 1;
        return std::max(left, score_of(lower));
    }
    if (m.eq6 == 0) {
        lower.eq6 = 1;
    } else {
        ++lower.eq3;
    }
    return score_of(lower);
}

std::optional<int> lower_score(Macrovector m, int Macrovector::* eq, int last) {
    if (m.*eq == last) {
        return std::nullopt;
    }
    ++(m.*eq);
    return score_of(m);
}

// Distances within the classes, and how large they can become (specification, section 8.2).
constexpr int kCommon = 840;  // a multiple of all depths below

struct Step {
    std::optional<int> lower;  ///< score of the next lower macrovector in this class, tenths
    int distance = 0;
    int depth = 1;
};

std::array<Step, 5> steps_of(const Levels& levels, const Macrovector& m) {
    constexpr std::array kDepth1 = {1, 4, 5};
    constexpr std::array kDepth2 = {1, 2};
    constexpr std::array<std::array<int, 2>, 3> kDepth36 = {{{7, 6}, {8, 8}, {10, 10}}};
    constexpr std::array kDepth4 = {6, 5, 4};
    const auto at = [](int eq) {
        return static_cast<std::size_t>(eq);
    };
    return {{
        {lower_score(m, &Macrovector::eq1, 2), distance_1(levels, m.eq1), kDepth1.at(at(m.eq1))},
        {lower_score(m, &Macrovector::eq2, 1), distance_2(levels, m.eq2), kDepth2.at(at(m.eq2))},
        {lower_score_36(m),
         distance_36(levels, m.eq3, m.eq6),
         kDepth36.at(at(m.eq3)).at(at(m.eq6))},
        {lower_score(m, &Macrovector::eq4, 2), distance_4(levels, m.eq4), kDepth4.at(at(m.eq4))},
        {lower_score(m, &Macrovector::eq5, 2), 0, 1},
    }};
}

std::uint8_t score_of_levels(const Levels& levels) {
    const Macrovector macrovector = macrovector_of(levels);
    const int highest = score_of(macrovector);
    int lowered = 0;  // sum of the proportional distances, in tenths / kCommon
    int lower_classes = 0;
    for (const auto& step : steps_of(levels, macrovector)) {
        if (step.lower) {
            ++lower_classes;
            lowered += (highest - *step.lower) * step.distance * (kCommon / step.depth);
        }
    }
    const int divisor = kCommon * std::max(lower_classes, 1);
    const int exact = (highest * divisor) - lowered;
    const int rounded = ((2 * exact) + divisor) / (2 * divisor);  // half up
    return static_cast<std::uint8_t>(std::clamp(rounded, 0, 100));
}

bool has_no_impact(const Levels& l) {
    constexpr int kNone = 2;
    constexpr int kSubsequentNone = 3;
    return l[VC] == kNone && l[VI] == kNone && l[VA] == kNone && l[SC] == kSubsequentNone
        && l[SI] == kSubsequentNone && l[SA] == kSubsequentNone;
}

}  // namespace

Result<std::uint8_t> score_cvss4(std::string_view metrics) {
    THIMBLE_TRY(const auto choices, parse_cvss_metrics(metrics, kMetrics, CvssOrder::OfTheTable));
    const Levels levels = levels_of(choices);
    return has_no_impact(levels) ? std::uint8_t{0} : score_of_levels(levels);
}

}  // namespace thimble::model::detail
