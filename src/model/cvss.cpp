#include "thimble/model/cvss.hpp"

#include "thimble/base/result.hpp"
#include "thimble/model/detail/cvss_versions.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace thimble::model {

namespace {

struct Version {
    std::string_view prefix;
    std::uint8_t number;
    Result<std::uint8_t> (*score)(std::string_view metrics);
};

constexpr std::array kVersions = {
    Version{"CVSS:3.1/", 31, detail::score_cvss31},
    Version{"CVSS:3.0/", 30, detail::score_cvss30},
    Version{"CVSS:4.0/", 40, detail::score_cvss4},
};

constexpr std::uint8_t kLow = 1;
constexpr std::uint8_t kMedium = 40;
constexpr std::uint8_t kHigh = 70;
constexpr std::uint8_t kCritical = 90;

constexpr Severity rate(std::uint8_t tenths) {
    if (tenths < kLow) {
        return Severity::None;
    }
    if (tenths < kMedium) {
        return Severity::Low;
    }
    if (tenths < kHigh) {
        return Severity::Medium;
    }
    return tenths < kCritical ? Severity::High : Severity::Critical;
}

// CVSS 2.0 itself has no ratings; these are the bands of the NVD.
constexpr Severity rate_cvss2(std::uint8_t tenths) {
    if (tenths < kMedium) {
        return Severity::Low;
    }
    return tenths < kHigh ? Severity::Medium : Severity::High;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Result<Cvss> parse_cvss2(std::string_view vector) {
    if (vector.starts_with('(') && vector.ends_with(')')) {
        vector = vector.substr(1, vector.size() - 2);
    }
    THIMBLE_TRY(const auto tenths, detail::score_cvss2(vector));
    return Cvss{20, tenths, rate_cvss2(tenths)};
}

}  // namespace

std::string_view severity_name(Severity severity) {
    switch (severity) {
        case Severity::Unknown: return "Unknown";
        case Severity::None: return "None";
        case Severity::Low: return "Low";
        case Severity::Medium: return "Medium";
        case Severity::High: return "High";
        case Severity::Critical: return "Critical";
    }
    return "Unknown";
}

Result<Cvss> parse_cvss(std::string_view vector) {
    vector = trim(vector);
    if (vector.empty()) {
        return detail::bad_cvss("empty");
    }
    for (const auto& version : kVersions) {
        if (vector.starts_with(version.prefix)) {
            THIMBLE_TRY(const auto tenths, version.score(vector.substr(version.prefix.size())));
            return Cvss{version.number, tenths, rate(tenths)};
        }
    }
    if (vector.starts_with("CVSS")) {
        return detail::bad_cvss("unknown version prefix");
    }
    return parse_cvss2(vector);
}

}  // namespace thimble::model
