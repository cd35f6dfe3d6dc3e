#include "thimble/fleet/reassess.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <tuple>
#include <utility>

namespace thimble::fleet {
namespace {

/// Calls `work` in each thread until it says that nothing is left.
void in_threads(unsigned threads, const std::function<void()>& work) {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i) {
        others.emplace_back(work);
    }
    work();
}

constexpr std::size_t kPackagesAtOnce = 32;
constexpr std::size_t kListsAtOnce = 256;

struct Judges {
    const FleetJudge& judge;
    const FactNotes& notes;
};

/// Packages are dealt out in pieces; each piece has its own place for what it finds.
void judge_packages(
    const FleetIndex& index, const Judges& judges, unsigned threads, FleetAssessment& assessment) {
    const std::size_t count = index.packages().size();
    std::vector<std::vector<PackageFinding>> found((count + kPackagesAtOnce - 1) / kPackagesAtOnce);
    std::atomic<std::size_t> next{0};
    in_threads(threads, [&] {
        FleetJudge::Scratch scratch(judges.notes);
        for (std::size_t piece = next++; piece < found.size(); piece = next++) {
            const std::size_t end = std::min(count, (piece + 1) * kPackagesAtOnce);
            for (std::size_t package = piece * kPackagesAtOnce; package < end; ++package) {
                judges.judge.judge_package(
                    static_cast<std::uint32_t>(package),
                    scratch,
                    assessment.versions,
                    found[piece]);
            }
        }
    });
    for (const std::vector<PackageFinding>& piece : found) {
        assessment.findings.insert(assessment.findings.end(), piece.begin(), piece.end());
    }
}

/// Leaves the vulnerabilities that were found, in the order of their ids.
void number_by_id(const FactNotes& notes, FleetAssessment& assessment) {
    std::vector<std::uint32_t> numbers(notes.vulnerabilities.size());
    for (const PackageFinding& finding : assessment.findings) {
        if (numbers[finding.vulnerability]++ == 0) {
            assessment.vulnerabilities.push_back(notes.vulnerabilities[finding.vulnerability]);
        }
    }
    std::ranges::sort(assessment.vulnerabilities);
    for (std::size_t old = 0; old < numbers.size(); ++old) {
        if (numbers[old] > 0) {
            const auto at =
                std::ranges::lower_bound(assessment.vulnerabilities, notes.vulnerabilities[old]);
            numbers[old] = static_cast<std::uint32_t>(at - assessment.vulnerabilities.begin());
        }
    }
    for (PackageFinding& finding : assessment.findings) {
        finding.vulnerability = numbers[finding.vulnerability];
    }
    std::ranges::sort(assessment.findings, {}, [](const PackageFinding& finding) {
        return std::pair(finding.vulnerability, finding.package);
    });
}

/// A vulnerability is exploited where any section says so; what changelogs alone name, where the catalog does.
void note_exploited(const FactNotes& notes, FleetAssessment& assessment) {
    const auto note = [&](const FactNote& fact) {
        const std::string_view id = notes.vulnerabilities[fact.vulnerability];
        if (fact.exploited && std::ranges::binary_search(assessment.vulnerabilities, id)) {
            assessment.exploited.push_back(id);
        }
    };
    for (const std::vector<FactNote>& section : notes.sections) {
        std::ranges::for_each(section, note);
    }
    std::ranges::for_each(notes.named, note);
    std::ranges::sort(assessment.exploited);
    const auto repeated = std::ranges::unique(assessment.exploited);
    assessment.exploited.erase(repeated.begin(), repeated.end());
}

HostStanding sum_of(const VersionList& list, const std::vector<VersionStanding>& versions) {
    HostStanding sum;
    list.each([&](std::uint32_t version) {
        sum.open += versions[version].open;
        sum.exploited += versions[version].exploited;
    });
    return sum;
}

/// A host has what its list has: lists are added up, not hosts.
void add_up_lists(const FleetIndex& index, unsigned threads, FleetAssessment& assessment) {
    std::vector<HostStanding> lists(index.list_limit());
    std::atomic<std::size_t> next{0};
    in_threads(threads, [&] {
        for (std::size_t first = next.fetch_add(kListsAtOnce); first < lists.size();
             first = next.fetch_add(kListsAtOnce)) {
            const std::size_t end = std::min(lists.size(), first + kListsAtOnce);
            for (std::size_t list = first; list < end; ++list) {
                const ListNumber number{static_cast<std::uint32_t>(list)};
                lists[list] = sum_of(index.versions_of(number), assessment.versions);
            }
        }
    });
    assessment.hosts.resize(index.host_limit());
    for (std::uint32_t host = 0; host < assessment.hosts.size(); ++host) {
        if (const auto list = index.list_of(HostNumber{host})) {
            assessment.hosts[host] = lists[static_cast<std::uint32_t>(*list)];
        }
    }
}

}  // namespace

Result<FleetAssessment> reassess(
    const FleetIndex& index, const catalog::Catalog& catalog, unsigned threads) {
    THIMBLE_CHECK(threads > 0);
    THIMBLE_TRY(const FleetJudge judge, FleetJudge::over(index, catalog));
    THIMBLE_TRY(const FactNotes notes, judge.note_facts());
    FleetAssessment assessment;
    assessment.versions.resize(index.versions().size());
    judge_packages(index, {judge, notes}, threads, assessment);
    add_up_lists(index, threads, assessment);
    number_by_id(notes, assessment);
    note_exploited(notes, assessment);
    return assessment;
}

std::vector<HostNumber> changed_hosts(
    const FleetIndex& index, const FleetAssessment& before, const FleetAssessment& after) {
    std::vector<const HostSet*> sets;
    for (std::size_t version = 0; version < after.versions.size(); ++version) {
        if (version >= before.versions.size()
            || before.versions[version].digest != after.versions[version].digest) {
            sets.push_back(&index.versions()[version].hosts);
        }
    }
    std::vector<HostNumber> hosts = HostSet::union_of(sets).numbers();
    const auto rank = [&](HostNumber host) {
        const auto number = static_cast<std::uint32_t>(host);
        const HostStanding was =
            number < before.hosts.size() ? before.hosts[number] : HostStanding{};
        const HostStanding is = after.hosts[number];
        return std::tuple(
            is.exploited <= was.exploited, is.open <= was.open, -std::int64_t{is.exploited}, host);
    };
    std::ranges::sort(hosts, {}, rank);
    return hosts;
}

}  // namespace thimble::fleet
