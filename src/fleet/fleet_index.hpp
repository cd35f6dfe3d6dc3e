#pragma once
/// @file Which hosts have which version of which package, turned around: from the version to its hosts.

#include "thimble/assess/section_judge.hpp"
#include "thimble/fleet/host_set.hpp"
#include "thimble/fleet/judged_packages.hpp"
#include "thimble/fleet/version_list.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace thimble::fleet {

/// The sections that judge some packages together.
struct IndexedRelease {
    std::vector<assess::SectionName> sections;
};

/// One name of one release, and every version of it that a host has or had.
struct IndexedPackage {
    std::uint32_t release = 0;
    std::string name;
    std::string source_name;
    std::vector<std::uint32_t> versions;  ///< ascending
    /// How many lists hold two of its versions: 0 means that its hosts can be added up.
    std::uint32_t lists_with_two = 0;
};

/// One version and its hosts, or what changelogs of an update of that version name and the hosts that were told so.
/// Both have numbers of one row, and are members of lists. Those that no host has any more keep their number.
struct IndexedVersion {
    std::uint32_t package = 0;
    std::string_view
        text;  ///< version, source version, architecture and stream, one after the other
    std::array<std::uint32_t, 3> ends{};  ///< in `text`, of the first three
    std::uint32_t changelog = 0;  ///< of FleetIndex::changelog, from 1; 0: it is a version itself
    HostSet hosts;
};

/// What a changelog names.
struct IndexedChangelog {
    std::string to_version;
    std::vector<std::uint32_t> vulnerabilities;  ///< of FleetIndex::named, ascending ids, each once
};

/// A list of packages that at least one host has.
enum class ListNumber : std::uint32_t {};

/// Which list a host has.
struct Placement {
    HostNumber host{};
    ListNumber list{};
};

/// The packages of a fleet, and what changelogs name for them. Everything is interned: a name, a
/// version and a whole list of packages are kept once, however many hosts have them. Invariant: a host is in the set of a version when, and only
/// when, the version is in the host's list. Of one thread while it changes; of any number while it does
/// not.
class FleetIndex {
public:
    FleetIndex() = default;
    FleetIndex(const FleetIndex&) = delete;
    FleetIndex& operator=(const FleetIndex&) = delete;
    FleetIndex(FleetIndex&&) = default;
    FleetIndex& operator=(FleetIndex&&) = default;
    ~FleetIndex() = default;

    /// The list with that key, when a host has it.
    [[nodiscard]] std::optional<ListNumber> list_of(std::string_view key) const;
    /// Takes in a list; again at no cost. O(packages). The number holds until the last host with it goes.
    ListNumber intern(const std::string& key, const JudgedPackages& judged);

    /// Gives hosts a list, in the place of the one that they have. New hosts are added together, so that
    /// many cost little more than one: O(packages of the list). For a host that had another list:
    /// O(packages), and one change for each version that is not in both.
    /// @param hosts  in any order; each once
    void put(std::span<const HostNumber> hosts, ListNumber list);
    /// put for a whole fleet, as at a start: each set is made once, so that no memory is lost to growing.
    /// O(sum of the packages of the lists, and of the sets).
    void fill(std::span<const Placement> placements);
    /// Forgets a host; one that is not known is none. O(packages).
    void remove(HostNumber host);
    /// After many changes. O(versions).
    void compact();

    [[nodiscard]] std::size_t hosts() const { return hosts_; }
    [[nodiscard]] std::span<const IndexedRelease> releases() const { return releases_; }
    [[nodiscard]] std::span<const IndexedPackage> packages() const { return packages_; }
    [[nodiscard]] std::span<const IndexedVersion> versions() const { return versions_; }
    /// Packages with this name or source name, ascending; of every release.
    [[nodiscard]] std::span<const std::uint32_t> packages_named(std::string_view name) const;
    [[nodiscard]] assess::Asked asked(const IndexedVersion& version) const;
    /// @param version  one that is of a changelog
    [[nodiscard]] const IndexedChangelog& changelog(const IndexedVersion& version) const {
        return changelogs_[version.changelog - 1];
    }
    /// The changelogs that speak of versions of a package, ascending; numbers as of versions. Few packages have any.
    [[nodiscard]] std::span<const std::uint32_t> changelogs_of(std::uint32_t package) const;
    /// Ids of all vulnerabilities that a changelog ever named, by number.
    [[nodiscard]] std::span<const std::string_view> named() const { return named_; }
    /// The changelogs that name a vulnerability, ascending; numbers as of versions.
    [[nodiscard]] std::span<const std::uint32_t> changelogs_naming(std::string_view id) const;
    /// Hosts with changelogs that nobody has read. O(hosts).
    [[nodiscard]] HostSet hosts_with_unread_changelogs() const;

    /// One more than the greatest number of a list, or of a host, that was ever given.
    [[nodiscard]] std::size_t list_limit() const { return lists_.size(); }
    [[nodiscard]] std::size_t host_limit() const { return list_of_host_.size(); }
    /// Empty where no host has the list.
    [[nodiscard]] const VersionList& versions_of(ListNumber list) const;
    [[nodiscard]] std::optional<ListNumber> list_of(HostNumber host) const;

    /// Everything that the index says, as lines that do not depend on the order in which it came.
    /// "RELEASE TAB NAME TAB … TAB HOSTS" for each version that a host has, "changelog TAB … TAB TO
    /// TAB IDS TAB HOSTS" for what changelogs name; then "list TAB KEY TAB HOSTS", "unread TAB HOSTS".
    [[nodiscard]] std::string dump() const;
    /// Bytes of the sets of hosts, and of the lists.
    [[nodiscard]] std::size_t set_bytes() const;
    [[nodiscard]] std::size_t list_bytes() const;

private:
    [[nodiscard]] std::string line_of(const IndexedVersion& version) const;
    struct List {
        std::string key;
        VersionList versions;
        std::uint32_t hosts = 0;
        bool has_unread_changelogs = false;
    };

    std::uint32_t release_number(const std::vector<assess::SectionName>& sections);
    std::uint32_t package_number(std::uint32_t release, const JudgedPackage& package);
    std::uint32_t version_number(std::uint32_t package, const JudgedPackage& judged);
    std::uint32_t changelog_number(std::uint32_t package, const JudgedChangelog& judged);
    std::uint32_t number_of_named(const std::string& id);
    std::vector<std::uint32_t> numbers_of(const JudgedPackages& judged);
    void count_pairs(const std::vector<std::uint32_t>& versions, bool is_new);
    bool place(HostNumber host, ListNumber list);
    void move(HostNumber host, ListNumber from, ListNumber to);
    void release(ListNumber list);

    std::vector<IndexedRelease> releases_;
    std::vector<IndexedPackage> packages_;
    std::vector<IndexedVersion> versions_;
    std::unordered_map<std::string, std::uint32_t> package_numbers_;
    std::unordered_map<std::string, std::uint32_t>
        version_numbers_;  // keys hold the versions' texts
    std::vector<IndexedChangelog> changelogs_;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> changelogs_of_;  // by package
    std::unordered_map<std::string, std::uint32_t>
        changelog_numbers_;                // keys hold the texts, as those of versions
    std::vector<std::string_view> named_;  // in the keys of named_numbers_
    std::unordered_map<std::string, std::uint32_t> named_numbers_;
    std::vector<std::vector<std::uint32_t>> changelogs_naming_;  // by number of named_
    std::unordered_map<std::string, std::vector<std::uint32_t>> packages_by_name_;
    std::vector<List> lists_;
    std::vector<std::uint32_t> free_lists_;
    std::unordered_map<std::string, std::uint32_t> list_numbers_;
    std::vector<std::uint32_t> list_of_host_;
    std::size_t hosts_ = 0;
};

}  // namespace thimble::fleet
