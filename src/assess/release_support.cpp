#include "thimble/assess/release_support.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace thimble::assess {
namespace {

struct Release {
    std::string_view os_id;
    std::string_view version;  // the leading parts of VERSION_ID that name the release
    int year;
    unsigned month;
    unsigned day;
};

constexpr std::array kReleases{
    Release{"debian", "6", 2016, 2, 29},     Release{"debian", "7", 2018, 5, 31},
    Release{"debian", "8", 2020, 6, 30},     Release{"debian", "9", 2022, 6, 30},
    Release{"debian", "10", 2024, 6, 30},    Release{"debian", "11", 2026, 8, 31},
    Release{"debian", "12", 2028, 6, 30},    Release{"debian", "13", 2030, 6, 30},
    Release{"ubuntu", "14.04", 2019, 4, 30}, Release{"ubuntu", "16.04", 2021, 4, 30},
    Release{"ubuntu", "18.04", 2023, 5, 31}, Release{"ubuntu", "20.04", 2025, 5, 31},
    Release{"ubuntu", "22.04", 2027, 4, 30}, Release{"ubuntu", "24.04", 2029, 4, 30},
    Release{"ubuntu", "26.04", 2031, 4, 30}, Release{"alpine", "3.8", 2020, 5, 1},
    Release{"alpine", "3.9", 2020, 11, 1},   Release{"alpine", "3.10", 2021, 5, 1},
    Release{"alpine", "3.11", 2021, 11, 1},  Release{"alpine", "3.12", 2022, 5, 1},
    Release{"alpine", "3.13", 2022, 11, 1},  Release{"alpine", "3.14", 2023, 5, 1},
    Release{"alpine", "3.15", 2023, 11, 1},  Release{"alpine", "3.16", 2024, 5, 23},
    Release{"alpine", "3.17", 2024, 11, 22}, Release{"alpine", "3.18", 2025, 5, 9},
    Release{"alpine", "3.19", 2025, 11, 1},  Release{"alpine", "3.20", 2026, 4, 1},
    Release{"alpine", "3.21", 2026, 11, 1},  Release{"alpine", "3.22", 2027, 5, 1},
    Release{"alpine", "3.23", 2027, 11, 1},  Release{"almalinux", "8", 2029, 3, 1},
    Release{"almalinux", "9", 2032, 5, 31},  Release{"almalinux", "10", 2035, 5, 31},
    Release{"rocky", "8", 2029, 5, 31},      Release{"rocky", "9", 2032, 5, 31},
    Release{"rocky", "10", 2035, 5, 31},
};

bool names(std::string_view version_id, std::string_view release) {
    return version_id.starts_with(release)
        && (version_id.size() == release.size() || version_id[release.size()] == '.');
}

}  // namespace

std::optional<Instant> support_end(const model::OsRelease& os) {
    const auto* at = std::find_if(kReleases.begin(), kReleases.end(), [&os](const Release& row) {
        return row.os_id == os.id && names(os.version_id, row.version);
    });
    if (at == kReleases.end()) {
        return std::nullopt;
    }
    const std::chrono::sys_days last{
        std::chrono::year{at->year} / std::chrono::month{at->month} / std::chrono::day{at->day}};
    return last + Days{1};
}

}  // namespace thimble::assess
