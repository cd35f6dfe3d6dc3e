#include "thimble/server/exception_scope.hpp"

#include "thimble/model/package_name.hpp"
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
    /// What patches call the source (model::patch_source), by that, by source and by binary package.
    std::map<std::string, std::string> source_of;
    std::size_t silent = 0;  ///< have not told
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
            const std::string source = model::patch_source(package.name, package.source_name);
            hosts.source_of.emplace(package.name, source);
            hosts.source_of.emplace(package.source_name, source);
            hosts.source_of.insert_or_assign(source, source);
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

/// @param packages  those by which no patch of the hosts goes
Result<std::vector<std::string>> doubts_of_absent(
    const NamedHosts& hosts, const std::vector<std::string>& packages) {
    std::vector<std::string> absent;
    for (const std::string& name : packages) {
        const auto known = hosts.source_of.find(name);
        absent.push_back(
            known == hosts.source_of.end()
                ? "no host that it names has the source package \"" + name + "\""
                : "patches of \"" + name + "\" go by their source: name " + known->second);
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
/// @param unknown  no host of the scope is known to have these packages
Result<std::vector<std::string>> without_missed_patches(
    Context& context, const model::ExceptionScope& scope, std::vector<std::string> unknown) {
    if (unknown.empty()) {
        return unknown;
    }
    const std::string group = scope.hosts.empty() ? scope.host_group : std::string();
    THIMBLE_TRY(const auto missed, context.database.look([&](store::Connection& connection) {
        return store::missed_patches(
            connection, {.host_id = {}, .host_group = group, .sources = unknown});
    }));
    std::erase_if(unknown, [&](const std::string& name) {
        return std::ranges::any_of(missed, [&](const store::MissedPatch& patch) {
            const bool is_for = scope.hosts.empty()
                || std::ranges::find(scope.hosts, patch.host_id) != scope.hosts.end();
            return is_for && patch.source == name;
        });
    });
    return unknown;
}

Result<std::vector<std::string>> doubts_of_few_hosts(
    Context& context, const model::ExceptionScope& scope) {
    THIMBLE_TRY(const NamedHosts hosts, context.database.look([&](store::Connection& connection) {
        return read_named_hosts(connection, scope.hosts);
    }));
    std::vector<std::string> unknown;
    std::ranges::copy_if(scope.packages, std::back_inserter(unknown), [&](const auto& name) {
        const auto known = hosts.source_of.find(name);
        return known == hosts.source_of.end() || known->second != name;
    });
    THIMBLE_TRY(unknown, without_missed_patches(context, scope, std::move(unknown)));
    return doubts_of_absent(hosts, unknown);
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
    std::vector<std::string> unknown;
    std::ranges::copy_if(scope.packages, std::back_inserter(unknown), [&](const auto& name) {
        return !known->contains(name);
    });
    THIMBLE_TRY(const auto absent, without_missed_patches(context, scope, std::move(unknown)));
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
        THIMBLE_TRY(doubts, doubts_of_few_hosts(context, scope));
    } else {
        THIMBLE_TRY(doubts, doubts_of_group(context, scope, ids));
    }
    std::ranges::move(doubts_of_vulnerabilities(context, scope, ids), std::back_inserter(doubts));
    return doubts;
}

}  // namespace thimble::server
