#include "thimble/cli/view_command.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/host_command.hpp"
#include "thimble/client/affected_hosts.hpp"
#include "thimble/client/board_notes.hpp"
#include "thimble/client/controls.hpp"
#include "thimble/client/fleet_coverage.hpp"
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
/// Of these hosts are left out of which something is not known.
constexpr std::array<std::string_view, 4> kOverHosts{
    "advisories", "findings", "packages", "vulnerabilities"};
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

/// Of how many hosts a list over all of them can say nothing; none: the list is of one host, or of no host's state.
Result<std::optional<client::FleetCoverage>> coverage_for(
    const client::FleetContext& context, const FleetOptions& options, std::string_view list) {
    if (!is_one_of(kOverHosts, list) || !options.host.empty()) {
        return std::optional<client::FleetCoverage>();
    }
    if (!options.vulnerability.empty() && options.list.group.empty()) {
        THIMBLE_TRY(const auto affected, client::affected_numbers(context, options.vulnerability));
        return std::optional(
            client::FleetCoverage{0, affected.unknown, affected.unread_changelogs});
    }
    THIMBLE_TRY(auto coverage, client::fleet_coverage(context, options.list.group));
    if (list != "findings" && list != "vulnerabilities") {
        coverage.unread_changelogs = 0;  // these name vulnerabilities alone
    }
    return std::optional(coverage);
}

/// Of a list without items: 2 when nothing is known but something may be.
Result<int> status_of_nothing(
    const client::FleetContext& context,
    const FleetOptions& options,
    const std::optional<client::ListedHost>& host,
    const std::optional<client::FleetCoverage>& coverage) {
    if (host) {
        return host->unknown_why.empty() && !host->has_unread_changelogs ? kNothingDue
                                                                         : kCouldNotTell;
    }
    if (!options.vulnerability.empty()) {
        THIMBLE_TRY(const auto affected, client::affected_numbers(context, options.vulnerability));
        return client::affected_exit_status(affected) == kNothingDue ? kNothingDue : kCouldNotTell;
    }
    const bool is_known = coverage && coverage->hosts > 0 && coverage->unknown == 0
        && coverage->unread_changelogs == 0;
    return is_known ? kNothingDue : kCouldNotTell;
}

/// What is not wholly known of the one host that was asked about.
void tell_of_host(const client::ListedHost& host) {
    if (!host.unknown_why.empty()) {
        tell(
            std::cerr,
            "what is open on " + printable(host.name)
                + " is not wholly known: " + printable(host.unknown_why));
    } else if (host.has_unread_changelogs) {
        tell(
            std::cerr,
            "changelogs of updates that are pending on " + printable(host.name)
                + " were not read: what these alone name is not known");
    }
}

/// The view with the columns and the order that suit what was asked for.
client::ListView view_for(const FleetOptions& options, const client::ListView& view) {
    client::ListView shown = view;
    if (!options.host.empty() && !view.columns_of_host.empty()) {
        shown.columns = view.columns_of_host;
    }
    return shown;
}

/// What of a list does not fit into its table.
std::string lines_behind(std::string_view list, std::span<const JsonValue> items) {
    if (list == "findings") {
        return client::shield_lines(items);
    }
    return list == "board" ? client::board_notes(items) : "";
}

void print_list(
    const FleetOptions& options,
    const client::ListView& view,
    std::span<const JsonValue> items,
    const std::optional<client::FleetCoverage>& coverage) {
    if (options.json) {
        std::cout << client::view_json(view.list, items, coverage) << '\n';
        return;
    }
    if (items.empty() && !options.list.where.empty()) {
        std::cout << "Nothing is like that.\n";
    } else {
        std::cout << client::view_table(view_for(options, view), items)
                  << lines_behind(view.list, items);
    }
    if (coverage) {
        std::cout << client::not_known_lines(coverage->unknown, coverage->unread_changelogs);
    }
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
    if (view.list == "findings" && host && options.list.sort.empty()) {
        options.list.sort = "urgency";
    }
    THIMBLE_TRY(const std::string filters, filters_of(options, host));
    THIMBLE_TRY(const auto items, client::all_items(context, {std::string(view.list), filters}));
    THIMBLE_TRY(const auto coverage, coverage_for(context, options, view.list));
    if (is_one_of(kHalted, view.list)) {
        THIMBLE_TRY(tell_of_halt(context));
    }
    print_list(options, view, items, coverage);
    if (!is_one_of(kWork, view.list)) {
        return kNothingDue;
    }
    if (host) {
        tell_of_host(*host);
    }
    return items.empty() ? status_of_nothing(context, options, host, coverage)
                         : Result<int>(kSomethingDue);
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
