#include "thimble/model/debian_release.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace thimble::model {
namespace {

using Day = std::optional<std::chrono::sys_days>;

constexpr Day kNone = std::nullopt;

constexpr Day day(int year, unsigned month, unsigned of_month) {
    return std::chrono::sys_days{
        std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
}

constexpr auto kReleases = std::to_array<DistributionRelease>({
    {"Debian", "1.1", "buzz", day(1997, 6, 5), kNone},
    {"Debian", "1.2", "rex", day(1998, 6, 5), kNone},
    {"Debian", "1.3", "bo", day(1999, 3, 9), kNone},
    {"Debian", "2.0", "hamm", day(2000, 3, 9), kNone},
    {"Debian", "2.1", "slink", day(2000, 10, 30), kNone},
    {"Debian", "2.2", "potato", day(2003, 6, 30), kNone},
    {"Debian", "3.0", "woody", day(2006, 6, 30), kNone},
    {"Debian", "3.1", "sarge", day(2008, 3, 31), kNone},
    {"Debian", "4.0", "etch", day(2010, 2, 15), kNone},
    {"Debian", "5.0", "lenny", day(2012, 2, 6), kNone},
    {"Debian", "6.0", "squeeze", day(2014, 5, 31), day(2016, 2, 29)},
    {"Debian", "7", "wheezy", day(2016, 4, 25), day(2018, 5, 31)},
    {"Debian", "8", "jessie", day(2018, 6, 17), day(2020, 6, 30)},
    {"Debian", "9", "stretch", day(2020, 7, 18), day(2022, 6, 30)},
    {"Debian", "10", "buster", day(2022, 9, 10), day(2024, 6, 30)},
    {"Debian", "11", "bullseye", day(2024, 8, 14), day(2026, 8, 31)},
    {"Debian", "12", "bookworm", day(2026, 7, 11), day(2028, 6, 30)},
    {"Debian", "13", "trixie", day(2028, 8, 9), day(2030, 6, 30)},
    {"Debian", "14", "forky", kNone, kNone},
    {"Debian", "15", "duke", kNone, kNone},
    {"Ubuntu", "14.04", "trusty", day(2019, 4, 25), day(2024, 4, 25)},
    {"Ubuntu", "14.10", "utopic", day(2015, 7, 23), kNone},
    {"Ubuntu", "15.04", "vivid", day(2016, 2, 4), kNone},
    {"Ubuntu", "15.10", "wily", day(2016, 7, 28), kNone},
    {"Ubuntu", "16.04", "xenial", day(2021, 4, 30), day(2026, 4, 23)},
    {"Ubuntu", "16.10", "yakkety", day(2017, 7, 20), kNone},
    {"Ubuntu", "17.04", "zesty", day(2018, 1, 13), kNone},
    {"Ubuntu", "17.10", "artful", day(2018, 7, 19), kNone},
    {"Ubuntu", "18.04", "bionic", day(2023, 5, 31), day(2028, 4, 26)},
    {"Ubuntu", "18.10", "cosmic", day(2019, 7, 18), kNone},
    {"Ubuntu", "19.04", "disco", day(2020, 1, 23), kNone},
    {"Ubuntu", "19.10", "eoan", day(2020, 7, 17), kNone},
    {"Ubuntu", "20.04", "focal", day(2025, 5, 29), day(2030, 4, 23)},
    {"Ubuntu", "20.10", "groovy", day(2021, 7, 22), kNone},
    {"Ubuntu", "21.04", "hirsute", day(2022, 1, 20), kNone},
    {"Ubuntu", "21.10", "impish", day(2022, 7, 14), kNone},
    {"Ubuntu", "22.04", "jammy", day(2027, 6, 1), day(2032, 4, 21)},
    {"Ubuntu", "22.10", "kinetic", day(2023, 7, 20), kNone},
    {"Ubuntu", "23.04", "lunar", day(2024, 1, 25), kNone},
    {"Ubuntu", "23.10", "mantic", day(2024, 7, 11), kNone},
    {"Ubuntu", "24.04", "noble", day(2029, 5, 31), day(2034, 4, 25)},
    {"Ubuntu", "24.10", "oracular", day(2025, 7, 10), kNone},
    {"Ubuntu", "25.04", "plucky", day(2026, 1, 15), kNone},
    {"Ubuntu", "25.10", "questing", day(2026, 7, 9), kNone},
    {"Ubuntu", "26.04", "resolute", day(2031, 5, 29), day(2036, 4, 23)},
    {"Alpine", "v3.10", "", day(2021, 5, 1), kNone},
    {"Alpine", "v3.11", "", day(2021, 11, 1), kNone},
    {"Alpine", "v3.12", "", day(2022, 5, 1), kNone},
    {"Alpine", "v3.13", "", day(2022, 11, 1), kNone},
    {"Alpine", "v3.14", "", day(2023, 5, 1), kNone},
    {"Alpine", "v3.15", "", day(2023, 11, 1), kNone},
    {"Alpine", "v3.16", "", day(2024, 5, 23), kNone},
    {"Alpine", "v3.17", "", day(2024, 11, 22), kNone},
    {"Alpine", "v3.18", "", day(2025, 5, 9), kNone},
    {"Alpine", "v3.19", "", day(2025, 11, 1), kNone},
    {"Alpine", "v3.20", "", day(2026, 4, 1), kNone},
    {"Alpine", "v3.21", "", day(2026, 11, 1), kNone},
    {"Alpine", "v3.22", "", day(2027, 5, 1), kNone},
    {"Alpine", "v3.23", "", day(2027, 11, 1), kNone},
    {"AlmaLinux", "8", "", day(2029, 3, 1), kNone},
    {"AlmaLinux", "9", "", day(2032, 5, 31), kNone},
    {"AlmaLinux", "10", "", day(2035, 5, 31), kNone},
    {"Rocky Linux", "8", "", day(2029, 5, 31), kNone},
    {"Rocky Linux", "9", "", day(2032, 5, 31), kNone},
    {"Rocky Linux", "10", "", day(2035, 5, 31), kNone},
});

bool equal_folded(std::string_view left, std::string_view right) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::ranges::equal(
        left, right, [lower](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

std::span<const DistributionRelease> distribution_releases() {
    return kReleases;
}

const DistributionRelease* find_release(
    std::string_view distribution, std::string_view version_or_codename) {
    for (const DistributionRelease& release : kReleases) {
        const bool same_version = release.version == version_or_codename
            || (release.version.starts_with('v')
                && release.version.substr(1) == version_or_codename);
        const bool same_codename =
            !release.codename.empty() && release.codename == version_or_codename;
        if ((same_version || same_codename) && equal_folded(release.distribution, distribution)) {
            return &release;
        }
    }
    return nullptr;
}

std::string debian_ecosystem(std::string_view codename) {
    const DistributionRelease* release = find_release("Debian", codename);
    return "Debian:" + std::string(release != nullptr ? release->version : codename);
}

}  // namespace thimble::model
