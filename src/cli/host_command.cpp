#include "thimble/cli/host_command.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/view_command.hpp"
#include "thimble/client/administration.hpp"
#include "thimble/client/affected_hosts.hpp"
#include "thimble/client/fleet_json.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/fleet_table.hpp"
#include "thimble/client/halt.hpp"
#include "thimble/client/short_id.hpp"
#include "thimble/model/vulnerability_id.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <iterator>

namespace thimble::cli {
namespace {

/// Fewer characters of an id are more likely a name that is mistyped.
constexpr std::size_t kShortestPrefix = 4;

std::string filter_of(const ListOptions& list) {
    return (list.group.empty() ? "" : client::filter_of("group", list.group))
        + (list.tag.empty() ? "" : client::filter_of("tags.has", list.tag));
}

Result<int> show_hosts(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const std::string wanted, wanted_items(options.list));
    THIMBLE_TRY(
        auto hosts, client::all_hosts(context, {"hosts", filter_of(options.list) + wanted}));
    const bool is_of_gaps = options.list.unknown || options.list.unread;
    if (is_of_gaps) {
        std::erase_if(hosts, [&](const client::ListedHost& host) {
            const bool is_meant = (options.list.unknown && !host.unknown_why.empty())
                || (options.list.unread && host.has_unread_changelogs);
            return host.is_revoked || !is_meant;
        });
    }
    THIMBLE_TRY(tell_of_halt(context));
    std::cout << (options.json ? client::hosts_json(hosts) + "\n" : client::host_table(hosts));
    if (is_of_gaps) {
        return hosts.empty() ? kNothingDue : kCouldNotTell;
    }
    return client::fleet_exit_status(hosts);
}

Result<int> remove_host(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto host, host_named(context, options.host));
    THIMBLE_TRY(client::remove_host(context, host.id, options.why));
    std::cout << "Removed " << printable(host.name) << " (" << printable(host.id)
              << "): its certificate is revoked; to come back it enrols again\n";
    return kNothingDue;
}

Result<int> move_host(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto host, host_named(context, options.host));
    client::HostWish wish;
    wish.group = options.group;
    wish.why = options.why;
    THIMBLE_TRY(client::change_host(context, host.id, wish));
    std::cout << "Moved " << printable(host.name) << " from " << printable(host.group) << " to "
              << printable(options.group) << '\n';
    return kNothingDue;
}

Result<int> tag_host(const FleetOptions& options) {
    THIMBLE_TRY(client::HostWish wish, client::parse_tag_words(options.tags));
    if (options.tags.empty()) {
        return failure(
            ErrorKind::Invalid, "cli.bad_option", "say which tags: +WORD, KEY=VALUE or -WORD");
    }
    wish.why = options.why;
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto host, host_named(context, options.host));
    THIMBLE_TRY(client::change_host(context, host.id, wish));
    THIMBLE_TRY(const auto after, host_named(context, host.id));
    std::cout << printable(after.name) << ": "
              << (after.tags.empty() ? "no tags" : printable(after.tags)) << '\n';
    return kNothingDue;
}

Result<int> show_patches_of_host(const FleetOptions& options, const client::FleetContext& context) {
    THIMBLE_TRY(const client::ListedHost host, host_named(context, options.host));
    THIMBLE_TRY(
        const auto patches,
        client::all_patches(context, {"patches", client::filter_of("host_id", host.id)}));
    std::cout
        << (options.json ? client::patches_json(patches, true) + "\n"
                         : client::patch_table(patches, std::vector{host}));
    if (!host.unknown_why.empty()) {
        tell(
            std::cerr,
            "what " + printable(host.name)
                + " misses is not wholly known: " + printable(host.unknown_why));
    }
    return client::fleet_exit_status(std::vector{host});
}

Result<int> show_patches(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    if (!options.host.empty()) {
        return show_patches_of_host(options, context);
    }
    THIMBLE_TRY(
        const auto patches,
        client::all_patches(
            context,
            {"fleet-patches",
             options.list.group.empty() ? "" : client::filter_of("group", options.list.group)}));
    THIMBLE_TRY(const auto hosts, client::all_hosts(context, {"hosts", filter_of(options.list)}));
    std::cout
        << (options.json ? client::patches_json(patches, false, client::unknown_hosts(hosts)) + "\n"
                         : client::fleet_patch_table(patches, hosts));
    return client::fleet_exit_status(hosts);
}

Result<int> show_affected(const FleetOptions& options) {
    THIMBLE_TRY(const std::string id, model::vulnerability_id_of(options.vulnerability));
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto affected, client::affected_hosts(context, id));
    std::cout
        << (options.json ? client::affected_json(affected) + "\n"
                         : client::affected_table(affected));
    return client::affected_exit_status(affected);
}

/// Several hosts of which one is meant: what tells them apart.
Error many_hosts(const std::string& wanted, const std::vector<client::ListedHost>& hosts) {
    std::vector<std::string> ids;
    ids.reserve(hosts.size());
    for (const client::ListedHost& host : hosts) {
        ids.push_back(host.id);
    }
    const std::size_t width = client::short_id_width(ids);
    std::string text = "several hosts are " + wanted + ", say which by its id:";
    for (const client::ListedHost& host : hosts) {
        text += " " + host.id.substr(0, width) + " ("
            + (host.last_seen ? "last heard of " + format_instant(*host.last_seen)
                              : "never heard of")
            + ")";
    }
    return failure(ErrorKind::Invalid, "cli.many_hosts", text);
}

void declare_host_verbs(CLI::App& hosts, FleetOptions& options, FleetAction& action) {
    CLI::App* removed = declare_fleet_verb(
        hosts, {"remove", "Revoke the certificate of a host"}, options, action, remove_host);
    CLI::App* moved =
        declare_fleet_verb(hosts, {"move", "Into another group"}, options, action, move_host);
    CLI::App* tagged = hosts.add_subcommand("tag", "Tag a host: +WORD, KEY=VALUE; -WORD untags");
    tagged->set_help_flag("--help", "Print this help message and exit");  // -h may be a tag
    tagged->add_option("--config", options.config, "Directory of the configuration");
    for (CLI::App* command : {removed, moved, tagged}) {
        command->add_option("HOST", options.host, "Its name, its id, or how its id begins")
            ->required();
        command->add_option("--why", options.why, "The reason; it is recorded");
    }
    moved->add_option("GROUP", options.group, "Where it goes")->required();
    tagged->add_option("TAGS", options.tags, "+WORD, KEY=VALUE, -WORD");
    tagged->allow_extras();  // -WORD looks like an option
    tagged->callback([&options, &action, tagged] {
        std::ranges::move(tagged->remaining(), std::back_inserter(options.tags));
        action = [&options] {
            return tag_host(options);
        };
    });
}

}  // namespace

Result<client::ListedHost> host_named(
    const client::FleetContext& context, const std::string& wanted) {
    const auto hosts_with = [&](std::string_view column, std::string_view more) {
        return client::all_hosts(
            context, {"hosts", client::filter_of(column, wanted) + std::string(more)});
    };
    THIMBLE_TRY(auto hosts, hosts_with("id", ""));
    if (hosts.empty()) {
        THIMBLE_TRY(hosts, hosts_with("name", "&revoked_at=null"));
    }
    if (hosts.size() > 1) {
        // One that has enrolled again is meant by nobody who says its name.
        auto current = hosts;
        std::erase_if(
            current, [](const client::ListedHost& host) { return !host.superseded_by.empty(); });
        if (current.size() == 1) {
            hosts = std::move(current);
        }
    }
    if (hosts.empty() && wanted.size() >= kShortestPrefix) {
        THIMBLE_TRY(hosts, hosts_with("id.prefix", "&revoked_at=null"));
    }
    if (hosts.empty()) {
        return failure(
            ErrorKind::NotFound,
            "cli.no_host",
            "the server knows no host " + wanted + ": thimble hosts");
    }
    if (hosts.size() > 1) {
        return many_hosts(wanted, hosts);
    }
    return std::move(hosts.front());
}

Result<void> tell_of_halt(const client::FleetContext& context) {
    THIMBLE_TRY(const auto halt, client::read_halt(context));
    if (halt.halted) {
        tell(std::cerr, client::halt_line(halt));
    }
    return {};
}

void declare_hosts(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* hosts = declare_fleet_command(app, "hosts", "The hosts of the fleet", options);
    CLI::App* patches = declare_fleet_verb(
        app, {"patches", "The patches that hosts miss"}, options, action, show_patches);
    patches->add_option("--host", options.host, "Name or id of one host");
    CLI::App* affected = declare_fleet_verb(
        app,
        {"affected", "The hosts on which a vulnerability is open"},
        options,
        action,
        show_affected);
    affected->add_option("VULNERABILITY", options.vulnerability, "CVE-…, as advisories name it")
        ->required();
    declare_list_options(*hosts, options);
    for (CLI::App* command : {patches, affected}) {
        command->add_flag("--json", options.json, "Print JSON");
    }
    for (CLI::App* command : {hosts, patches}) {
        command->add_option("--group", options.list.group, "Those of one group");
    }
    hosts->add_option("--tag", options.list.tag, "Those with this tag");
    hosts->add_flag("--unknown", options.list.unknown, "Those of which something is not known");
    hosts->add_flag(
        "--unread", options.list.unread, "Those where changelogs of updates were not read");
    hosts->require_subcommand(0, 1);
    hosts->callback([&options, &action, hosts] {
        if (hosts->get_subcommands().empty()) {
            action = [&options] {
                return show_hosts(options);
            };
        }
    });
    declare_host_verbs(*hosts, options, action);
}

}  // namespace thimble::cli
