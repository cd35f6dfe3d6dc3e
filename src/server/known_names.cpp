#include "thimble/server/known_names.hpp"

#include "thimble/model/host_tags.hpp"
#include "thimble/server/permission.hpp"
#include "thimble/store/accounts.hpp"
#include "thimble/store/control_probes.hpp"
#include "thimble/store/host_marks.hpp"
#include "thimble/store/hosts.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace thimble::server {
namespace {

constexpr std::string_view kPerson = "user:";

Error no_host(const std::string& name) {
    return failure(
        ErrorKind::NotFound,
        "server.no_host",
        "there is no host \"" + name + "\": thimble hosts lists them");
}

/// Those of that id or name that somebody may see.
/// @error NotFound "server.no_host"  there is none
Result<std::vector<store::ProbingHost>> hosts_named(
    store::Connection& connection, const std::string& name, const std::string& group) {
    THIMBLE_TRY(auto hosts, store::hosts_called(connection, name, group));
    return hosts.empty() ? Result<std::vector<store::ProbingHost>>(no_host(name))
                         : Result<std::vector<store::ProbingHost>>(std::move(hosts));
}

/// Tags of all hosts, each by itself.
Result<std::set<std::string>> all_tags(store::Connection& connection) {
    THIMBLE_TRY(const auto tagged, store::tagged_hosts(connection, ""));
    std::set<std::string> tags;
    for (const store::TaggedHosts& alike : tagged) {
        for (const auto& tag : model::parse_tags(alike.tags)) {
            tags.insert(tag);
        }
    }
    return tags;
}

}  // namespace

Result<std::string> id_of_host(
    store::Connection& connection, const std::string& name, const std::string& group) {
    THIMBLE_TRY(const auto hosts, hosts_named(connection, name, group));
    if (hosts.size() > 1) {
        return failure(
            ErrorKind::Conflict,
            "server.many_hosts",
            "more than one host is called \"" + name
                + "\": name the one that is meant by its id, which thimble hosts has");
    }
    return hosts.front().id;
}

Result<void> check_hosts_are_there(
    store::Connection& connection, std::span<const std::string> names, const std::string& group) {
    for (const std::string& name : names) {
        THIMBLE_TRY(hosts_named(connection, name, group));
    }
    return {};
}

Result<std::vector<std::string>> doubts_about_hosts(
    store::Connection& connection, std::span<const std::string> names) {
    std::vector<std::string> doubts;
    for (const std::string& name : names) {
        const auto hosts = hosts_named(connection, name, std::string(kEveryGroup));
        if (hosts) {
            continue;
        }
        THIMBLE_TRY(const bool was_there, store::was_host(connection, name));
        if (!was_there || hosts.error().kind != ErrorKind::NotFound) {
            return hosts.error();
        }
        doubts.push_back(
            "the host \"" + name + "\" was removed: nothing is planned for it any more");
    }
    return doubts;
}

Result<std::vector<std::string>> doubts_about(
    store::Connection& connection,
    const rollout::HostQuery& query,
    std::optional<std::set<std::string>>& tags_in_use) {
    std::vector<std::string> doubts;
    for (const std::string& group : query.groups) {
        THIMBLE_TRY(const bool is_there, store::has_host_of_group(connection, group));
        if (group != kEveryGroup && !is_there) {
            doubts.push_back(
                "no host is of the group \"" + group + "\": thimble groups lists those that are");
        }
    }
    if (query.tags.empty()) {
        return doubts;
    }
    if (!tags_in_use) {
        THIMBLE_TRY(tags_in_use, all_tags(connection));
    }
    for (const std::string& tag : query.tags) {
        if (!tags_in_use->contains(tag)) {
            doubts.push_back(
                "no host has the tag \"" + tag + "\": thimble tags lists those that are");
        }
    }
    return doubts;
}

Result<std::vector<std::string>> doubts_about_owner(
    store::Connection& connection, const std::string& owner) {
    const std::string name = owner.starts_with(kPerson) ? owner.substr(kPerson.size()) : owner;
    THIMBLE_TRY(const auto account, store::account_of_name(connection, name));
    const bool is_there = account && account->disabled_at == Instant{};
    return is_there
        ? std::vector<std::string>()
        : std::vector<std::string>{
              "nobody who can sign in is called \"" + name + "\": thimble users lists who can"};
}

void write_warnings(JsonWriter& json, std::span<const std::string> warnings) {
    json.member("warnings", warnings);
}

}  // namespace thimble::server
