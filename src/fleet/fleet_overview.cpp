#include "thimble/fleet/fleet_overview.hpp"

#include "thimble/assess/vulnerability_list.hpp"
#include "thimble/fleet/fleet_judge.hpp"
#include "thimble/fleet/judge_host.hpp"
#include "thimble/prioritize/decide.hpp"
#include "thimble/prioritize/order_of_work.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace thimble::fleet {
namespace {

using Numbers = std::vector<std::uint32_t>;

/// What was found of one vulnerability so far.
struct Sighted {
    model::VulnerabilityFacts facts;
    Numbers versions;
    std::set<std::string_view> packages;
    bool fixed = false;
};

struct SightedAdvisory {
    ClosingAdvisory advisory;
    Numbers versions;
};

std::optional<Instant> instant_of(std::int32_t day) {
    return day == catalog::format::kNoDay ? std::nullopt : std::optional(Instant{Days{day}});
}

/// The decision where it is neither exposed nor known not to be: what is open on a host is put in order by its own.
model::Decision decision_of(const OpenVulnerability& one) {
    const prioritize::PriorityPolicy policy;
    prioritize::Exposure exposure;
    exposure.system = model::SystemExposure::Controlled;
    return prioritize::decide(one.facts, exposure, policy, one.fixed);
}

/// A vulnerability on its way to its place.
struct Placed {
    OpenVulnerability one;
    model::Decision decision;
    std::uint32_t number = 0;  ///< in the order of sight
};

bool comes_before(const Placed& left, const Placed& right) {
    if (prioritize::comes_before(left.decision, right.decision)) {
        return true;
    }
    if (prioritize::comes_before(right.decision, left.decision)) {
        return false;
    }
    const auto rank = [](const OpenVulnerability& one) {
        return std::tuple{
            -static_cast<std::int64_t>(one.facts.cvss.score_tenths),
            -static_cast<std::int64_t>(one.hosts),
            std::string_view(one.facts.id)};
    };
    return rank(left.one) < rank(right.one);
}

class Overview {
public:
    Overview(
        const FleetIndex& index,
        const catalog::Catalog& catalog,
        const FleetJudge& judge,
        const HostSet* among)
        : index_(index), catalog_(catalog), judge_(judge), among_(among) {}

    Result<FleetOverview> run() {
        for (std::uint32_t number = 0; number < index_.versions().size(); ++number) {
            if (index_.versions()[number].changelog == 0) {
                count_version(number);
            }
        }
        for (std::uint32_t number = 0; number < index_.versions().size(); ++number) {
            if (index_.versions()[number].changelog != 0) {
                THIMBLE_TRY(count_changelog(number));
            }
        }
        add_named_of_versions();
        order_vulnerabilities();
        order_advisories();
        return std::move(overview_);
    }

private:
    [[nodiscard]] std::uint64_t count(const HostSet& hosts) const {
        return among_ == nullptr ? hosts.size() : hosts.common_with(*among_);
    }

    void count_version(std::uint32_t number) {
        const IndexedVersion& version = index_.versions()[number];
        const std::uint64_t hosts = version.hosts.is_empty() ? 0 : count(version.hosts);
        if (hosts == 0) {
            return;
        }
        const IndexedPackage& package = index_.packages()[version.package];
        const auto& sections = index_.releases()[package.release].sections;
        const assess::Asked asked = index_.asked(version);
        PackageCount& counted = overview_.packages.emplace_back();
        counted.release = sections.empty() ? "" : sections.front().key;
        counted.name = asked.name;
        counted.version = asked.version;
        counted.architecture = asked.architecture;
        counted.stream = asked.module_stream;
        counted.hosts = hosts;
        judge_.each_open(number, [&](const assess::SectionVerdict& said) {
            ++counted.open;
            note(said, number, asked);
        });
        if (!index_.changelogs_of(version.package).empty()) {
            rows_.emplace_back(number, overview_.packages.size() - 1);
        }
    }

    /// What is open by a changelog alone, on the hosts that were told so.
    Result<void> count_changelog(std::uint32_t number) {
        const IndexedVersion& changelog = index_.versions()[number];
        if (changelog.hosts.is_empty() || count(changelog.hosts) == 0) {
            return {};
        }
        Numbers& named = named_[number];
        judge_.each_named(number, [&named](std::uint32_t one) { named.push_back(one); });
        const std::string_view package = index_.asked(changelog).name;
        for (const std::uint32_t one : named) {
            const std::string_view id = index_.named()[one];
            const auto next = static_cast<std::uint32_t>(sighted_.size());
            const auto [at, is_new] = numbers_.try_emplace(id, next);
            if (is_new) {
                THIMBLE_TRY(sighted_.emplace_back().facts, facts_of(&catalog_, std::string(id)));
            }
            Sighted& sighted = sighted_[at->second];
            sighted.versions.push_back(number);
            sighted.packages.insert(package);
            sighted.fixed = true;
        }
        return {};
    }

    /// What changelogs open in a version counts there, too, each vulnerability once.
    void add_named_of_versions() {
        for (const auto& [number, row] : rows_) {
            const IndexedVersion& version = index_.versions()[number];
            std::set<std::uint32_t> open;
            for (const std::uint32_t other : index_.changelogs_of(version.package)) {
                const IndexedVersion& changelog = index_.versions()[other];
                const auto named = named_.find(other);
                if (named != named_.end() && changelog.text == version.text
                    && changelog.ends == version.ends) {
                    open.insert(named->second.begin(), named->second.end());
                }
            }
            overview_.packages[row].open += static_cast<std::uint32_t>(open.size());
        }
    }

    void note(
        const assess::SectionVerdict& said, std::uint32_t version, const assess::Asked& asked) {
        const catalog::Section& section = said.section->section;
        const catalog::format::Fact* fact = section.fact(said.verdict.fact);
        if (fact == nullptr) {
            return;
        }
        const std::string_view id = section.facts().id(*fact);
        const auto next = static_cast<std::uint32_t>(sighted_.size());
        const auto [at, is_new] = numbers_.try_emplace(id, next);
        if (is_new) {
            sighted_.emplace_back().facts = assess::facts_of_record(section.facts(), *fact);
        }
        Sighted& sighted = sighted_[at->second];
        // A version is judged by several sections, but each vulnerability is told of once.
        sighted.versions.push_back(version);
        sighted.packages.insert(asked.name);
        sighted.fixed = sighted.fixed || !said.verdict.fixed_version.empty();
        if (said.verdict.status != model::FindingStatus::Unknown) {
            note_advisories(said, at->second, version, asked);
        }
    }

    /// Every record of the section that names a fix for that version, also those that a stronger voice
    /// decides: people know the vendor's advisory, not the tracker's entry.
    void note_advisories(
        const assess::SectionVerdict& said,
        std::uint32_t vulnerability,
        std::uint32_t version,
        const assess::Asked& asked) {
        const catalog::Section& section = said.section->section;
        auto package = section.find(asked.name);
        const bool by_source = !package && !asked.source_name.empty();
        if (by_source) {
            package = section.find(asked.source_name);
        }
        if (!package) {
            return;
        }
        const std::uint32_t position =
            package->position(by_source ? asked.source_version : asked.version);
        for (const catalog::format::Row& row : std::ranges::equal_range(
                 package->rows(), said.verdict.fact, {}, &catalog::format::Row::fact)) {
            constexpr unsigned kMute = catalog::format::kWithdrawn | catalog::format::kUnreadable;
            const bool holds = row.low <= position && position < row.high;
            if ((row.flags & kMute) == 0 && holds && !package->fix(row).empty()) {
                note_advisory(section, row.advisory, vulnerability, version);
            }
        }
    }

    void note_advisory(
        const catalog::Section& section,
        std::uint32_t number,
        std::uint32_t vulnerability,
        std::uint32_t version) {
        const catalog::format::AdvisoryRecord* record = section.advisory(number);
        if (record == nullptr) {
            return;
        }
        SightedAdvisory& sighted = advisories_[section.text(record->id)];
        sighted.advisory.id = section.text(record->id);
        sighted.advisory.feed = section.text(record->feed);
        sighted.advisory.published = instant_of(record->published_day);
        sighted.advisory.modified = instant_of(record->modified_day);
        sighted.advisory.vulnerabilities.push_back(vulnerability);
        sighted.versions.push_back(version);
    }

    /// On how many hosts any of some versions is. Many vulnerabilities share their versions.
    std::uint64_t count_hosts(Numbers versions) {
        std::ranges::sort(versions);
        const auto repeated = std::ranges::unique(versions);
        versions.erase(repeated.begin(), repeated.end());
        const auto [known, is_new] = counted_.try_emplace(std::move(versions), 0);
        if (is_new) {
            std::vector<const HostSet*> sets;
            for (const std::uint32_t version : known->first) {
                sets.push_back(&index_.versions()[version].hosts);
            }
            known->second = count(HostSet::union_of(sets));
        }
        return known->second;
    }

    void order_vulnerabilities() {
        std::vector<Placed> sorted;
        for (Sighted& sighted : sighted_) {
            Placed& placed = sorted.emplace_back();
            placed.one = {
                std::move(sighted.facts),
                count_hosts(std::move(sighted.versions)),
                static_cast<std::uint32_t>(sighted.packages.size()),
                sighted.fixed,
                {}};
            placed.decision = decision_of(placed.one);
            placed.one.outcome = placed.decision.outcome;
            placed.number = static_cast<std::uint32_t>(sorted.size() - 1);
        }
        std::ranges::sort(sorted, comes_before);
        place_.resize(sorted.size());
        for (Placed& placed : sorted) {
            place_[placed.number] = static_cast<std::uint32_t>(overview_.vulnerabilities.size());
            overview_.vulnerabilities.push_back(std::move(placed.one));
        }
    }

    void order_advisories() {
        for (auto& [id, sighted] : advisories_) {
            Numbers& closed = sighted.advisory.vulnerabilities;
            for (std::uint32_t& vulnerability : closed) {
                vulnerability = place_[vulnerability];
            }
            std::ranges::sort(closed);
            const auto repeated = std::ranges::unique(closed);
            closed.erase(repeated.begin(), repeated.end());
            sighted.advisory.hosts = count_hosts(std::move(sighted.versions));
            overview_.advisories.push_back(std::move(sighted.advisory));
        }
        std::ranges::sort(overview_.advisories, {}, [](const ClosingAdvisory& one) {
            return std::tuple{
                one.vulnerabilities.front(),
                -static_cast<std::int64_t>(one.vulnerabilities.size()),
                std::string_view(one.id)};
        });
    }

    const FleetIndex& index_;
    const catalog::Catalog& catalog_;
    const FleetJudge& judge_;
    const HostSet* among_;
    FleetOverview overview_;
    std::vector<Sighted> sighted_;
    std::unordered_map<std::string_view, std::uint32_t> numbers_;
    std::map<std::string_view, SightedAdvisory> advisories_;
    std::map<Numbers, std::uint64_t> counted_;
    std::unordered_map<std::uint32_t, Numbers> named_;  // by changelog, what it opens
    /// Versions of which there are changelogs, and their places among the packages.
    std::vector<std::pair<std::uint32_t, std::size_t>> rows_;
    Numbers place_;  // of each that was sighted, in the order of urgency
};

}  // namespace

bool is_exploited(const model::VulnerabilityFacts& facts) {
    return facts.kev || (facts.ssvc && facts.ssvc->exploitation == model::Exploitation::Active);
}

bool has_public_exploit(const model::VulnerabilityFacts& facts) {
    return !facts.exploits.empty()
        || (facts.ssvc && facts.ssvc->exploitation == model::Exploitation::PublicPoc);
}

Result<FleetOverview> overview_of(
    const FleetIndex& index, const catalog::Catalog& catalog, const HostSet* among) {
    THIMBLE_TRY(const FleetJudge judge, FleetJudge::over(index, catalog));
    return Overview(index, catalog, judge, among).run();
}

}  // namespace thimble::fleet
