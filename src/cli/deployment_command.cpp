#include "thimble/cli/deployment_command.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/host_command.hpp"
#include "thimble/cli/view_command.hpp"
#include "thimble/client/deployment.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/halt.hpp"
#include "thimble/client/list_view.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <map>
#include <thread>

namespace thimble::cli {
namespace {

constexpr std::chrono::seconds kBetweenLooks{1};
constexpr std::chrono::seconds kLongestPause{30};
/// A server that is restarted, or whose database is, is back long before.
constexpr std::chrono::seconds kLongestAway = std::chrono::minutes(30);
/// Of so many hosts that have failed the last words are asked for; each costs a request.
constexpr std::size_t kMostLastWords = 20;
constexpr std::array kLevels{
    model::UpgradeLevel::SecurityOnly,
    model::UpgradeLevel::Upgrade,
    model::UpgradeLevel::UpgradeWithNew,
    model::UpgradeLevel::Full};

Result<std::vector<std::string>> ids_of(
    const FleetOptions& options, const client::FleetContext& context) {
    std::vector<std::string> ids;
    for (const std::string& name : options.start.hosts) {
        THIMBLE_TRY(const client::ListedHost host, host_named(context, name));
        ids.push_back(host.id);
    }
    const std::string filter =
        (options.start.group.empty() ? "" : client::filter_of("group", options.start.group))
        + (options.start.tag.empty() ? "" : client::filter_of("tags.has", options.start.tag));
    if (!filter.empty()) {
        THIMBLE_TRY(
            const auto hosts, client::all_hosts(context, {"hosts", filter + "&revoked_at=null"}));
        for (const client::ListedHost& host : hosts) {
            if (host.superseded_by.empty()) {
                ids.push_back(host.id);
            }
        }
    }
    std::ranges::sort(ids);
    const auto repeated = std::ranges::unique(ids);
    ids.erase(repeated.begin(), repeated.end());
    if (ids.empty()) {
        return failure(
            ErrorKind::Invalid,
            "cli.bad_option",
            "say which hosts: --host NAME, --group GROUP or --tag TAG; there is none so far");
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

/// The items of a list; while the server does not answer, asked again, at growing intervals.
Result<std::vector<JsonValue>> patient_items(
    const client::FleetContext& context, const client::ListWish& wish) {
    std::chrono::seconds pause = kBetweenLooks;
    std::chrono::seconds waited{0};
    for (;;) {
        auto items = client::all_items(context, wish);
        const bool is_away = !items && items.error().kind == ErrorKind::Unavailable;
        if (!is_away || waited >= kLongestAway) {
            if (items && waited.count() > 0) {
                tell(std::cerr, "the server answers again");
            }
            return items;
        }
        if (waited.count() == 0) {
            tell(
                std::cerr,
                "the server does not answer, hosts go on by themselves; asked again for 30 "
                "minutes");
        }
        std::this_thread::sleep_for(pause);
        waited += pause;
        pause = std::min(2 * pause, kLongestPause);
    }
}

struct WatchEnd {
    int status = 0;
    bool nothing_selected = false;
};

/// Tells what is new until every host has ended.
Result<WatchEnd> watch(
    const FleetOptions& options, const client::FleetContext& context, const std::string& id) {
    const client::ListWish wish{"deployment-hosts", client::filter_of("deployment_id", id)};
    client::WatchedHosts seen;
    for (;;) {
        THIMBLE_TRY(const auto items, patient_items(context, wish));
        if (!options.json) {
            std::cout << client::news_of(seen, items) << std::flush;
        }
        if (client::have_all_ended(items)) {
            std::cout
                << (options.json ? client::view_json(wish.list, items) + "\n"
                                 : client::deployment_summary(items));
            return WatchEnd{
                client::deployment_exit_status(items), client::was_nothing_selected(items)};
        }
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

Result<std::string> full_id(const client::FleetContext& context, const std::string& id) {
    THIMBLE_TRY(const JsonValue deployment, client::deployment_named(context, id));
    return client::member_text(deployment, "id").value_or("");
}

Result<int> watch_known(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const std::string id, full_id(context, options.deployment));
    THIMBLE_TRY(tell_of_halt(context));
    THIMBLE_TRY(const WatchEnd end, watch(options, context, id));
    return end.status;
}

Result<int> show_deployment(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue deployment, client::deployment_named(context, options.deployment));
    THIMBLE_TRY(
        const auto items,
        client::all_items(
            context,
            {"deployment-hosts",
             client::filter_of(
                 "deployment_id", client::member_text(deployment, "id").value_or(""))}));
    THIMBLE_TRY(tell_of_halt(context));
    if (options.json) {
        std::cout << client::view_json("deployment-hosts", items) << '\n';
        return client::deployment_exit_status(items);
    }
    std::map<std::string, std::vector<std::string>> last_words;
    for (const JsonValue& item : items) {
        if (client::has_failed(item) && last_words.size() < kMostLastWords) {
            THIMBLE_TRY(
                last_words[client::member_text(item, "id").value_or("")],
                client::last_words_of_job(
                    context,
                    client::member_text(item, "host_id").value_or(""),
                    client::member_text(item, "job_id").value_or("")));
        }
    }
    std::cout << client::deployment_detail(deployment, items, last_words);
    return client::deployment_exit_status(items);
}

Result<int> cancel(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const std::string id, full_id(context, options.deployment));
    THIMBLE_TRY(client::cancel_deployment(context, id, options.why));
    THIMBLE_TRY(
        const auto items,
        client::all_items(context, {"deployment-hosts", client::filter_of("deployment_id", id)}));
    std::cout << "Cancelled " << printable(id) << ". " << client::deployment_summary(items)
              << "No host gets a further job of it; what a host has begun it ends.\n";
    return kNothingDue;
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
    THIMBLE_TRY(tell_of_halt(context));
    if (options.start.no_wait) {
        std::cerr << "Next: thimble deployments watch " << printable(id) << '\n';
        return kNothingDue;
    }
    THIMBLE_TRY(const WatchEnd end, watch(options, context, id));
    if (!end.nothing_selected) {
        return end.status;
    }
    // Well everywhere, since nothing was to be done: of a name that nobody knows that says nothing.
    THIMBLE_TRY(const auto unknown, client::names_nobody_knows(context, wish.selection));
    for (const std::string& name : unknown) {
        tell(std::cerr, "neither a host nor an advisory for the hosts knows " + printable(name));
    }
    return unknown.empty() ? kNothingDue : kCouldNotTell;
}

/// 1: it came, and the server could not read it.
Result<int> show_evidence(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue deployment, client::deployment_named(context, options.deployment));
    THIMBLE_TRY(const client::ListedHost host, host_named(context, options.host));
    THIMBLE_TRY(
        const std::string evidence,
        client::evidence_of_host(
            context, client::member_text(deployment, "id").value_or(""), host.id));
    THIMBLE_TRY(const JsonValue document, parse_json(evidence));
    const std::string unread = client::member_text(document, "unread").value_or("");
    if (!unread.empty()) {
        tell(std::cerr, "this is no evidence as it should be: " + printable(unread));
    }
    std::cout << evidence << '\n';
    return unread.empty() ? kNothingDue : kSomethingDue;
}

Result<int> change_halt(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(client::set_halt(context, options.why));
    std::cout
        << (options.why.empty() ? "Hosts go on.\n"
                                : "Halted: no host begins anything from now on.\n");
    return kNothingDue;
}

/// 1: halted.
Result<int> show_halt(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto halt, client::read_halt(context));
    if (options.json) {
        std::cout << client::halt_json(halt) << '\n';
    } else {
        std::cout << (halt.halted ? client::halt_line(halt) : "Nothing is halted.") << '\n';
    }
    return halt.halted ? kSomethingDue : kNothingDue;
}

void declare_start(CLI::App& deployments, FleetOptions& options, FleetAction& action) {
    CLI::App* started =
        declare_fleet_verb(deployments, {"start", "Begin one"}, options, action, start);
    StartOptions& wanted = options.start;
    started->add_option("--host", wanted.hosts, "Name or id of a host; repeatable");
    started->add_option("--group", wanted.group, "Every host of this group");
    started->add_option("--tag", wanted.tag, "Every host with this tag; with --group of both");
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
}

}  // namespace

void declare_deployments(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* deployments = declare_fleet_command(
        app, "deployments", "Plan, rehearse, apply and verify patches on hosts", options);
    declare_list_options(*deployments, options);
    deployments->require_subcommand(0, 1);
    deployments->callback([&options, &action, deployments] {
        if (deployments->get_subcommands().empty()) {
            action = [&options] {
                return show_list(options, *client::list_view_named("deployments"));
            };
        }
    });
    declare_start(*deployments, options, action);
    CLI::App* shown = declare_fleet_verb(
        *deployments,
        {"show", "Where each host stands, why, and the last words of what failed"},
        options,
        action,
        show_deployment);
    shown->add_flag("--json", options.json, "Print JSON");
    CLI::App* watched = declare_fleet_verb(
        *deployments, {"watch", "Tell how it goes until its end"}, options, action, watch_known);
    watched->add_flag("--json", options.json, "Print JSON at its end");
    CLI::App* cancelled = declare_fleet_verb(
        *deployments, {"cancel", "Let no further job follow"}, options, action, cancel);
    cancelled->add_option("--why", options.why, "The reason; it is recorded");
    CLI::App* evidence = declare_fleet_verb(
        *deployments,
        {"evidence", "JSON: what was collected of a host before it was patched"},
        options,
        action,
        show_evidence);
    for (CLI::App* command : {shown, watched, cancelled, evidence}) {
        command->add_option("DEPLOYMENT", options.deployment, "How its id begins")->required();
    }
    evidence->add_option("HOST", options.host, "Name or id of a host")->required();
}

void declare_halt(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* halt =
        declare_fleet_command(app, "halt", "Stop every host before its next change", options);
    halt->require_subcommand(1);
    declare_fleet_verb(*halt, {"begin", "From now on"}, options, action, change_halt)
        ->add_option("--why", options.why, "The reason; it is recorded")
        ->required();
    declare_fleet_verb(*halt, {"end", "Let hosts go on"}, options, action, change_halt);
    declare_fleet_verb(
        *halt,
        {"status", "Whether it holds, since when, by whom and why"},
        options,
        action,
        show_halt)
        ->add_flag("--json", options.json, "Print JSON");
}

}  // namespace thimble::cli
