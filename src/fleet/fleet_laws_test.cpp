// Random fleets: what the index says is what assess says of one host after the other.
#include "thimble/assess/assess.hpp"
#include "thimble/assess/changelog_evidence.hpp"
#include "thimble/assess/inventory_builder_test.hpp"
#include "thimble/fleet/drawn_catalog_test.hpp"
#include "thimble/fleet/reassess.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

namespace thimble::fleet {
namespace {

using assess::AHost;
using catalog::AnAdvisory;

constexpr std::uint32_t kHosts = 12;
const Instant kNow = *parse_instant("2026-11-01");
const std::vector<std::string> kNames{"curl", "zlib", "linux", "openssl"};
const std::vector<std::string> kVersions{
    "1.0-1",
    "1.1-1.el9_4",
    "1.1-2.el9",
    "1.2-1",
    "1.2-1~bpo12+1",
    "2.0-1",
    "2:0.1-1",
    "not a version"};
const std::vector<std::string> kSections{
    "Debian:12", "Debian:13", "Ubuntu:22.04:LTS", "Ubuntu:Pro:22.04:LTS", "Rocky Linux:9", "PyPI"};
const std::vector<std::string> kIds{"CVE-2026-1", "CVE-2026-2", "CVE-2026-3", "CVE-2026-4"};

std::string one_of(const std::vector<std::string>& words) {
    return *rc::gen::elementOf(words);
}

model::Advisory drawn_advisory() {
    AnAdvisory advisory("R-" + std::to_string(*rc::gen::inRange(0, 1000)));
    advisory.about({one_of(kIds)});
    advisory.by(*rc::gen::element(model::Authority::Tracker, model::Authority::Erratum));
    const std::string section = one_of(kSections);
    if (*rc::gen::weightedElement<bool>({{4, true}, {1, false}})) {
        advisory.affects(
            section,
            one_of(kNames),
            *rc::gen::element<std::string>("0", "1.1-1"),
            one_of({"1.2-1", "2.0-1", "1.1-2.el9", ""}));
    } else {
        advisory.claims(
            section,
            one_of(kNames),
            *rc::gen::element(
                model::Claim::NotAffected, model::Claim::WontFix, model::Claim::Affected));
    }
    if (*rc::gen::weightedElement<bool>({{1, true}, {5, false}})) {
        advisory.for_architecture("arm64");
    }
    return advisory;
}

DrawnCatalog drawn_catalog() {
    std::vector<model::Advisory> advisories;
    // A release of which the catalog has nothing is another matter.
    for (const std::string& section : kSections) {
        advisories.push_back(
            AnAdvisory("S-" + section).about({"CVE-2020-1"}).affects(section, "other", "0", "1"));
    }
    for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
        advisories.push_back(drawn_advisory());
    }
    std::vector<model::VulnerabilityFacts> facts;
    for (const std::string& id : kIds) {
        if (*rc::gen::arbitrary<bool>()) {
            facts.emplace_back().id = id;
            facts.back().feed = "kev";
            facts.back().kev = model::KevEntry{kNow, {}, "", false};
        }
    }
    return {advisories, facts};
}

/// Distribution, release, kind of package.
using System = std::array<std::string, 3>;

/// Of packages that the host has, or had; each source and version once, as hosts tell them.
void draw_changelogs(AHost& host) {
    model::Inventory& inventory = host.inventory();
    for (int i = *rc::gen::inRange(0, 3); i > 0 && !inventory.packages.empty(); --i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, inventory.packages.size());
        const model::InstalledPackage& package = inventory.packages[at];
        model::ChangelogEvidence changelog;
        changelog.source_name = package.source_name;
        changelog.from_version = package.source_version;
        changelog.to_version = *rc::gen::element<std::string>("2.0-2", "2.0-3");
        changelog.vulnerabilities =
            *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kIds));
        inventory.changelogs.push_back(changelog);
    }
    if (*rc::gen::weightedElement<bool>({{1, true}, {4, false}})) {
        host.is_offered("never-read", "2");
        inventory.offers.back().security = true;
    }
}

AHost drawn_host() {
    const auto [id, release, type] = *rc::gen::element(
        System{"debian", "12", "deb"},
        System{"ubuntu", "22.04", "deb"},
        System{"rocky", "9.4", "rpm"});
    AHost host(id, release);
    host.runs_kernel("6.1.0-2-amd64");
    for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
        const std::string version = one_of(kVersions);
        if (*rc::gen::weightedElement<bool>({{1, true}, {6, false}})) {
            host.has("pypi", one_of(kNames), version);
        } else if (*rc::gen::weightedElement<bool>({{1, true}, {6, false}})) {
            host.has(
                    "deb",
                    one_of({"linux-image-6.1.0-1-amd64", "linux-image-6.1.0-2-amd64"}),
                    version)
                .from_source("linux", version);
        } else {
            host.has(type, one_of({"curl", "libcurl", "zlib", "ssl"}), version)
                .from_source(one_of(kNames), version)
                .on(one_of({"amd64", "all", "arm64"}));
        }
    }
    draw_changelogs(host);
    return host;
}

using Fleet = std::map<std::uint32_t, AHost>;

/// What a host's list is called: here the list itself.
std::string key_of(const AHost& host) {
    std::string text;
    for (const auto& package : host.inventory().packages) {
        text += package.type + package.name + "=" + package.version + "/" + package.source_name
            + ":" + package.architecture + ";";
    }
    return list_key(text, host.inventory());
}

void put(FleetIndex& index, std::uint32_t number, const AHost& host) {
    const std::array hosts{HostNumber{number}};
    index.put(hosts, index.intern(key_of(host), judged_packages(host.inventory())));
}

/// (a version that the host has, a vulnerability) for everything that assess calls open.
using Open = std::set<std::tuple<JudgedPackage, std::string>>;

Open open_of(const AHost& host, const catalog::Catalog& catalog) {
    assess::AssessOptions options;
    options.now = kNow;
    const auto assessment = *assess::assess(host.inventory(), &catalog, options);
    Open open;
    for (const model::Finding& finding : assessment.findings) {
        if (finding.vulnerability == 0 || !model::is_open(finding.status)) {
            continue;
        }
        // That package alone, as the index names it, which names what changelogs speak of, too.
        model::Inventory alone = host.inventory();
        const model::InstalledPackage package = alone.packages[finding.package];
        alone.packages = {package};
        alone.changelogs = {
            {package.source_name, package.source_version, "9", {"CVE-2026-9"}, "", {}, ""}};
        open.emplace(
            judged_packages(alone).changelogs.at(0).package,
            assessment.vulnerabilities[finding.vulnerability].id);
    }
    return open;
}

void follow_random_steps(FleetIndex& index, Fleet& fleet) {
    for (int i = *rc::gen::inRange(1, 40); i > 0; --i) {
        const auto number = *rc::gen::inRange<std::uint32_t>(0, kHosts);
        switch (*rc::gen::inRange(0, 6)) {
            case 0:
                index.remove(HostNumber{number});
                fleet.erase(number);
                break;
            case 1: index.compact(); break;
            case 2:  // like another host
                if (!fleet.empty()) {
                    const AHost like = fleet.begin()->second;
                    put(index, number, like);
                    fleet.insert_or_assign(number, like);
                }
                break;
            default:
                const AHost host = drawn_host();
                put(index, number, host);
                fleet.insert_or_assign(number, host);
        }
    }
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// "0-2,7" → 0, 1, 2, 7
std::set<std::uint32_t> numbers_of(const std::string& ranges) {
    std::set<std::uint32_t> numbers;
    std::istringstream stream(ranges);
    for (std::string range; std::getline(stream, range, ',');) {
        const std::size_t dash = range.find('-');
        const auto first = static_cast<std::uint32_t>(std::stoul(range));
        const auto last = dash == std::string::npos
            ? first
            : static_cast<std::uint32_t>(std::stoul(range.substr(dash + 1)));
        for (std::uint32_t number = first; number <= last; ++number) {
            numbers.insert(number);
        }
    }
    return numbers;
}

using Counts =
    std::map<std::tuple<std::string, std::string, std::string, std::string>, std::uint32_t>;

std::string release_of(const JudgedPackage& package, const AHost& host) {
    return package.section.empty() ? host.inventory().os.id : package.section;
}

std::string release_of(const IndexedRelease& release) {
    const std::string& key = release.sections.at(0).key;
    return key.starts_with("Ubuntu") ? "ubuntu"
        : key == "Debian:12"         ? "debian"
        : key.starts_with("Rocky")   ? "rocky"
                                     : key;
}

Counts counts_of(const Fleet& fleet, const catalog::Catalog& catalog) {
    std::map<Counts::key_type, std::set<std::uint32_t>> hosts;
    for (const auto& [number, host] : fleet) {
        for (const auto& [package, vulnerability] : open_of(host, catalog)) {
            hosts[{release_of(package, host), package.name, package.source_name, vulnerability}]
                .insert(number);
        }
    }
    Counts counts;
    for (const auto& [key, having] : hosts) {
        counts[key] = static_cast<std::uint32_t>(having.size());
    }
    return counts;
}

}  // namespace

RC_GTEST_PROP(FleetIndex, AfterAnyStepsIsTheIndexThatIsBuiltFromScratch, ()) {
    FleetIndex index;
    Fleet fleet;
    follow_random_steps(index, fleet);

    FleetIndex scratch;
    for (auto host = fleet.rbegin(); host != fleet.rend(); ++host) {
        put(scratch, host->first, host->second);
    }

    FleetIndex filled;
    std::vector<Placement> placements;
    for (const auto& [number, host] : fleet) {
        placements.push_back(
            {HostNumber{number}, filled.intern(key_of(host), judged_packages(host.inventory()))});
    }
    // In two parts, the second of which has hosts of the first with another list.
    const auto half = static_cast<std::ptrdiff_t>(placements.size() / 2);
    std::vector<Placement> first(placements.begin(), placements.begin() + half);
    for (Placement& placement : first) {
        placement.list = placements.front().list;
    }
    filled.fill(first);
    filled.fill(placements);

    RC_ASSERT(index.dump() == scratch.dump());
    RC_ASSERT(index.hosts() == fleet.size());
    RC_ASSERT(filled.dump() == scratch.dump());
}

RC_GTEST_PROP(FleetIndex, HoldsWhatEachHostHas, ()) {
    FleetIndex index;
    Fleet fleet;
    follow_random_steps(index, fleet);

    std::map<std::string, std::set<std::uint32_t>> expected;
    for (const auto& [number, host] : fleet) {
        const JudgedPackages judged = judged_packages(host.inventory());
        std::string release;
        for (const assess::SectionName& section : judged.release) {
            release += (release.empty() ? "" : " ") + section.key;
        }
        for (const JudgedPackage& one : judged.packages) {
            expected
                [(one.section.empty() ? release : one.section) + '\t' + one.name + '\t'
                 + one.version + '\t' + one.source_name + '\t' + one.source_version + '\t'
                 + one.architecture + '\t' + one.module_stream]
                    .insert(number);
        }
        for (const JudgedChangelog& one : judged.changelogs) {
            std::string ids;
            for (const std::string& id : one.vulnerabilities) {
                ids += " " + id;
            }
            expected
                ["changelog\t" + (one.package.section.empty() ? release : one.package.section)
                 + '\t' + one.package.name + '\t' + one.package.version + '\t'
                 + one.package.source_name + '\t' + one.package.source_version + '\t'
                 + one.package.architecture + '\t' + one.package.module_stream + '\t'
                 + one.to_version + '\t' + ids]
                    .insert(number);
        }
        expected["list\t" + key_of(host)].insert(number);
        if (assess::has_unread_changelogs(host.inventory())) {
            expected["unread"].insert(number);
        }
    }

    std::map<std::string, std::set<std::uint32_t>> dumped;
    for (const std::string& line : lines_of(index.dump())) {
        const std::size_t tab = line.rfind('\t');
        dumped[line.substr(0, tab)] = numbers_of(line.substr(tab + 1));
    }

    RC_ASSERT(dumped == expected);
}

RC_GTEST_PROP(Reassess, SaysWhatAssessSaysOfOneHostAfterTheOther, ()) {
    FleetIndex index;
    Fleet fleet;
    follow_random_steps(index, fleet);
    const DrawnCatalog catalog = drawn_catalog();
    const std::set<std::string> exploited = [&catalog] {
        std::set<std::string> ids;
        for (const std::string& id : kIds) {
            const auto table = *(*catalog).facts_of(id);
            const auto* fact = table.find(id);
            if (fact != nullptr && (fact->flags & catalog::format::kKev) != 0) {
                ids.insert(id);
            }
        }
        return ids;
    }();

    const auto assessment = reassess(index, *catalog, 2);

    RC_ASSERT(assessment.has_value());
    for (const auto& [number, host] : fleet) {
        const Open open = open_of(host, *catalog);
        const auto known = std::ranges::count_if(
            open, [&](const auto& one) { return exploited.contains(std::get<1>(one)); });
        RC_ASSERT(assessment->hosts[number].open == open.size());
        RC_ASSERT(assessment->hosts[number].exploited == static_cast<std::size_t>(known));
    }
    Counts counts;
    for (const PackageFinding& finding : assessment->findings) {
        const IndexedPackage& package = index.packages()[finding.package];
        counts[{
            release_of(index.releases()[package.release]),
            package.name,
            package.source_name,
            std::string(assessment->vulnerabilities[finding.vulnerability])}] = finding.hosts;
    }
    RC_ASSERT(counts == counts_of(fleet, *catalog));
}

RC_GTEST_PROP(FleetJudge, FindsTheHostsOnWhichAssessFindsTheVulnerability, ()) {
    FleetIndex index;
    Fleet fleet;
    follow_random_steps(index, fleet);
    const DrawnCatalog catalog = drawn_catalog();
    const auto judge = FleetJudge::over(index, *catalog);
    RC_ASSERT(judge.has_value());
    for (const std::string& id : kIds) {
        std::vector<HostNumber> expected;
        for (const auto& [number, host] : fleet) {
            const Open open = open_of(host, *catalog);
            if (std::ranges::any_of(
                    open, [&](const auto& one) { return std::get<1>(one) == id; })) {
                expected.push_back(HostNumber{number});
            }
        }

        const auto affected = judge->affected(id);

        RC_ASSERT((affected ? affected->numbers() : std::vector<HostNumber>()) == expected);
    }
}

RC_GTEST_PROP(ChangedHosts, AreThoseOfWhichAssessSaysSomethingElse, ()) {
    FleetIndex index;
    Fleet fleet;
    follow_random_steps(index, fleet);
    const DrawnCatalog before = drawn_catalog();
    const DrawnCatalog after = drawn_catalog();
    const auto was = reassess(index, *before, 1);
    const auto is = reassess(index, *after, 1);

    const std::vector<HostNumber> changed = changed_hosts(index, *was, *is);

    for (const auto& [number, host] : fleet) {
        if (open_of(host, *before) != open_of(host, *after)) {
            RC_ASSERT(std::ranges::find(changed, HostNumber{number}) != changed.end());
        }
    }
    RC_ASSERT(changed_hosts(index, *is, *is).empty());
}

}  // namespace thimble::fleet
