#pragma once
/// @file A fleet index against one catalog: each version is asked once, whatever the number of hosts. Pure.

#include "thimble/assess/section_judge.hpp"
#include "thimble/base/result.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/fleet/fleet_index.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace thimble::fleet {

/// Where an advisory, or a vulnerability, applies.
struct AdvisoryTarget {
    std::string_view section;  ///< "Debian:12"
    std::string_view
        package;  ///< as the section names it, in any spelling that its ecosystem folds
    std::string_view vulnerability;  ///< id, as the catalog has it
    bool operator==(const AdvisoryTarget&) const = default;
};

/// What is open in one version, in short. What only ages, such as a score of likelihood, is not in it.
struct VersionStanding {
    std::uint32_t open = 0;       ///< vulnerabilities
    std::uint32_t exploited = 0;  ///< of these: known to be exploited
    /// Changes when another verdict is given, or when other facts are known of a vulnerability that is open.
    std::uint64_t digest = 0;
    bool operator==(const VersionStanding&) const = default;
};

/// What decides of a fact of a section.
struct FactNote {
    std::uint32_t vulnerability = 0;  ///< number of its id, over all sections
    bool exploited = false;
    std::uint64_t digest = 0;  ///< of everything that a decision rests on, but for EPSS
};

/// The facts of some sections, numbered by their ids.
struct FactNotes {
    std::vector<std::vector<FactNote>> sections;  ///< by OpenSection::index and fact
    std::vector<FactNote> named;                  ///< by number of FleetIndex::named
    std::vector<std::string_view>
        vulnerabilities;  ///< ids by number; valid as long as the catalog and the index
};

/// How many hosts have a vulnerability open in one package.
struct PackageFinding {
    std::uint32_t package = 0;        ///< of the index
    std::uint32_t vulnerability = 0;  ///< FactNotes::vulnerabilities
    std::uint32_t hosts = 0;
    bool operator==(const PackageFinding&) const = default;
};

/// Opens the sections that speak for a fleet. The index and the catalog outlive it and do not change.
class FleetJudge {
public:
    /// O(releases); each extent is checked when it is first opened.
    /// @error Corrupt "catalog.corrupt"
    static Result<FleetJudge> over(const FleetIndex& index, const catalog::Catalog& catalog);

    /// The hosts on which any of `targets` is open.
    /// O(packages of that name × (log facts + versions × log rows)) and one union of the sets of those that are open.
    [[nodiscard]] HostSet affected(std::span<const AdvisoryTarget> targets) const;

    /// The hosts on which a vulnerability is open, in whatever package; nothing when neither a section that
    /// speaks for a host of the fleet knows it, nor a changelog that a host has told names it.
    /// O(packages of the releases whose sections know it + changelogs that name it).
    [[nodiscard]] std::optional<HostSet> affected(std::string_view vulnerability) const;

    /// What is open in one version, one verdict per vulnerability. O(rows of the package).
    void each_open(
        std::uint32_t version,
        const std::function<void(const assess::SectionVerdict&)>& take) const;

    /// What is open by a changelog alone: what it names, and whoever judges the package has no word on.
    /// @param version  one that is of a changelog
    /// @param take     is given numbers of FleetIndex::named
    /// O(vulnerabilities × log facts).
    void each_named(
        std::uint32_t version, const std::function<void(std::uint32_t named)>& take) const;

    /// O(facts of the sections + vulnerabilities that changelogs name).
    /// @error Corrupt "catalog.corrupt"
    [[nodiscard]] Result<FactNotes> note_facts() const;

    /// Room for the work on one package after the other; of one thread.
    class Scratch {
    public:
        explicit Scratch(const FactNotes& notes)
            : notes_(&notes), hosts_(notes.vulnerabilities.size()) {}

    private:
        friend class FleetJudge;
        const FactNotes* notes_;
        std::vector<std::uint32_t> hosts_;  // by vulnerability; all 0 between two packages
        std::vector<std::uint32_t> touched_;
        std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs_;  // vulnerability, version
    };
    /// Asks for every version of one package that a host has.
    /// @param standings  by number of the version; those of the package are written
    /// @param findings   those of the package are added, by vulnerability
    /// O(versions × rows of the package).
    void judge_package(
        std::uint32_t package,
        Scratch& scratch,
        std::span<VersionStanding> standings,
        std::vector<PackageFinding>& findings) const;

private:
    FleetJudge(const FleetIndex& index, const catalog::Catalog& catalog)
        : index_(&index), catalog_(&catalog) {}
    Result<void> open(const catalog::Catalog& catalog, const IndexedRelease& release);
    void add_open(
        const IndexedPackage& package,
        const assess::VulnerabilityJudge& judge,
        std::vector<const HostSet*>& open) const;
    [[nodiscard]] bool opens(const IndexedVersion& changelog, std::string_view vulnerability) const;
    bool add_named(
        std::string_view vulnerability,
        std::optional<std::uint32_t> package,
        std::vector<const HostSet*>& open) const;
    VersionStanding judge_changelog(std::uint32_t number, Scratch& scratch) const;
    VersionStanding judge_version(std::uint32_t number, Scratch& scratch) const;
    void count_unions(Scratch& scratch) const;

    const FleetIndex* index_;
    const catalog::Catalog* catalog_;
    std::deque<assess::OpenSection> sections_;                       // stable addresses
    std::vector<std::vector<const assess::OpenSection*>> speaking_;  // by release of the index
};

}  // namespace thimble::fleet
