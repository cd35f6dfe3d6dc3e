#include "thimble/cli/view_command.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/host_command.hpp"
#include "thimble/client/affected_hosts.hpp"
#include "thimble/client/board_notes.hpp"
#include "thimble/client/controls.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/fleet_table.hpp"
#include "thimble/model/vulnerability_id.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace thimble::cli {
namespace {

/// What of these is there is something to do, so that their exit status says it.
constexpr std::array<std::string_view, 3> kWork{"advisories", "findings", "vulnerabilities"};
/// Of these one says in the heading that nothing moves.
constexpr std::array<std::string_view, 2> kHalted{"deployments", "jobs"};
/// Those that can be asked of the hosts of one group.
constexpr std::array<std::string_view, 7> kGrouped{
    "advisories", "findings", "groups", "jobs", "packages", "tags", "vulnerabilities"};

template <std::size_t Size>
bool is_one_of(const std::array<std::string_view, Size>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

Result<std::string> filters_of(
    const FleetOptions& options, const std::optional<client::ListedHost>& host) {
    std::string filters;
    if (host) {
        filters += client::filter_of("host_id", host->id);
    }
    if (!options.vulnerability.empty()) {
        filters += client::filter_of("vulnerability", options.vulnerability);
    }
    if (!options.list.group.empty()) {
        filters += client::filter_of("group", options.list.group);
    }
    THIMBLE_TRY(const std::string wanted, wanted_items(options.list));
    return filters + wanted;
}

/// 1 when there is something, 2 when nothing is known but something may be.
Result<int> status_of_work(
    const client::FleetContext& context,
    const FleetOptions& options,
    const std::optional<client::ListedHost>& host) {
    if (host) {
        return host->unknown_why.empty() ? kNothingDue : kCouldNotTell;
    }
    if (!options.vulnerability.empty()) {
        THIMBLE_TRY(const auto affected, client::affected_hosts(context, options.vulnerability));
        return client::affected_exit_status(affected) == kNothingDue ? kNothingDue : kCouldNotTell;
    }
    THIMBLE_TRY(
        const auto hosts,
        client::all_hosts(
            context,
            {"hosts",
             options.list.group.empty() ? "" : client::filter_of("group", options.list.group)}));
    const bool is_known =
        !hosts.empty() && std::ranges::all_of(hosts, [](const client::ListedHost& one) {
            return one.is_revoked || one.unknown_why.empty();
        });
    return is_known ? kNothingDue : kCouldNotTell;
}

/// What of a list does not fit into its table.
std::string lines_behind(std::string_view list, std::span<const JsonValue> items) {
    if (list == "findings") {
        return client::shield_lines(items);
    }
    return list == "board" ? client::board_notes(items) : "";
}

}  // namespace

Result<std::string> wanted_items(const ListOptions& list) {
    std::string filters;
    for (const std::string& where : list.where) {
        const std::size_t equals = where.find('=');
        if (equals == std::string::npos || equals == 0) {
            return failure(
                ErrorKind::Invalid,
                "cli.bad_option",
                "--where is COLUMN=VALUE, COLUMN.prefix=TEXT, COLUMN.has=WORD, COLUMN.from=NUMBER "
                "or "
                "COLUMN.below=NUMBER");
        }
        filters += client::filter_of(where.substr(0, equals), where.substr(equals + 1));
    }
    return filters + (list.sort.empty() ? "" : client::filter_of("sort", list.sort));
}

Result<int> show_list(const FleetOptions& asked, const client::ListView& view) {
    FleetOptions options = asked;
    if (!options.vulnerability.empty()) {
        THIMBLE_TRY(options.vulnerability, model::vulnerability_id_of(options.vulnerability));
    }
    if (view.list == "findings" && options.host.empty() && options.vulnerability.empty()) {
        return failure(
            ErrorKind::Invalid,
            "cli.bad_option",
            "findings are those of one host or of one vulnerability: --host HOST or "
            "--vulnerability CVE; thimble vulnerabilities lists those of all hosts");
    }
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    std::optional<client::ListedHost> host;
    if (!options.host.empty()) {
        THIMBLE_TRY(host, host_named(context, options.host));
    }
    THIMBLE_TRY(const std::string filters, filters_of(options, host));
    THIMBLE_TRY(const auto items, client::all_items(context, {std::string(view.list), filters}));
    if (is_one_of(kHalted, view.list)) {
        THIMBLE_TRY(tell_of_halt(context));
    }
    if (options.json) {
        std::cout << client::view_json(view.list, items) << '\n';
    } else if (items.empty() && !options.list.where.empty()) {
        std::cout << "Nothing is like that.\n";
    } else {
        std::cout << client::view_table(view, items) << lines_behind(view.list, items);
    }
    if (!is_one_of(kWork, view.list)) {
        return kNothingDue;
    }
    if (host && !host->unknown_why.empty()) {
        tell(
            std::cerr,
            "what is open on " + printable(host->name)
                + " is not wholly known: " + printable(host->unknown_why));
    }
    return items.empty() ? status_of_work(context, options, host) : Result<int>(kSomethingDue);
}

void declare_list_options(CLI::App& command, FleetOptions& options) {
    command.add_flag("--json", options.json, "Print JSON");
    command.add_option(
        "--where", options.list.where, "COLUMN=VALUE, also .prefix .has .from .below; repeatable");
    command.add_option("--sort", options.list.sort, "By this column; -COLUMN the other way");
}

void declare_views(CLI::App& app, FleetOptions& options, FleetAction& action) {
    for (const client::ListView& view : client::list_views()) {
        if (view.command.empty() || view.list == "deployments" || view.list == "users") {
            continue;  // commands with verbs of their own, and their parts
        }
        CLI::App* command = declare_fleet_command(
            app, std::string(view.command).c_str(), std::string(view.what).c_str(), options);
        declare_list_options(*command, options);
        if (view.has_host) {
            command->add_option("--host", options.host, "Those of one host, by its name or id");
        }
        if (view.list == "findings") {
            command->add_option(
                "--vulnerability", options.vulnerability, "Those of CVE-…, on every host");
        }
        if (is_one_of(kGrouped, view.list)) {
            command->add_option("--group", options.list.group, "Those of the hosts of one group");
        }
        command->callback([&options, &action, &view] {
            action = [&options, &view] {
                return show_list(options, view);
            };
        });
    }
}

}  // namespace thimble::cli
