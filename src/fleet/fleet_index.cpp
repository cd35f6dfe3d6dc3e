#include "thimble/fleet/fleet_index.hpp"

#include "thimble/base/result.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace thimble::fleet {
namespace {

constexpr std::uint32_t kNoList = std::numeric_limits<std::uint32_t>::max();

void append_number(std::string& key, std::size_t number) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        key += static_cast<char>((number >> shift) & 0xFFU);
    }
}

}  // namespace

std::uint32_t FleetIndex::release_number(const std::vector<assess::SectionName>& sections) {
    // A fleet has a dozen of them.
    const auto known = std::ranges::find(releases_, sections, &IndexedRelease::sections);
    const auto number = static_cast<std::uint32_t>(known - releases_.begin());
    if (known == releases_.end()) {
        releases_.push_back({sections});
    }
    return number;
}

std::uint32_t FleetIndex::package_number(std::uint32_t release, const JudgedPackage& package) {
    std::string key;
    append_number(key, release);
    append_number(key, package.name.size());
    key += package.name;
    key += package.source_name;
    const auto [at, is_new] =
        package_numbers_.try_emplace(key, static_cast<std::uint32_t>(packages_.size()));
    if (is_new) {
        packages_.push_back({release, package.name, package.source_name, {}, 0});
        packages_by_name_[package.name].push_back(at->second);
        if (!package.source_name.empty() && package.source_name != package.name) {
            packages_by_name_[package.source_name].push_back(at->second);
        }
    }
    return at->second;
}

namespace {

/// The texts of a package, one after the other, and what stands before them in a key.
struct VersionKey {
    std::string text;
    std::size_t start = 0;
    std::array<std::uint32_t, 3> ends{};
};

/// @param head  what else tells it from others
VersionKey version_key(std::string head, const JudgedPackage& judged) {
    VersionKey key{std::move(head), 0, {}};
    std::size_t end = 0;
    for (std::size_t i = 0; i < key.ends.size(); ++i) {
        end +=
            (std::array{&judged.version, &judged.source_version, &judged.architecture})[i]->size();
        key.ends[i] = static_cast<std::uint32_t>(end);
        append_number(key.text, end);
    }
    key.start = key.text.size();
    key.text += judged.version;
    key.text += judged.source_version;
    key.text += judged.architecture;
    key.text += judged.module_stream;
    return key;
}

}  // namespace

std::uint32_t FleetIndex::version_number(std::uint32_t package, const JudgedPackage& judged) {
    std::string head;
    append_number(head, package);
    VersionKey key = version_key(std::move(head), judged);
    const auto [at, is_new] = version_numbers_.try_emplace(
        std::move(key.text), static_cast<std::uint32_t>(versions_.size()));
    if (is_new) {
        versions_.push_back(
            {package, std::string_view(at->first).substr(key.start), key.ends, 0, {}});
        packages_[package].versions.push_back(at->second);
    }
    return at->second;
}

std::uint32_t FleetIndex::number_of_named(const std::string& id) {
    const auto [at, is_new] =
        named_numbers_.try_emplace(id, static_cast<std::uint32_t>(named_.size()));
    if (is_new) {
        named_.emplace_back(at->first);
        changelogs_naming_.emplace_back();
    }
    return at->second;
}

std::uint32_t FleetIndex::changelog_number(std::uint32_t package, const JudgedChangelog& judged) {
    IndexedChangelog changelog{judged.to_version, {}};
    std::string head;
    append_number(head, package);
    append_number(head, judged.to_version.size());
    head += judged.to_version;
    append_number(head, judged.vulnerabilities.size());
    for (const std::string& id : judged.vulnerabilities) {
        changelog.vulnerabilities.push_back(number_of_named(id));
        append_number(head, changelog.vulnerabilities.back());
    }
    VersionKey key = version_key(std::move(head), judged.package);
    const auto [at, is_new] = changelog_numbers_.try_emplace(
        std::move(key.text), static_cast<std::uint32_t>(versions_.size()));
    if (is_new) {
        for (const std::uint32_t named : changelog.vulnerabilities) {
            changelogs_naming_[named].push_back(at->second);
        }
        changelogs_.push_back(std::move(changelog));
        versions_.push_back(
            {package,
             std::string_view(at->first).substr(key.start),
             key.ends,
             static_cast<std::uint32_t>(changelogs_.size()),
             {}});
        changelogs_of_[package].push_back(at->second);
    }
    return at->second;
}

std::optional<ListNumber> FleetIndex::list_of(std::string_view key) const {
    const auto known = list_numbers_.find(std::string(key));
    return known == list_numbers_.end() ? std::nullopt : std::optional(ListNumber{known->second});
}

ListNumber FleetIndex::intern(const std::string& key, const JudgedPackages& judged) {
    if (const auto known = list_of(key)) {
        return *known;
    }
    const std::vector<std::uint32_t> versions = numbers_of(judged);
    count_pairs(versions, true);
    std::uint32_t number = 0;
    if (free_lists_.empty()) {
        number = static_cast<std::uint32_t>(lists_.size());
        lists_.emplace_back();
    } else {
        number = free_lists_.back();
        free_lists_.pop_back();
    }
    lists_[number] = {key, VersionList(versions), 0, judged.has_unread_changelogs};
    list_numbers_.emplace(key, number);
    return ListNumber{number};
}

/// Of what a list holds; ascending, each once.
std::vector<std::uint32_t> FleetIndex::numbers_of(const JudgedPackages& judged) {
    const std::uint32_t release = release_number(judged.release);
    const auto package_of = [&](const JudgedPackage& package) {
        const std::uint32_t judge = package.section.empty()
            ? release
            : release_number({{package.section, assess::Channel::Standard}});
        return package_number(judge, package);
    };
    std::vector<std::uint32_t> numbers;
    numbers.reserve(judged.packages.size() + judged.changelogs.size());
    for (const JudgedPackage& package : judged.packages) {
        numbers.push_back(version_number(package_of(package), package));
    }
    for (const JudgedChangelog& changelog : judged.changelogs) {
        numbers.push_back(changelog_number(package_of(changelog.package), changelog));
    }
    std::ranges::sort(numbers);
    const auto repeated = std::ranges::unique(numbers);
    numbers.erase(repeated.begin(), repeated.end());
    return numbers;
}

/// Keeps count of the lists that hold more than one version of a package.
void FleetIndex::count_pairs(const std::vector<std::uint32_t>& versions, bool is_new) {
    std::vector<std::uint32_t> packages;
    packages.reserve(versions.size());
    for (const std::uint32_t version : versions) {
        if (versions_[version].changelog == 0) {
            packages.push_back(versions_[version].package);
        }
    }
    std::ranges::sort(packages);
    for (auto at = packages.begin(); at != packages.end();) {
        const auto next =
            std::find_if(at, packages.end(), [at](auto other) { return other != *at; });
        if (next - at > 1) {
            std::uint32_t& lists = packages_[*at].lists_with_two;
            lists = is_new ? lists + 1 : lists - 1;
        }
        at = next;
    }
}

/// Gives a host its list. A host that had another is moved and done; of one that had none, which
/// is told by true, the sets do not know yet.
bool FleetIndex::place(HostNumber host, ListNumber list) {
    const auto number = static_cast<std::uint32_t>(host);
    if (const auto before = list_of(host)) {
        if (*before != list) {
            move(host, *before, list);
        }
        return false;
    }
    if (number >= list_of_host_.size()) {
        list_of_host_.resize(std::size_t{number} + 1, kNoList);
    }
    list_of_host_[number] = static_cast<std::uint32_t>(list);
    ++lists_.at(static_cast<std::uint32_t>(list)).hosts;
    ++hosts_;
    return true;
}

void FleetIndex::put(std::span<const HostNumber> hosts, ListNumber list) {
    std::vector<HostNumber> fresh;
    std::ranges::copy_if(
        hosts, std::back_inserter(fresh), [&](HostNumber host) { return place(host, list); });
    if (fresh.size() == 1) {
        versions_of(list).each(
            [&](std::uint32_t version) { versions_[version].hosts.add(fresh[0]); });
    } else if (!fresh.empty()) {
        const HostSet together = HostSet::of(fresh);
        versions_of(list).each(
            [&](std::uint32_t version) { versions_[version].hosts.add_all(together); });
    }
}

void FleetIndex::move(HostNumber host, ListNumber from, ListNumber to) {
    const std::vector<std::uint32_t> before = versions_of(from).numbers();
    const std::vector<std::uint32_t> after = versions_of(to).numbers();
    std::vector<std::uint32_t> changed;
    std::ranges::set_difference(before, after, std::back_inserter(changed));
    for (const std::uint32_t version : changed) {
        versions_[version].hosts.remove(host);
    }
    changed.clear();
    std::ranges::set_difference(after, before, std::back_inserter(changed));
    for (const std::uint32_t version : changed) {
        versions_[version].hosts.add(host);
    }
    list_of_host_[static_cast<std::uint32_t>(host)] = static_cast<std::uint32_t>(to);
    ++lists_[static_cast<std::uint32_t>(to)].hosts;
    release(from);
}

void FleetIndex::remove(HostNumber host) {
    const auto list = list_of(host);
    if (!list) {
        return;
    }
    versions_of(*list).each([&](std::uint32_t version) { versions_[version].hosts.remove(host); });
    list_of_host_[static_cast<std::uint32_t>(host)] = kNoList;
    --hosts_;
    release(*list);
}

/// One host fewer has the list; without any it goes.
void FleetIndex::release(ListNumber list) {
    const auto number = static_cast<std::uint32_t>(list);
    List& left = lists_[number];
    THIMBLE_CHECK(left.hosts > 0);
    if (--left.hosts == 0) {
        count_pairs(left.versions.numbers(), false);
        list_numbers_.erase(left.key);
        left = {};
        free_lists_.push_back(number);
    }
}

void FleetIndex::compact() {
    for (IndexedVersion& version : versions_) {
        version.hosts.compact();
    }
}

std::span<const std::uint32_t> FleetIndex::packages_named(std::string_view name) const {
    const auto known = packages_by_name_.find(std::string(name));
    return known == packages_by_name_.end() ? std::span<const std::uint32_t>{}
                                            : std::span<const std::uint32_t>{known->second};
}

std::span<const std::uint32_t> FleetIndex::changelogs_of(std::uint32_t package) const {
    const auto known = changelogs_of_.find(package);
    return known == changelogs_of_.end() ? std::span<const std::uint32_t>{}
                                         : std::span<const std::uint32_t>{known->second};
}

std::span<const std::uint32_t> FleetIndex::changelogs_naming(std::string_view id) const {
    const auto known = named_numbers_.find(std::string(id));
    return known == named_numbers_.end()
        ? std::span<const std::uint32_t>{}
        : std::span<const std::uint32_t>{changelogs_naming_[known->second]};
}

HostSet FleetIndex::hosts_with_unread_changelogs() const {
    std::vector<HostNumber> hosts;
    for (std::uint32_t host = 0; host < list_of_host_.size(); ++host) {
        const std::uint32_t list = list_of_host_[host];
        if (list != kNoList && lists_[list].has_unread_changelogs) {
            hosts.push_back(HostNumber{host});
        }
    }
    return HostSet::of(hosts);
}

assess::Asked FleetIndex::asked(const IndexedVersion& version) const {
    const IndexedPackage& package = packages_[version.package];
    const auto part = [&version](std::uint32_t from, std::uint32_t to) {
        return version.text.substr(from, to - from);
    };
    return {
        package.name,
        part(0, version.ends[0]),
        package.source_name,
        part(version.ends[0], version.ends[1]),
        part(version.ends[1], version.ends[2]),
        version.text.substr(version.ends[2])};
}

const VersionList& FleetIndex::versions_of(ListNumber list) const {
    return lists_.at(static_cast<std::uint32_t>(list)).versions;
}

std::optional<ListNumber> FleetIndex::list_of(HostNumber host) const {
    const auto number = static_cast<std::uint32_t>(host);
    if (number >= list_of_host_.size() || list_of_host_[number] == kNoList) {
        return std::nullopt;
    }
    return ListNumber{list_of_host_[number]};
}

}  // namespace thimble::fleet
