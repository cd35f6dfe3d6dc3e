#include "thimble/cli/deployment_command.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/client/deployment.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/list_view.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <thread>

namespace thimble::cli {
namespace {

constexpr std::chrono::seconds kBetweenLooks{1};
constexpr std::array kLevels{
    model::UpgradeLevel::SecurityOnly,
    model::UpgradeLevel::Upgrade,
    model::UpgradeLevel::UpgradeWithNew,
    model::UpgradeLevel::Full};

Result<int> show(
    const FleetOptions& options, const client::ListView& view, const std::string& filter) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto items, client::all_items(context, {std::string(view.list), filter}));
    std::cout
        << (options.json ? client::view_json(view.list, items) + "\n"
                         : client::view_table(view, items));
    return kNothingDue;
}

Result<std::vector<std::string>> ids_of(
    const FleetOptions& options, const client::FleetContext& context) {
    std::vector<std::string> ids;
    for (const std::string& name : options.start.hosts) {
        THIMBLE_TRY(const client::ListedHost host, host_named(context, name));
        ids.push_back(host.id);
    }
    if (!options.start.group.empty()) {
        THIMBLE_TRY(
            const auto hosts,
            client::all_hosts(
                context,
                {"hosts", client::filter_of("group", options.start.group) + "&revoked_at=null"}));
        for (const client::ListedHost& host : hosts) {
            ids.push_back(host.id);
        }
    }
    std::ranges::sort(ids);
    const auto repeated = std::ranges::unique(ids);
    ids.erase(repeated.begin(), repeated.end());
    if (ids.empty()) {
        return failure(
            ErrorKind::Invalid, "cli.bad_option", "say which hosts: --host NAME or --group GROUP");
    }
    return ids;
}

Result<model::PlanSelection> selection_of(const StartOptions& start) {
    model::PlanSelection selection = start.selection;
    const bool is_chosen = selection.all || !selection.vulnerabilities.empty()
        || !selection.packages.empty() || !selection.advisories.empty();
    selection.security = start.security || !is_chosen;
    const auto* const level = std::ranges::find(kLevels, start.level, model::upgrade_level_name);
    if (level == kLevels.end()) {
        return failure(
            ErrorKind::Invalid,
            "cli.bad_option",
            "--level is security-only, upgrade, upgrade-with-new or full");
    }
    selection.level = *level;
    return selection;
}

/// Tells what is new until every host has ended.
Result<int> watch(const FleetOptions& options, const std::string& id) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    const client::ListWish wish{"deployment-hosts", client::filter_of("deployment_id", id)};
    client::WatchedHosts seen;
    for (;;) {
        THIMBLE_TRY(const auto items, client::all_items(context, wish));
        if (items.empty()) {
            return failure(
                ErrorKind::NotFound,
                "cli.no_deployment",
                "the server knows no deployment " + id + ": thimble deployments");
        }
        if (!options.json) {
            std::cout << client::news_of(seen, items) << std::flush;
        }
        if (client::have_all_ended(items)) {
            if (options.json) {
                std::cout << client::view_json(wish.list, items) << '\n';
            }
            return client::deployment_exit_status(items);
        }
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

Result<int> start(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    client::DeploymentWish wish;
    THIMBLE_TRY(wish.selection, selection_of(options.start));
    THIMBLE_TRY(wish.host_ids, ids_of(options, context));
    wish.restart_services = options.start.restart_services;
    wish.why = options.start.why;
    THIMBLE_TRY(const std::string id, client::start_deployment(context, wish));
    std::cerr << "Deployment " << printable(id) << '\n';
    if (options.start.no_wait) {
        std::cerr << "Next: thimble deployments watch " << printable(id) << '\n';
        return kNothingDue;
    }
    return watch(options, id);
}

Result<int> show_view(const FleetOptions& options, const client::ListView& view) {
    if (options.host.empty()) {
        return show(options, view, view.list == "deployments" ? "&sort=-created_at" : "");
    }
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto host, host_named(context, options.host));
    return show(options, view, client::filter_of("host_id", host.id));
}

Result<int> change_halt(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(client::set_halt(context, options.why));
    std::cout
        << (options.why.empty() ? "Hosts go on.\n"
                                : "Halted: no host begins anything from now on.\n");
    return kNothingDue;
}

}  // namespace

Result<client::ListedHost> host_named(
    const client::FleetContext& context, const std::string& wanted) {
    THIMBLE_TRY(auto hosts, client::all_hosts(context, {"hosts", client::filter_of("id", wanted)}));
    if (hosts.empty()) {
        THIMBLE_TRY(
            hosts,
            client::all_hosts(
                context, {"hosts", client::filter_of("name", wanted) + "&revoked_at=null"}));
    }
    if (hosts.empty()) {
        return failure(ErrorKind::NotFound, "cli.no_host", "the server knows no host " + wanted);
    }
    if (hosts.size() > 1) {
        std::string ids;
        for (const client::ListedHost& host : hosts) {
            ids += " " + host.id;
        }
        return failure(
            ErrorKind::Invalid,
            "cli.many_hosts",
            "several hosts have the name " + wanted + ", say which by its id:" + ids);
    }
    return std::move(hosts.front());
}

void declare_deployments(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* deployments = declare_fleet_command(
        app, "deployments", "Plan, rehearse, apply and verify patches on hosts", options);
    deployments->add_flag("--json", options.json, "Print JSON");
    deployments->require_subcommand(0, 1);
    deployments->callback([&, deployments] {
        if (deployments->get_subcommands().empty()) {
            action = [&] {
                return show_view(options, *client::list_view_named("deployments"));
            };
        }
    });
    CLI::App* started = declare_fleet_command(*deployments, "start", "Begin one", options);
    StartOptions& wanted = options.start;
    started->add_option("--host", wanted.hosts, "Name or id of a host; repeatable");
    started->add_option("--group", wanted.group, "Every host of this group");
    started->add_flag("--security", wanted.security, "Every security patch (the default)");
    started->add_flag("--all", wanted.selection.all, "Every update that is offered");
    started->add_option("--cve", wanted.selection.vulnerabilities, "What closes it; repeatable");
    started->add_option("--package", wanted.selection.packages, "Binary or source; repeatable");
    started->add_option("--advisory", wanted.selection.advisories, "DSA-…, USN-…; repeatable");
    started->add_option("--exclude", wanted.selection.excluded, "Leave it as it is; repeatable");
    started->add_option("--level", wanted.level, "security-only, upgrade, upgrade-with-new, full");
    started->add_flag("--restart-services", wanted.restart_services, "Restart what is safe");
    started->add_option("--why", wanted.why, "The reason; it is recorded")->required();
    started->add_flag("--no-wait", wanted.no_wait, "Do not watch it");
    started->add_flag("--json", options.json, "Print JSON at its end");
    started->callback([&] {
        action = [&] {
            return start(options);
        };
    });
    CLI::App* watched =
        declare_fleet_command(*deployments, "watch", "Tell how it goes until its end", options);
    watched->add_flag("--json", options.json, "Print JSON at its end");
    CLI::App* cancelled =
        declare_fleet_command(*deployments, "cancel", "Let no further job follow", options);
    for (CLI::App* command : {watched, cancelled}) {
        command->add_option("DEPLOYMENT", options.deployment, "Its id")->required();
    }
    watched->callback([&] {
        action = [&] {
            return watch(options, options.deployment);
        };
    });
    cancelled->callback([&] {
        action = [&]() -> Result<int> {
            THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
            THIMBLE_TRY(client::cancel_deployment(context, options.deployment));
            return kNothingDue;
        };
    });
}

namespace {

void declare_user_addition(CLI::App& users, FleetOptions& options, FleetAction& action) {
    CLI::App* add = declare_fleet_command(users, "add", "Let somebody sign in", options);
    add->add_option("NAME", options.user.name, "1 to 64 of a-z, 0-9, -, _ and .")->required();
    add->add_option("--role", options.user.role, "viewer, operator, approver or administrator")
        ->required();
    add->add_option(
        "--group", options.user.group, "The one host group that they see (default: all)");
    add->add_option(
        "--oidc", options.user.subject, "Who they are at the server's provider: the subject");
    add->callback([&] {
        action = [&]() -> Result<int> {
            THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
            THIMBLE_TRY(const std::string link, client::add_user(context, options.user));
            const std::string name = printable(options.user.name);
            if (link.empty()) {
                std::cout << name << " signs in by the provider: " << context.url << "/sso\n";
            } else {
                std::cout << "This link lets " << name << " in, once, for 24 hours:\n  "
                          << printable(link) << '\n';
            }
            return kNothingDue;
        };
    });
}

void declare_view(
    CLI::App& app, const client::ListView& view, FleetOptions& options, FleetAction& action) {
    CLI::App* command = declare_fleet_command(
        app, std::string(view.list).c_str(), std::string(view.what).c_str(), options);
    command->add_flag("--json", options.json, "Print JSON");
    if (view.list == "users") {
        declare_user_addition(*command, options, action);
    } else {
        command->add_option("--host", options.host, "Those of one host, by its name or id");
    }
    command->callback([&options, &action, &view] {
        if (!action) {  // a verb of its own comes first
            action = [&options, &view] {
                return show_view(options, view);
            };
        }
    });
}

}  // namespace

void declare_views(CLI::App& app, FleetOptions& options, FleetAction& action) {
    for (const client::ListView& view : client::list_views()) {
        const bool has_verbs =
            view.list == "deployments" || view.list == "policies" || view.list == "rollouts";
        if (!has_verbs) {
            declare_view(app, view, options, action);
        }
    }
}

void declare_halt(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* halt =
        declare_fleet_command(app, "halt", "Stop every host before its next change", options);
    halt->require_subcommand(1);
    CLI::App* begin = declare_fleet_command(*halt, "begin", "From now on", options);
    begin->add_option("--why", options.why, "The reason; it is recorded")->required();
    CLI::App* end = declare_fleet_command(*halt, "end", "Let hosts go on", options);
    for (CLI::App* command : {begin, end}) {
        command->callback([&] {
            action = [&] {
                return change_halt(options);
            };
        });
    }
}

}  // namespace thimble::cli
