#include "thimble/fleet/fleet_index.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

namespace thimble::fleet {
namespace {

/// Pairs of a version and a list that are held in memory at once.
constexpr std::size_t kPairsAtOnce = std::size_t{1} << 21U;

/// Some lists, each with the hosts that are new on it.
struct NewHosts {
    std::vector<ListNumber> lists;
    std::vector<std::span<const Placement>> hosts;  // parallel
};

/// @param fresh  sorted by list
NewHosts by_list(std::span<const Placement> fresh) {
    NewHosts grouped;
    for (std::size_t at = 0; at < fresh.size();) {
        const ListNumber list = fresh[at].list;
        std::size_t end = at;
        while (end < fresh.size() && fresh[end].list == list) {
            ++end;
        }
        grouped.lists.push_back(list);
        grouped.hosts.push_back(fresh.subspan(at, end - at));
        at = end;
    }
    return grouped;
}

/// Puts hosts that come in any order into order: one bit for each.
class Sorter {
public:
    explicit Sorter(std::size_t limit) : bits_(limit / kBits + 1) {}
    void add(HostNumber host) {
        const auto number = static_cast<std::uint32_t>(host);
        bits_[number / kBits] |= std::uint64_t{1} << (number % kBits);
    }
    /// Ascending; empties the sorter.
    std::span<const HostNumber> take() {
        sorted_.clear();
        for (std::size_t word = 0; word < bits_.size(); ++word) {
            for (std::uint64_t left = std::exchange(bits_[word], 0); left != 0; left &= left - 1) {
                const auto bit = static_cast<std::size_t>(std::countr_zero(left));
                sorted_.push_back(HostNumber{static_cast<std::uint32_t>(word * kBits + bit)});
            }
        }
        return sorted_;
    }

private:
    static constexpr std::size_t kBits = 64;
    std::vector<std::uint64_t> bits_;
    std::vector<HostNumber> sorted_;
};

}  // namespace

void FleetIndex::fill(std::span<const Placement> placements) {
    std::vector<Placement> fresh;
    for (const Placement& placement : placements) {
        if (take(placement.host, placement.list)) {
            fresh.push_back(placement);
        } else if (const ListNumber before = *list_of(placement.host); before != placement.list) {
            move(placement.host, before, placement.list);
        }
    }
    std::ranges::sort(
        fresh, {}, [](const Placement& one) { return std::pair(one.list, one.host); });
    const NewHosts grouped = by_list(fresh);
    std::size_t pairs = 0;
    for (const ListNumber list : grouped.lists) {
        pairs += versions_of(list).bytes();  // at least one for each
    }
    const std::size_t passes = pairs / kPairsAtOnce + 1;
    Sorter sorter(host_limit());
    for (std::size_t pass = 0; pass < passes; ++pass) {
        const std::size_t first = versions_.size() * pass / passes;
        const std::size_t end = versions_.size() * (pass + 1) / passes;
        std::vector<std::vector<std::uint32_t>> lists(end - first);  // of each version
        for (std::uint32_t i = 0; i < grouped.lists.size(); ++i) {
            versions_of(grouped.lists[i]).each([&](std::uint32_t version) {
                if (version >= first && version < end) {
                    lists[version - first].push_back(i);
                }
            });
        }
        for (std::size_t version = first; version < end; ++version) {
            if (lists[version - first].empty()) {
                continue;
            }
            HostSet& hosts = versions_[version].hosts;
            std::ranges::for_each(hosts.numbers(), [&](HostNumber host) { sorter.add(host); });
            for (const std::uint32_t list : lists[version - first]) {
                for (const Placement& placement : grouped.hosts[list]) {
                    sorter.add(placement.host);
                }
            }
            hosts = HostSet::of(sorter.take());
            hosts.compact();
        }
    }
}

}  // namespace thimble::fleet
