#include "thimble/fleet/fleet_index.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
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

/// The versions from `first` to before `end`, each with the places in `grouped` of the lists that hold it.
std::vector<std::vector<std::uint32_t>> lists_of_versions(
    const FleetIndex& index, const NewHosts& grouped, std::size_t first, std::size_t end) {
    std::vector<std::vector<std::uint32_t>> lists(end - first);
    for (std::uint32_t i = 0; i < grouped.lists.size(); ++i) {
        index.versions_of(grouped.lists[i]).each([&](std::uint32_t version) {
            if (version >= first && version < end) {
                lists[version - first].push_back(i);
            }
        });
    }
    return lists;
}

/// `before` and the hosts of some lists.
HostSet joined(
    const HostSet& before,
    const NewHosts& grouped,
    std::span<const std::uint32_t> lists,
    Sorter& sorter) {
    std::ranges::for_each(before.numbers(), [&](HostNumber host) { sorter.add(host); });
    for (const std::uint32_t list : lists) {
        for (const Placement& placement : grouped.hosts[list]) {
            sorter.add(placement.host);
        }
    }
    HostSet all = HostSet::of(sorter.take());
    all.compact();
    return all;
}

}  // namespace

void FleetIndex::fill(std::span<const Placement> placements) {
    std::vector<Placement> fresh;
    std::ranges::copy_if(placements, std::back_inserter(fresh), [this](const Placement& one) {
        return place(one.host, one.list);
    });
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
        const auto lists = lists_of_versions(*this, grouped, first, end);
        for (std::size_t i = 0; i < lists.size(); ++i) {
            HostSet& hosts = versions_[first + i].hosts;
            if (!lists[i].empty()) {
                hosts = joined(hosts, grouped, lists[i], sorter);
            }
        }
    }
}

}  // namespace thimble::fleet
