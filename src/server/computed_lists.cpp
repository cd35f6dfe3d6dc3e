#include "thimble/server/computed_lists.hpp"

#include "thimble/model/decision.hpp"
#include "thimble/model/host_tags.hpp"
#include "thimble/server/finding_list.hpp"
#include "thimble/store/fleet.hpp"
#include "thimble/store/host_marks.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

namespace thimble::server {
namespace {

using Overview = std::shared_ptr<const fleet::FleetOverview>;
using Rows = std::vector<store::Row>;

constexpr std::size_t kMostNamed = 100;

store::Value number_of(std::uint64_t number) {
    return static_cast<std::int64_t>(number);
}

store::Value flag_of(bool flag) {
    return std::int64_t{flag ? 1 : 0};
}

store::Value instant_of(const std::optional<Instant>& instant) {
    return instant.value_or(Instant{}).time_since_epoch().count();
}

Result<Overview> overview_for(Context& context, const std::string& host_group) {
    if (host_group.empty()) {
        return context.fleet.with([](IndexedFleet& fleet) { return fleet.overview(); });
    }
    THIMBLE_TRY(const auto ids, context.database.look([&](store::Connection& connection) {
        return store::hosts_of_group(connection, host_group);
    }));
    return context.fleet.with([&](IndexedFleet& fleet) { return fleet.overview_among(ids); });
}

Rows vulnerability_rows(const fleet::FleetOverview& overview) {
    Rows rows;
    std::uint64_t urgency = 0;
    for (const fleet::OpenVulnerability& one : overview.vulnerabilities) {
        const model::VulnerabilityFacts& facts = one.facts;
        rows.push_back(
            {facts.id,
             number_of(++urgency),
             std::string(model::ssvc_outcome_name(one.outcome)),
             severity_of(facts),
             facts.cvss.version == 0 ? std::int64_t{-1} : std::int64_t{facts.cvss.score_tenths},
             flag_of(facts.kev.has_value()),
             flag_of(fleet::is_exploited(facts)),
             flag_of(fleet::has_public_exploit(facts)),
             epss_of(facts),
             number_of(one.hosts),
             number_of(one.packages),
             flag_of(one.fixed),
             instant_of(facts.published)});
    }
    return rows;
}

Rows advisory_rows(const fleet::FleetOverview& overview) {
    Rows rows;
    std::uint64_t urgency = 0;
    for (const fleet::ClosingAdvisory& one : overview.advisories) {
        bool kev = false;
        bool exploited = false;
        bool public_exploit = false;
        std::string ids;
        std::size_t named = 0;
        for (const std::uint32_t number : one.vulnerabilities) {
            const model::VulnerabilityFacts& facts = overview.vulnerabilities[number].facts;
            kev = kev || facts.kev.has_value();
            exploited = exploited || fleet::is_exploited(facts);
            public_exploit = public_exploit || fleet::has_public_exploit(facts);
            if (named++ < kMostNamed) {
                ids.append(ids.empty() ? "" : ",").append(facts.id);
            }
        }
        rows.push_back(
            {one.id,
             one.feed,
             number_of(++urgency),
             number_of(one.vulnerabilities.size()),
             std::move(ids),
             number_of(one.hosts),
             flag_of(kev),
             flag_of(exploited),
             flag_of(public_exploit),
             instant_of(one.published),
             instant_of(one.modified)});
    }
    return rows;
}

Rows package_rows(const fleet::FleetOverview& overview) {
    Rows rows;
    for (const fleet::PackageCount& one : overview.packages) {
        std::string id = one.release + " " + one.name + " " + one.version + " " + one.architecture;
        if (!one.stream.empty()) {
            id += " " + one.stream;
        }
        rows.push_back(
            {std::move(id),
             one.release,
             one.name,
             one.version,
             one.architecture,
             number_of(one.hosts),
             number_of(one.open)});
    }
    return rows;
}

Result<Rows> feed_rows(Context& context, const std::string& /*host_group*/, Instant now) {
    const auto catalog =
        context.fleet.with([](const IndexedFleet& fleet) { return fleet.catalog(); });
    if (catalog == nullptr) {
        return failure(
            ErrorKind::Unavailable,
            "server.no_index",
            "the server has no catalog: thimble feeds sync");
    }
    THIMBLE_TRY(const auto sources, catalog->sources());
    Rows rows;
    for (const catalog::Source& source : sources) {
        rows.push_back(
            {source.feed,
             instant_of(source.as_of),
             instant_of(source.checked_at),
             number_of(source.records),
             number_of(source.quarantined),
             flag_of(source.undated),
             catalog::staleness(source, now),
             instant_of(catalog->built_at())});
    }
    return rows;
}

Result<Rows> tag_rows(Context& context, const std::string& host_group, Instant /*now*/) {
    THIMBLE_TRY(const auto tagged, context.database.look([&](store::Connection& connection) {
        return store::tagged_hosts(connection, host_group);
    }));
    std::map<std::string, std::int64_t> hosts;
    for (const store::TaggedHosts& alike : tagged) {
        for (const std::string& tag : model::parse_tags(alike.tags)) {
            hosts[tag] += alike.hosts;
        }
    }
    Rows rows;
    for (const auto& [tag, count] : hosts) {
        const std::string key(model::tag_key(tag));
        rows.push_back({tag, key, tag.substr(std::min(key.size() + 1, tag.size())), count});
    }
    return rows;
}

template <Rows (*RowsOf)(const fleet::FleetOverview&)>
Result<Rows> overview_rows(Context& context, const std::string& host_group, Instant /*now*/) {
    THIMBLE_TRY(const Overview overview, overview_for(context, host_group));
    return RowsOf(*overview);
}

struct Maker {
    std::string_view list;
    Result<Rows> (*make)(Context&, const std::string&, Instant);
};
constexpr std::array kMakers{
    Maker{"advisories", overview_rows<advisory_rows>},
    Maker{"feeds", feed_rows},
    Maker{"packages", overview_rows<package_rows>},
    Maker{"tags", tag_rows},
    Maker{"vulnerabilities", overview_rows<vulnerability_rows>},
};

}  // namespace

Result<Rows> computed_rows(
    Context& context, const store::ListTable& table, store::ListQuery& query, Instant now) {
    if (table.name == "findings") {
        return finding_rows(context, table, query, now);
    }
    const auto* const maker = std::ranges::find(kMakers, table.name, &Maker::list);
    THIMBLE_CHECK(maker != kMakers.end());  // every list without a table is one of these
    THIMBLE_TRY(Rows rows, maker->make(context, query.host_group, now));
    return store::page_of(table, query, std::move(rows));
}

}  // namespace thimble::server
