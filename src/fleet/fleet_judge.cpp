#include "thimble/fleet/fleet_judge.hpp"

#include "thimble/model/finding.hpp"
#include "thimble/model/package_name.hpp"
#include "thimble/model/vulnerability.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>

namespace thimble::fleet {
namespace {

constexpr std::uint64_t mix(std::uint64_t value) {
    // The finalizer of MurmurHash3: every bit of the input reaches every bit of the output.
    value = (value ^ (value >> 33U)) * 0xFF51AFD7ED558CCDU;
    value = (value ^ (value >> 33U)) * 0xC4CEB9FE1A85EC53U;
    return value ^ (value >> 33U);
}

std::uint64_t hash_of(std::string_view text) {
    return catalog::name_hash(text);
}

bool is_exploited(const catalog::format::Fact& fact) {
    constexpr auto kActive = static_cast<std::uint8_t>(model::Exploitation::Active) + 1;
    return (fact.flags & catalog::format::kKev) != 0 || fact.exploitation == kActive;
}

/// Of everything that a decision rests on, but for EPSS: that is another one every day.
std::uint64_t digest_of(const catalog::FactTable& table, const catalog::format::Fact& fact) {
    std::uint64_t digest = hash_of(table.id(fact));
    for (const std::uint64_t value :
         {std::uint64_t{fact.flags},
          std::uint64_t{static_cast<std::uint32_t>(fact.kev_added_day)},
          std::uint64_t{static_cast<std::uint32_t>(fact.kev_due_day)},
          std::uint64_t{fact.exploitation},
          std::uint64_t{fact.automatable},
          std::uint64_t{fact.impact},
          std::uint64_t{fact.cvss_tenths},
          std::uint64_t{fact.severity},
          std::uint64_t{fact.exploit_count}}) {
        digest = mix(digest + value);
    }
    return digest;
}

std::uint64_t digest_of(const assess::Verdict& verdict, std::uint64_t fact) {
    return mix(
        fact + static_cast<std::uint64_t>(verdict.status) + 31 * hash_of(verdict.fixed_version)
        + 37 * hash_of(verdict.reason));
}

}  // namespace

Result<FleetJudge> FleetJudge::over(const FleetIndex& index, const catalog::Catalog& catalog) {
    FleetJudge judge(index, catalog);
    for (const IndexedRelease& release : index.releases()) {
        THIMBLE_TRY(judge.open(catalog, release));
    }
    return judge;
}

Result<void> FleetJudge::open(const catalog::Catalog& catalog, const IndexedRelease& release) {
    std::vector<const assess::OpenSection*>& speaking = speaking_.emplace_back();
    for (const assess::SectionName& name : release.sections) {
        const auto known = std::ranges::find_if(sections_, [&name](const auto& section) {
            return section.key == name.key && section.channel == name.channel;
        });
        if (known != sections_.end()) {
            speaking.push_back(&*known);
            continue;
        }
        THIMBLE_TRY(const auto section, catalog.section(name.key));
        if (section) {
            const auto number = static_cast<std::uint32_t>(sections_.size());
            speaking.push_back(&sections_.emplace_back(
                assess::OpenSection{*section, name.channel, name.key, number}));
        }
    }
    return {};
}

void FleetJudge::each_open(
    std::uint32_t version, const std::function<void(const assess::SectionVerdict&)>& take) const {
    const IndexedVersion& asked = index_->versions()[version];
    assess::judge_in(
        speaking_[index_->packages()[asked.package].release],
        index_->asked(asked),
        [&take](const assess::SectionVerdict& said) {
            if (model::is_open(said.verdict.status)) {
                take(said);
            }
        });
}

/// Whoever judges the package decides, if it has a word on the vulnerability.
bool FleetJudge::opens(const IndexedVersion& changelog, std::string_view vulnerability) const {
    return !assess::judge_about(
                speaking_[index_->packages()[changelog.package].release],
                index_->asked(changelog),
                vulnerability)
                .has_value();
}

void FleetJudge::each_named(
    std::uint32_t version, const std::function<void(std::uint32_t named)>& take) const {
    const IndexedVersion& changelog = index_->versions()[version];
    for (const std::uint32_t named : index_->changelog(changelog).vulnerabilities) {
        if (opens(changelog, index_->named()[named])) {
            take(named);
        }
    }
}

Result<FactNotes> FleetJudge::note_facts() const {
    FactNotes notes;
    std::size_t facts = 0;
    for (const assess::OpenSection& section : sections_) {
        facts += section.section.facts().facts().size();
    }
    std::unordered_map<std::string_view, std::uint32_t> numbers;
    numbers.reserve(facts);
    for (const assess::OpenSection& section : sections_) {
        const catalog::FactTable& table = section.section.facts();
        std::vector<FactNote>& noted = notes.sections.emplace_back();
        noted.reserve(table.facts().size());
        for (const catalog::format::Fact& fact : table.facts()) {
            const std::string_view id = table.id(fact);
            const auto next = static_cast<std::uint32_t>(notes.vulnerabilities.size());
            const auto [at, is_new] = numbers.try_emplace(id, next);
            if (is_new) {
                notes.vulnerabilities.push_back(id);
            }
            noted.push_back({at->second, is_exploited(fact), digest_of(table, fact)});
        }
    }
    // What only changelogs name has its facts from the table of its year, as assess takes them.
    notes.named.reserve(index_->named().size());
    for (const std::string_view id : index_->named()) {
        const auto next = static_cast<std::uint32_t>(notes.vulnerabilities.size());
        const auto [at, is_new] = numbers.try_emplace(id, next);
        if (is_new) {
            notes.vulnerabilities.push_back(id);
        }
        THIMBLE_TRY(const catalog::FactTable table, catalog_->facts_of(id));
        const auto* const fact = table.find(id);
        notes.named.push_back(
            {at->second,
             fact != nullptr && is_exploited(*fact),
             fact == nullptr ? hash_of(id) : digest_of(table, *fact)});
    }
    return notes;
}

void FleetJudge::add_open(
    const IndexedPackage& package,
    const assess::VulnerabilityJudge& judge,
    std::vector<const HostSet*>& open) const {
    for (const std::uint32_t number : package.versions) {
        const IndexedVersion& version = index_->versions()[number];
        const auto said =
            version.hosts.is_empty() ? std::nullopt : judge.of(index_->asked(version));
        if (said && model::is_open(said->verdict.status)) {
            open.push_back(&version.hosts);
        }
    }
}

/// Those that a changelog alone opens it on, in one package or all.
/// @return whether a host was told of it by a changelog
bool FleetJudge::add_named(
    std::string_view vulnerability,
    std::optional<std::uint32_t> package,
    std::vector<const HostSet*>& open) const {
    bool is_named = false;
    for (const std::uint32_t number : index_->changelogs_naming(vulnerability)) {
        const IndexedVersion& changelog = index_->versions()[number];
        if (changelog.hosts.is_empty()
            || changelog.package != package.value_or(changelog.package)) {
            continue;
        }
        is_named = true;
        if (opens(changelog, vulnerability)) {
            open.push_back(&changelog.hosts);
        }
    }
    return is_named;
}

HostSet FleetJudge::affected(std::span<const AdvisoryTarget> targets) const {
    std::vector<const HostSet*> open;
    for (const AdvisoryTarget& target : targets) {
        const std::string name = model::fold_package_name(target.section, target.package);
        for (const std::uint32_t number : index_->packages_named(name)) {
            const IndexedPackage& package = index_->packages()[number];
            const auto& speaking = speaking_[package.release];
            const bool is_asked = std::ranges::any_of(speaking, [&target](const auto* section) {
                return section->key == target.section;
            });
            if (!is_asked) {
                continue;
            }
            add_open(
                package, {speaking, package.name, package.source_name, target.vulnerability}, open);
            add_named(target.vulnerability, number, open);
        }
    }
    std::ranges::sort(open, std::less<>{});
    const auto repeated = std::ranges::unique(open);
    open.erase(repeated.begin(), repeated.end());
    return HostSet::union_of(open);
}

std::optional<HostSet> FleetJudge::affected(std::string_view vulnerability) const {
    std::vector<bool> knows;  // by release
    knows.reserve(speaking_.size());
    for (const auto& speaking : speaking_) {
        knows.push_back(std::ranges::any_of(speaking, [&](const auto* section) {
            return section->section.facts().find(vulnerability) != nullptr;
        }));
    }
    std::vector<const HostSet*> open;
    const bool is_named = add_named(vulnerability, std::nullopt, open);
    if (!is_named && std::ranges::find(knows, true) == knows.end()) {
        return std::nullopt;
    }
    for (const IndexedPackage& package : index_->packages()) {
        if (knows[package.release]) {
            add_open(
                package,
                {speaking_[package.release], package.name, package.source_name, vulnerability},
                open);
        }
    }
    return HostSet::union_of(open);
}

void FleetJudge::judge_package(
    std::uint32_t package,
    Scratch& scratch,
    std::span<VersionStanding> standings,
    std::vector<PackageFinding>& findings) const {
    for (const std::uint32_t version : index_->packages()[package].versions) {
        if (!index_->versions()[version].hosts.is_empty()) {
            standings[version] = judge_version(version, scratch);
        }
    }
    for (const std::uint32_t changelog : index_->changelogs_of(package)) {
        if (!index_->versions()[changelog].hosts.is_empty()) {
            standings[changelog] = judge_changelog(changelog, scratch);
        }
    }
    count_unions(scratch);
    std::ranges::sort(scratch.touched_);
    for (const std::uint32_t vulnerability : scratch.touched_) {
        findings.push_back({package, vulnerability, scratch.hosts_[vulnerability]});
        scratch.hosts_[vulnerability] = 0;
    }
    scratch.touched_.clear();
}

/// Counts the hosts of the version for each vulnerability that is open in it, or notes them for a union.
VersionStanding FleetJudge::judge_version(std::uint32_t number, Scratch& scratch) const {
    const IndexedVersion& version = index_->versions()[number];
    const IndexedPackage& package = index_->packages()[version.package];
    const bool is_apart =
        package.lists_with_two == 0 && index_->changelogs_of(version.package).empty();
    const auto hosts = static_cast<std::uint32_t>(version.hosts.size());
    VersionStanding standing;
    const auto take = [&](const assess::SectionVerdict& said) {
        if (!model::is_open(said.verdict.status)) {
            return;
        }
        const FactNote& fact = scratch.notes_->sections[said.section->index][said.verdict.fact];
        ++standing.open;
        standing.exploited += fact.exploited ? 1 : 0;
        standing.digest += digest_of(said.verdict, fact.digest);
        if (!is_apart) {
            scratch.pairs_.emplace_back(fact.vulnerability, number);
            return;
        }
        std::uint32_t& sum = scratch.hosts_[fact.vulnerability];
        if (sum == 0) {
            scratch.touched_.push_back(fact.vulnerability);
        }
        sum += hosts;
    };
    assess::judge_in(speaking_[package.release], index_->asked(version), take);
    return standing;
}

/// As judge_version, of what a changelog names: its hosts have that version, too, and are counted in unions.
VersionStanding FleetJudge::judge_changelog(std::uint32_t number, Scratch& scratch) const {
    const std::uint64_t to_version =
        hash_of(index_->changelog(index_->versions()[number]).to_version);
    VersionStanding standing;
    each_named(number, [&](std::uint32_t named) {
        const FactNote& fact = scratch.notes_->named[named];
        ++standing.open;
        standing.exploited += fact.exploited ? 1 : 0;
        standing.digest += mix(fact.digest + to_version);
        scratch.pairs_.emplace_back(fact.vulnerability, number);
    });
    return standing;
}

/// Where a host may have two versions, hosts are counted in unions; most vulnerabilities share one.
void FleetJudge::count_unions(Scratch& scratch) const {
    std::map<std::vector<std::uint32_t>, std::uint32_t> counted;
    std::ranges::sort(scratch.pairs_);
    for (auto at = scratch.pairs_.begin(); at != scratch.pairs_.end();) {
        const std::uint32_t vulnerability = at->first;
        std::vector<std::uint32_t> versions;
        for (; at != scratch.pairs_.end() && at->first == vulnerability; ++at) {
            versions.push_back(at->second);
        }
        const auto [known, is_new] = counted.try_emplace(versions, 0);
        if (is_new) {
            std::vector<const HostSet*> sets;
            sets.reserve(versions.size());
            for (const std::uint32_t version : versions) {
                sets.push_back(&index_->versions()[version].hosts);
            }
            known->second = static_cast<std::uint32_t>(HostSet::union_of(sets).size());
        }
        scratch.hosts_[vulnerability] = known->second;
        scratch.touched_.push_back(vulnerability);
    }
    scratch.pairs_.clear();
}

}  // namespace thimble::fleet
