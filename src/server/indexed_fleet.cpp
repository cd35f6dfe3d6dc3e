#include "thimble/server/indexed_fleet.hpp"

#include "thimble/fleet/fleet_judge.hpp"
#include "thimble/fleet/reassess.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

namespace thimble::server {
namespace {

/// Beside the network, the database and who judges: few, for a moment.
unsigned reassess_threads() {
    constexpr unsigned kMost = 4;
    return std::clamp(std::thread::hardware_concurrency(), 1U, kMost);
}

/// What the last catalog said. One that cannot be read any more is as none.
std::optional<fleet::FleetAssessment> assessment_by(
    const fleet::FleetIndex& index, const catalog::Catalog* catalog) {
    if (catalog == nullptr) {
        return std::nullopt;
    }
    auto assessment = fleet::reassess(index, *catalog, reassess_threads());
    return assessment ? std::optional(*std::move(assessment)) : std::nullopt;
}

}  // namespace

void IndexedFleet::fill(const Lists& lists) {
    std::vector<fleet::Placement> placements;
    for (const auto& [order, list] : lists) {
        for (const std::string& host : list.hosts) {
            placements.push_back({number_for(host), list.number});
        }
    }
    index_.fill(placements);
    overviews_ = {};
    is_filled_ = true;
}

void IndexedFleet::become(IndexedFleet filled) {
    for (const std::string& host : revoked_) {
        filled.revoke(host);
    }
    filled.catalog_ = std::move(catalog_);
    *this = std::move(filled);
}

std::optional<fleet::HostNumber> IndexedFleet::number_of(const std::string& host_id) const {
    const auto known = numbers_.find(host_id);
    return known == numbers_.end() ? std::nullopt : std::optional(known->second);
}

fleet::HostNumber IndexedFleet::number_for(const std::string& host_id) {
    if (const auto known = number_of(host_id)) {
        return *known;
    }
    fleet::HostNumber number{static_cast<std::uint32_t>(ids_.size())};
    if (free_.empty()) {
        ids_.push_back(host_id);
    } else {
        number = free_.back();
        free_.pop_back();
        ids_[static_cast<std::uint32_t>(number)] = host_id;
    }
    numbers_.emplace(host_id, number);
    return number;
}

void IndexedFleet::place(const std::string& host_id, fleet::ListNumber list) {
    const fleet::HostNumber number = number_for(host_id);
    if (index_.list_of(number) != list) {  // most judgements are of what was there before
        index_.put(std::array{number}, list);
        overviews_ = {};
    }
}

bool IndexedFleet::put(const std::string& host_id, const std::string& key) {
    if (revoked_.contains(host_id)) {
        return true;
    }
    const auto list = index_.list_of(key);
    if (list) {
        place(host_id, *list);
    }
    return list.has_value();
}

void IndexedFleet::put(
    const std::string& host_id, const std::string& key, const fleet::JudgedPackages& judged) {
    if (!revoked_.contains(host_id)) {
        place(host_id, index_.intern(key, judged));
    }
}

void IndexedFleet::forget(const std::string& host_id) {
    const auto number = number_of(host_id);
    if (number) {
        index_.remove(*number);
        overviews_ = {};
        ids_[static_cast<std::uint32_t>(*number)].clear();
        free_.push_back(*number);
        numbers_.erase(host_id);
    }
}

void IndexedFleet::revoke(const std::string& host_id) {
    revoked_.insert(host_id);
    forget(host_id);
}

Result<CatalogChange> IndexedFleet::change_catalog(std::shared_ptr<const catalog::Catalog> next) {
    const std::shared_ptr<const catalog::Catalog> last = std::exchange(catalog_, std::move(next));
    overviews_ = {};
    const auto before = assessment_by(index_, last.get());
    THIMBLE_TRY(const auto after, fleet::reassess(index_, *catalog_, reassess_threads()));
    CatalogChange change;
    change.is_first = !before.has_value();
    const fleet::FleetAssessment nothing;
    for (const fleet::HostNumber host :
         fleet::changed_hosts(index_, before ? *before : nothing, after)) {
        if (change.is_first && after.hosts[static_cast<std::uint32_t>(host)].exploited == 0) {
            break;  // they come first
        }
        change.hosts.push_back(ids_[static_cast<std::uint32_t>(host)]);
    }
    if (before) {
        for (const std::string_view id : after.exploited) {
            if (!std::ranges::binary_search(before->exploited, id)) {
                change.newly_exploited.emplace_back(id);
            }
        }
    }
    return change;
}

/// Whether there is anything to tell of.
Result<void> IndexedFleet::can_tell() const {
    if (!is_filled_ || catalog_ == nullptr) {
        return failure(
            ErrorKind::Unavailable,
            "server.no_index",
            is_filled_ ? "the server has no catalog: thimble feeds sync"
                       : "the server still reads what its hosts have; ask again in a moment");
    }
    return {};
}

Result<std::shared_ptr<const fleet::FleetOverview>> IndexedFleet::overview() {
    THIMBLE_TRY(can_tell());
    if (overviews_.of_all == nullptr) {
        THIMBLE_TRY(auto made, fleet::overview_of(index_, *catalog_, nullptr));
        overviews_.of_all = std::make_shared<const fleet::FleetOverview>(std::move(made));
    }
    return overviews_.of_all;
}

Result<std::shared_ptr<const fleet::FleetOverview>> IndexedFleet::overview_among(
    const std::vector<std::string>& ids) {
    THIMBLE_TRY(can_tell());
    if (overviews_.among_ids != nullptr && overviews_.ids == ids) {
        return overviews_.among_ids;
    }
    std::vector<fleet::HostNumber> numbers;
    for (const std::string& id : ids) {
        if (const auto number = number_of(id)) {
            numbers.push_back(*number);
        }
    }
    const fleet::HostSet among = fleet::HostSet::of(numbers);
    THIMBLE_TRY(auto made, fleet::overview_of(index_, *catalog_, &among));
    overviews_.ids = ids;
    overviews_.among_ids = std::make_shared<const fleet::FleetOverview>(std::move(made));
    return overviews_.among_ids;
}

/// Ascending.
std::vector<std::string> IndexedFleet::ids_of(const fleet::HostSet& hosts) const {
    std::vector<std::string> ids;
    for (const fleet::HostNumber host : hosts.numbers()) {
        ids.push_back(ids_[static_cast<std::uint32_t>(host)]);
    }
    std::ranges::sort(ids);
    return ids;
}

Result<AffectedHosts> IndexedFleet::affected(std::string_view vulnerability) const {
    THIMBLE_TRY(can_tell());
    THIMBLE_TRY(const auto judge, fleet::FleetJudge::over(index_, *catalog_));
    const auto hosts = judge.affected(vulnerability);
    fleet::HostSet unread = index_.hosts_with_unread_changelogs();
    if (hosts) {
        for (const fleet::HostNumber host : hosts->numbers()) {
            unread.remove(host);
        }
    }
    return AffectedHosts{
        hosts.has_value(), hosts ? ids_of(*hosts) : std::vector<std::string>(), ids_of(unread)};
}

}  // namespace thimble::server
