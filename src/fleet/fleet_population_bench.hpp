#pragma once
/// @file A made-up fleet whose packages and versions are those that a catalog speaks of.

#include "thimble/assess/host_sections.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/fleet/fleet_index.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace thimble::fleet {

enum class Numbering : std::uint8_t {
    Cohort,  ///< hosts with equal lists have numbers next to each other
    Random,
    Told,  ///< as Cohort, and every tenth package of a list has a changelog that names ten vulnerabilities
};

/// Releases × roles × patch levels; every host has one of each. Equal arguments give equal fleets.
class Population {
public:
    static constexpr std::size_t kNames = 3'220;   // of each release
    static constexpr std::size_t kCommon = 250;    // which every role has
    static constexpr std::size_t kPackages = 700;  // of each host
    static constexpr std::size_t kRoles = 400;
    static constexpr std::size_t kLevels = 24;
    static constexpr std::size_t kToldOf = 10;
    static constexpr std::size_t kNamed = 10;

    explicit Population(const catalog::Catalog& catalog) {
        for (const auto& [id, version] : std::array<std::pair<const char*, const char*>, 6>{
                 {{"debian", "11"},
                  {"debian", "12"},
                  {"debian", "13"},
                  {"ubuntu", "22.04"},
                  {"ubuntu", "24.04"},
                  {"almalinux", "9"}}}) {
            add_release(catalog, id, version);
        }
        for (std::size_t role = 0; role < kRoles; ++role) {
            std::vector<std::size_t> names(kNames - kCommon);
            std::iota(names.begin(), names.end(), kCommon);
            std::shuffle(names.begin(), names.end(), random_);
            names.resize(kPackages - kCommon);
            for (std::size_t name = 0; name < kCommon; ++name) {
                names.push_back(name);
            }
            roles_.push_back(std::move(names));
        }
    }

    [[nodiscard]] JudgedPackages packages(
        std::size_t role, std::size_t level, Numbering numbering) const {
        const Release& release = releases_[role % releases_.size()];
        JudgedPackages judged{release.sections, {}};
        for (const std::size_t name : roles_[role]) {
            const Name& one = release.names[name];
            JudgedPackage& package = judged.packages.emplace_back();
            package.name = one.name;
            package.version = one.versions[level * one.versions.size() / kLevels];
            package.architecture = "amd64";
        }
        std::ranges::sort(judged.packages);
        for (std::size_t at = 0; numbering == Numbering::Told && at < judged.packages.size();
             at += kToldOf) {
            tell(judged, judged.packages[at]);
        }
        return judged;
    }

    /// Fills an index with `hosts` hosts, one cohort after the other.
    void fill(FleetIndex& index, std::uint32_t hosts, Numbering numbering) const {
        std::vector<HostNumber> numbers;
        for (std::uint32_t host = 0; host < hosts; ++host) {
            numbers.push_back(HostNumber{host});
        }
        if (numbering == Numbering::Random) {
            std::mt19937_64 random(2);
            std::shuffle(numbers.begin(), numbers.end(), random);
        }
        std::vector<Placement> placements;
        const std::size_t cohorts = kRoles * kLevels;
        for (std::size_t cohort = 0; cohort < cohorts; ++cohort) {
            const std::size_t first = hosts * cohort / cohorts;
            const std::size_t end = hosts * (cohort + 1) / cohorts;
            // Of one release next to each other, then of one role.
            const std::size_t in_order = cohort / kLevels;
            const std::size_t of_release = (kRoles + releases_.size() - 1) / releases_.size();
            const std::size_t role =
                in_order % of_release * releases_.size() + in_order / of_release;
            const std::size_t known_role = role < kRoles ? role : role % kRoles;
            const ListNumber list = index.intern(
                "cohort " + std::to_string(cohort),
                packages(known_role, cohort % kLevels, numbering));
            for (std::size_t host = first; host < end; ++host) {
                placements.push_back({numbers[host], list});
            }
        }
        index.fill(placements);
    }

private:
    struct Name {
        std::string name;
        std::vector<std::string> versions;
    };
    struct Release {
        std::vector<assess::SectionName> sections;
        std::vector<Name> names;
    };

    /// Ten that no feed knows, the same for each version of a package.
    static void tell(JudgedPackages& judged, const JudgedPackage& package) {
        JudgedChangelog& changelog =
            judged.changelogs.emplace_back(JudgedChangelog{package, package.version + "+next", {}});
        const std::size_t first = std::hash<std::string>()(package.name) % 80'000;
        for (std::size_t named = 0; named < kNamed; ++named) {
            changelog.vulnerabilities.push_back(
                "CVE-2099-" + std::to_string(10'000 + first + named));
        }
    }

    void add_release(const catalog::Catalog& catalog, const char* id, const char* version) {
        Release& release = releases_.emplace_back();
        release.sections = assess::sections_of({id, version, "", "", {}});
        for (const assess::SectionName& name : release.sections) {
            if (const auto section = *catalog.section(name.key)) {
                for (std::size_t i = 0; i < section->packages(); ++i) {
                    add_name(release, *section, section->package_name(i));
                }
                break;
            }
        }
        std::shuffle(release.names.begin(), release.names.end(), random_);
        for (std::size_t i = release.names.size(); i < kNames; ++i) {
            Name& name = release.names.emplace_back(Name{"unnamed-" + std::to_string(i), {}});
            for (int patch = 0; patch < 10; ++patch) {
                name.versions.push_back("1.0-" + std::to_string(patch));
            }
        }
    }

    /// The versions that fix something, and one below each.
    static void add_name(Release& release, const catalog::Section& section, std::string_view name) {
        const auto package = section.find(name);
        Name& one = release.names.emplace_back(Name{std::string(name), {}});
        const std::size_t count = package ? package->boundaries() : 0;
        const std::size_t taken = std::min(count, kLevels / 2);
        for (std::size_t i = 0; i < taken; ++i) {
            const std::string fix(package->boundary(i * count / taken));
            one.versions.push_back(fix + "~");
            one.versions.push_back(fix);
        }
        if (one.versions.empty()) {
            one.versions.emplace_back("1.0-1");
        }
    }

    std::mt19937_64 random_{1};
    std::vector<Release> releases_;
    std::vector<std::vector<std::size_t>> roles_;
};

}  // namespace thimble::fleet
