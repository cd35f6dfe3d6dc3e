#include "thimble/server/fill_fleet.hpp"

#include "thimble/server/fleet_inventory.hpp"
#include "thimble/store/fleet.hpp"

#include <utility>

namespace thimble::server {
namespace {

constexpr std::size_t kBatch = 256;

struct Filling {
    IndexedFleet fleet;
    IndexedFleet::Lists lists;
    std::string digest;                         ///< of the inventory that was read last
    std::vector<std::string>* hosts = nullptr;  ///< those with it; none: it cannot be read
};

/// The place of the hosts with that inventory: by release first, so that lists that are much alike are
/// near each other.
Result<std::vector<std::string>*> read_list(
    store::Connection& connection, const std::string& digest, Filling& filling) {
    THIMBLE_TRY(auto document, read_inventory_document(connection, digest));
    const model::Inventory& inventory = document.inventory;
    const std::string key = fleet::list_key(document.package_list, inventory);
    std::string order = inventory.os.id + ' ' + inventory.os.version_id + ' ' + key;
    auto list = filling.fleet.list_of(key);
    if (!list) {
        THIMBLE_TRY(const auto whole, read_packages(connection, std::move(document)));
        list = filling.fleet.intern(key, fleet::judged_packages(whole));
    }
    IndexedFleet::List& place = filling.lists[std::move(order)];
    place.number = *list;
    return &place.hosts;
}

Result<void> add(store::Connection& connection, const store::HostToJudge& host, Filling& filling) {
    if (filling.digest != host.inventory_digest) {
        const auto read = read_list(connection, host.inventory_digest, filling);
        if (!read && read.error().kind == ErrorKind::Unavailable) {
            return read.error();
        }
        filling.digest = host.inventory_digest;
        filling.hosts = read ? *read : nullptr;
    }
    if (filling.hosts != nullptr) {
        filling.hosts->push_back(host.host_id);
    }
    return {};
}

/// @return whether there were no more
Result<bool> add_batch(store::Connection& connection, store::HostToJudge& last, Filling& filling) {
    const store::FleetDue every{"", Instant::max(), {}};
    THIMBLE_TRY(const auto hosts, store::hosts_to_judge(connection, every, last, kBatch));
    for (const store::HostToJudge& host : hosts) {
        THIMBLE_TRY(add(connection, host, filling));
        last = host;
    }
    return hosts.empty();
}

}  // namespace

Result<void> fill_fleet(Context& context, const std::stop_token& stop) {
    Filling filling;
    store::HostToJudge last;
    while (!stop.stop_requested()) {
        THIMBLE_TRY(const bool is_done, context.database.look([&](store::Connection& connection) {
            return add_batch(connection, last, filling);
        }));
        if (is_done) {
            filling.fleet.fill(filling.lists);
            context.fleet.with(
                [&](IndexedFleet& fleet) { fleet.become(std::move(filling.fleet)); });
            break;
        }
    }
    return {};
}

}  // namespace thimble::server
