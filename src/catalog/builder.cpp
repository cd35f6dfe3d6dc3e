#include "thimble/catalog/builder.hpp"

#include "thimble/catalog/checksum.hpp"
#include "thimble/catalog/collected.hpp"
#include "thimble/catalog/extent_writer.hpp"
#include "thimble/catalog/facts_writer.hpp"
#include "thimble/catalog/section_writer.hpp"
#include "thimble/model/package_name.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace thimble::catalog {
namespace {

constexpr std::uint64_t kLargestExtent = 0xFFFFFF00;

struct NamedExtent {
    format::ExtentKind kind;
    std::string key;
    std::string bytes;
};

CollectedRange collect_range(const model::VersionRange& range, Interner& strings) {
    CollectedRange events;
    for (const model::RangeEvent& event : range.events) {
        const bool from_start =
            event.kind == model::RangeEvent::Kind::Introduced && event.version == "0";
        events.push_back({event.kind, from_start, from_start ? 0 : strings.number(event.version)});
    }
    return events;
}

CollectedAffected collect_affected(const model::AffectedPackage& affected, Interner& strings) {
    CollectedAffected one;
    one.claim = affected.claim;
    one.unimportant = affected.unimportant;
    one.module_stream = strings.number(affected.module_stream);
    one.architecture = strings.number(affected.architecture);
    for (const model::VersionRange& range : affected.ranges) {
        one.ranges.push_back(collect_range(range, strings));
    }
    for (const std::string& version : affected.versions) {
        one.versions.push_back(strings.number(version));
    }
    return one;
}

void add_severities(CollectedFacts& facts, std::span<const model::SeverityClaim> severities) {
    for (const model::SeverityClaim& severity : severities) {
        auto& scores = severity.type.starts_with("CVSS") ? facts.cvss_vectors : facts.labels;
        scores.insert(severity.score);
    }
}

bool is_cve(std::string_view id) {
    return id.starts_with("CVE-");
}

void merge_exploitation(CollectedFacts& into, const model::VulnerabilityFacts& facts) {
    if (facts.kev && (!into.kev || facts.kev->added < into.kev->added)) {
        into.kev = facts.kev;
    }
    if (facts.epss && (!into.epss || facts.epss->scored > into.epss->scored)) {
        into.epss = facts.epss;
    }
    if (facts.ssvc && (!into.ssvc || facts.ssvc->timestamp > into.ssvc->timestamp)) {
        into.ssvc = facts.ssvc;
    }
}

/// The bytes of header, extents and directory, in this order.
std::string assemble_file(std::vector<NamedExtent> extents, Instant built_at) {
    std::sort(
        extents.begin(), extents.end(), [](const NamedExtent& left, const NamedExtent& right) {
            return std::tie(left.kind, left.key) < std::tie(right.kind, right.key);
        });
    const auto align = [](std::string& file) {
        file.resize(
            (file.size() + format::kAlignment - 1) / format::kAlignment * format::kAlignment, '\0');
    };
    const auto bytes_of = [](const std::string& text) {
        return std::as_bytes(std::span<const char>{text});
    };
    std::string file(sizeof(format::Header), '\0');
    std::vector<format::Extent> rows;
    std::string keys;
    for (const NamedExtent& extent : extents) {
        align(file);
        rows.push_back(
            {static_cast<std::uint32_t>(extent.kind),
             static_cast<std::uint32_t>(extent.key.size()),
             keys.size(),
             file.size(),
             extent.bytes.size(),
             checksum(bytes_of(extent.bytes))});
        file += extent.bytes;
        keys += extent.key;
    }
    align(file);
    const std::uint64_t directory_at = file.size();
    for (format::Extent& row : rows) {
        row.key_offset += directory_at + rows.size() * sizeof(format::Extent);
    }
    const auto raw = std::as_bytes(std::span<const format::Extent>{rows});
    std::string directory(
        static_cast<const char*>(static_cast<const void*>(raw.data())), raw.size());
    directory += keys;
    file += directory;

    format::Header header{};
    header.magic = format::kMagic;
    header.version = format::kVersion;
    header.extent_count = static_cast<std::uint32_t>(rows.size());
    header.built_at = built_at.time_since_epoch().count();
    header.file_size = file.size();
    header.directory_offset = directory_at;
    header.directory_size = directory.size();
    header.directory_checksum = checksum(bytes_of(directory));
    header.header_checksum = checksum(
        std::as_bytes(std::span{&header, 1}).first(offsetof(format::Header, header_checksum)));
    std::memcpy(file.data(), &header, sizeof header);
    return file;
}

std::string write_sources(std::vector<Source> sources) {
    std::sort(sources.begin(), sources.end(), [](const Source& left, const Source& right) {
        return left.feed < right.feed;
    });
    StringPoolWriter strings;
    std::vector<format::SourceRecord> records;
    records.reserve(sources.size());
    for (const Source& source : sources) {
        records.push_back(
            {strings.offset_of(source.feed),
             source.undated ? format::kUndated : 0,
             source.as_of.time_since_epoch().count(),
             source.staleness_budget.count(),
             source.records,
             source.quarantined,
             source.checked_at.time_since_epoch().count(),
             source.check_budget.count()});
    }
    ExtentWriter extent(sizeof(format::SourcesHeader));
    format::SourcesHeader header{};
    header.sources = extent.append(std::span<const format::SourceRecord>{records});
    header.strings = extent.append(strings);
    return extent.finish(header);
}

}  // namespace

struct Builder::State {
    Collection collection;
    BuildReport report;
    std::vector<Source> sources;

    CollectedFacts& facts_of(const std::string& id) { return collection.facts[fact_number(id)]; }

    std::uint32_t fact_number(const std::string& id) {
        const auto next = static_cast<std::uint32_t>(collection.facts.size());
        const auto [at, inserted] = collection.fact_numbers.try_emplace(id, next);
        if (inserted) {
            collection.facts.emplace_back();
            collection.fact_ids.push_back(id);
        }
        return at->second;
    }

    void sort_advisories();
    void rekey_rejected();
    void append_sections(std::vector<NamedExtent>& extents);
    void append_facts(std::vector<NamedExtent>& extents);
};

/// Gives advisories numbers in the order of their ids, whatever the order they came in.
void Builder::State::sort_advisories() {
    auto& advisories = collection.advisories;
    const auto rank = [this, &advisories](std::uint32_t index) {
        const CollectedAdvisory& advisory = advisories[index];
        return std::tuple{
            collection.strings.text(advisory.id),
            collection.strings.text(advisory.feed),
            advisory.modified_day};
    };
    std::vector<std::uint32_t> order(advisories.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&rank](std::uint32_t left, std::uint32_t right) {
        return rank(left) < rank(right);
    });
    std::vector<std::uint32_t> number(order.size());
    std::vector<CollectedAdvisory> sorted;
    sorted.reserve(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        number[order[i]] = static_cast<std::uint32_t>(i);
        sorted.push_back(std::move(advisories[order[i]]));
    }
    advisories = std::move(sorted);
    for (auto& [key, section] : collection.sections) {
        for (auto& [package, affected] : section) {
            for (CollectedAffected& one : affected) {
                one.advisory = number[one.advisory];
            }
        }
    }
}

/// A database's advisory whose every CVE was rejected stands under its own id: the numbering
/// authority withdrew the number, not the finding.
void Builder::State::rekey_rejected() {
    for (CollectedAdvisory& advisory : collection.advisories) {
        if (advisory.authority != model::Authority::Database || advisory.vulnerabilities.empty()) {
            continue;
        }
        std::erase_if(advisory.vulnerabilities, [this](std::uint32_t fact) {
            return collection.facts[fact].rejected;
        });
        if (advisory.vulnerabilities.empty()) {
            advisory.vulnerabilities.push_back(
                fact_number(std::string(collection.strings.text(advisory.id))));
        }
    }
}

void Builder::State::append_sections(std::vector<NamedExtent>& extents) {
    for (const auto& [key, section] : collection.sections) {
        const model::VersionOrder* order = model::version_order_named(key);
        if (order == nullptr) {
            for (const auto& [package, affected] : section) {
                report.without_order[key.substr(0, key.find(':'))] += affected.size();
            }
            continue;
        }
        SectionBytes bytes = write_section(collection, section, *order, report);
        extents.push_back({format::ExtentKind::Packages, key, std::move(bytes.packages)});
        extents.push_back({format::ExtentKind::Text, key, std::move(bytes.text)});
        ++report.sections;
    }
}

void Builder::State::append_facts(std::vector<NamedExtent>& extents) {
    std::vector<std::uint32_t> numbers(collection.facts.size());
    std::iota(numbers.begin(), numbers.end(), 0U);
    const auto rank = [this](std::uint32_t number) {
        const std::string& id = collection.fact_ids[number];
        return std::tuple{facts_key(id), std::string_view{id}};
    };
    std::sort(numbers.begin(), numbers.end(), [&rank](std::uint32_t left, std::uint32_t right) {
        return rank(left) < rank(right);
    });
    for (auto at = numbers.begin(); at != numbers.end();) {
        const std::string_view key = facts_key(collection.fact_ids[*at]);
        StringPoolWriter strings;
        FactRecords records;
        for (; at != numbers.end() && facts_key(collection.fact_ids[*at]) == key; ++at) {
            append_fact(records, collection, *at, strings, strings);
        }
        ExtentWriter extent(sizeof(format::PackagesHeader));
        format::PackagesHeader header{};
        header.facts = extent.append(std::span<const format::Fact>{records.facts});
        header.exploits = extent.append(std::span<const format::Exploit>{records.exploits});
        header.strings = extent.append(strings);
        extents.push_back({format::ExtentKind::Facts, std::string(key), extent.finish(header)});
    }
    report.vulnerabilities = numbers.size();
}

Builder::Builder() : state_(std::make_unique<State>()) {}
Builder::~Builder() = default;

void Builder::add(const model::Advisory& advisory) {
    const bool names_cve =
        std::any_of(advisory.vulnerabilities.begin(), advisory.vulnerabilities.end(), is_cve);
    // Bug-fix errata without a CVE are patches, but no vulnerability.
    if (!advisory.security && !names_cve) {
        return;
    }
    Interner& strings = state_->collection.strings;
    const auto index = static_cast<std::uint32_t>(state_->collection.advisories.size());
    CollectedAdvisory collected;
    collected.id = strings.number(advisory.id);
    collected.feed = strings.number(advisory.feed);
    collected.summary = strings.number(advisory.summary);
    collected.published_day = day_of(advisory.published);
    collected.modified_day = day_of(advisory.modified);
    collected.withdrawn_day = day_of(advisory.withdrawn);
    collected.authority = advisory.authority;
    for (const std::string& id : advisory.vulnerabilities) {
        collected.vulnerabilities.push_back(state_->fact_number(id));
    }
    // A severity speaks for a vulnerability only where the record is about one alone.
    if (collected.vulnerabilities.size() == 1 && !advisory.withdrawn) {
        add_severities(
            state_->collection.facts[collected.vulnerabilities.front()], advisory.severities);
    }
    for (const model::AffectedPackage& affected : advisory.affected) {
        CollectedAffected one = collect_affected(affected, strings);
        one.advisory = index;
        state_->collection
            .sections[affected.ecosystem]
                     [model::fold_package_name(affected.ecosystem, affected.name)]
            .push_back(std::move(one));
    }
    state_->collection.advisories.push_back(std::move(collected));
    ++state_->report.advisories;
    state_->report.withdrawn += advisory.withdrawn ? 1 : 0;
}

void Builder::add(const model::VulnerabilityFacts& facts) {
    Interner& strings = state_->collection.strings;
    CollectedFacts& into = state_->facts_of(facts.id);
    merge_exploitation(into, facts);
    into.cvss_vectors.insert(facts.cvss_vectors.begin(), facts.cvss_vectors.end());
    for (const model::ExploitEvidence& exploit : facts.exploits) {
        into.exploits.emplace(strings.number(exploit.source), strings.number(exploit.reference));
    }
    // The longer text, then the earlier date: independent of the order of the feeds.
    if (facts.summary.size() > strings.text(into.summary).size()) {
        into.summary = strings.number(facts.summary);
    }
    if (facts.published) {
        const std::int32_t day = day_of(facts.published);
        into.published_day =
            into.published_day == format::kNoDay ? day : std::min(into.published_day, day);
    }
    into.rejected = into.rejected || facts.rejected;
}

void Builder::add(Source source) {
    state_->sources.push_back(std::move(source));
}

Result<std::string> Builder::build(Instant built_at) {
    state_->rekey_rejected();
    state_->sort_advisories();
    std::vector<NamedExtent> extents;
    state_->append_sections(extents);
    state_->append_facts(extents);
    extents.push_back({format::ExtentKind::Sources, "", write_sources(state_->sources)});
    for (const NamedExtent& extent : extents) {
        if (extent.bytes.size() > kLargestExtent) {
            return failure(
                ErrorKind::Unsupported,
                "catalog.too_large",
                "the section \"" + extent.key + "\" would pass 4 GiB");
        }
    }
    return assemble_file(std::move(extents), built_at);
}

const BuildReport& Builder::report() const {
    return state_->report;
}

}  // namespace thimble::catalog
