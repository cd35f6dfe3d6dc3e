#include "thimble/server/exception_scope.hpp"

#include "thimble/server/fleet_inventory.hpp"
#include "thimble/store/exceptions.hpp"
#include "thimble/store/fleet.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace thimble::server {
namespace {

constexpr std::size_t kMostRead = 20;   // inventories of hosts
constexpr std::size_t kMostAsked = 20;  // vulnerabilities

/// What the hosts that an exception names have told of their packages.
struct NamedHosts {
    std::map<std::string, std::string> source_of;  ///< by source and by binary package
    std::size_t silent = 0;                        ///< have not told
};

Result<NamedHosts> read_named_hosts(
    store::Connection& connection, const std::vector<std::string>& ids) {
    NamedHosts hosts;
    for (const std::string& id : ids) {
        THIMBLE_TRY(const std::string digest, store::inventory_of_host(connection, id));
        const auto document = digest.empty()
            ? Result<inventory::InventoryDocument>(
                  failure(ErrorKind::NotFound, "store.no_document", "none yet"))
            : read_inventory_document(connection, digest);
        const auto inventory = document ? read_packages(connection, *document)
                                        : Result<model::Inventory>(document.error());
        if (!inventory && inventory.error().kind == ErrorKind::Unavailable) {
            return inventory.error();
        }
        if (!inventory) {
            ++hosts.silent;
            continue;
        }
        for (const model::InstalledPackage& package : inventory->packages) {
            hosts.source_of.emplace(package.name, package.source_name);
            hosts.source_of.insert_or_assign(package.source_name, package.source_name);
        }
    }
    return hosts;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        text.append(text.empty() ? "" : "; ").append(part);
    }
    return text;
}

/// @param packages  those that are named
Result<std::vector<std::string>> doubts_of_named_hosts(
    const NamedHosts& hosts, const std::vector<std::string>& packages) {
    std::vector<std::string> absent;
    for (const std::string& name : packages) {
        const auto known = hosts.source_of.find(name);
        if (known != hosts.source_of.end() && known->second == name) {
            continue;
        }
        absent.push_back(
            known == hosts.source_of.end()
                ? "no host that it names has the source package \"" + name + "\""
                : "\"" + name + "\" is a binary package: name its source, " + known->second);
    }
    if (absent.empty()) {
        return std::vector<std::string>();
    }
    if (hosts.silent > 0) {
        for (std::string& words : absent) {
            words += ", as far as is known: " + std::to_string(hosts.silent)
                + " of them have not told what they have";
        }
        return absent;
    }
    return failure(
        ErrorKind::NotFound,
        "server.no_package",
        joined(absent) + ": thimble packages --host HOST lists what is there");
}

/// Names of packages as advisories have them, on some hosts.
Result<std::set<std::string>> packages_among(
    Context& context, const std::vector<std::string>& ids) {
    THIMBLE_TRY(const auto overview, context.fleet.with([&](IndexedFleet& fleet) {
        return fleet.overview_among(ids);
    }));
    std::set<std::string> names;
    for (const fleet::PackageCount& one : overview->packages) {
        names.insert(one.name);
    }
    return names;
}

/// Those of which no patch is missing either: advisories name rpm packages by their binary names.
Result<std::vector<std::string>> without_missed_patches(
    Context& context, const model::ExceptionScope& scope, const std::set<std::string>& known) {
    std::vector<std::string> absent;
    std::ranges::copy_if(scope.packages, std::back_inserter(absent), [&](const auto& name) {
        return !known.contains(name);
    });
    if (absent.empty()) {
        return absent;
    }
    THIMBLE_TRY(const auto missed, context.database.look([&](store::Connection& connection) {
        return store::missed_patches(
            connection, {.host_id = {}, .host_group = scope.host_group, .sources = absent});
    }));
    std::erase_if(absent, [&](const std::string& name) {
        return std::ranges::find(missed, name, &store::MissedPatch::source) != missed.end();
    });
    return absent;
}

Result<std::vector<std::string>> doubts_of_group(
    Context& context, const model::ExceptionScope& scope, const std::vector<std::string>& ids) {
    if (scope.packages.empty()) {
        return std::vector<std::string>();
    }
    const auto known = packages_among(context, ids);
    if (!known) {
        return std::vector<std::string>{
            "whether a host has these packages is not known: " + known.error().text()};
    }
    THIMBLE_TRY(const auto absent, without_missed_patches(context, scope, *known));
    std::vector<std::string> doubts;
    doubts.reserve(absent.size());
    for (const std::string& name : absent) {
        doubts.push_back(
            "no host that it is for is known to have the source package \"" + name
            + "\": thimble packages lists those that are there");
    }
    return doubts;
}

/// Vulnerabilities that are open on no host that it is for, as far as is known.
std::vector<std::string> doubts_of_vulnerabilities(
    Context& context, const model::ExceptionScope& scope, const std::vector<std::string>& ids) {
    std::vector<std::string> doubts;
    const std::size_t most = std::min(scope.vulnerabilities.size(), kMostAsked);
    for (std::size_t at = 0; at < most; ++at) {
        const std::string& id = scope.vulnerabilities[at];
        const auto affected =
            context.fleet.with([&](const IndexedFleet& fleet) { return fleet.affected(id); });
        if (!affected) {
            return {
                "whether these vulnerabilities are open anywhere is not known: "
                + affected.error().text()};
        }
        const bool is_open = std::ranges::any_of(ids, [&](const std::string& host) {
            return std::ranges::binary_search(affected->ids, host);
        });
        if (!is_open) {
            std::string words = id;
            words.append(
                " is open on no host that it is for, as far as is known: thimble affected ");
            doubts.push_back(words.append(id));
        }
    }
    return doubts;
}

}  // namespace

Result<std::vector<std::string>> doubts_about_scope(
    Context& context, const model::ExceptionScope& scope) {
    std::vector<std::string> ids = scope.hosts;
    if (ids.empty()) {
        const std::string group = scope.host_group == kEveryGroup ? "" : scope.host_group;
        THIMBLE_TRY(ids, context.database.look([&](store::Connection& connection) {
            return store::hosts_of_group(connection, group);
        }));
    }
    std::vector<std::string> doubts;
    if (!scope.hosts.empty() && ids.size() <= kMostRead) {
        THIMBLE_TRY(
            const NamedHosts hosts, context.database.look([&](store::Connection& connection) {
                return read_named_hosts(connection, ids);
            }));
        THIMBLE_TRY(doubts, doubts_of_named_hosts(hosts, scope.packages));
    } else {
        THIMBLE_TRY(doubts, doubts_of_group(context, scope, ids));
    }
    std::ranges::move(doubts_of_vulnerabilities(context, scope, ids), std::back_inserter(doubts));
    return doubts;
}

}  // namespace thimble::server
