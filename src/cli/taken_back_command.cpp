#include "thimble/cli/taken_back_command.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/client/controls.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/client/taken_back.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <iostream>
#include <ranges>
#include <string_view>
#include <vector>

namespace thimble::cli {
namespace {

/// Controls are proposed for so many vulnerabilities; the others are named.
constexpr std::size_t kMostProposals = 5;

std::string member(const JsonValue& item, std::string_view name) {
    return printable(client::member_text(item, name).value_or(""));
}

Result<JsonValue> set_named(const client::FleetContext& context, const std::string& wanted) {
    return client::item_named(
        context, {"taken-back", "set that was taken back", "thimble taken-back list"}, wanted);
}

Result<int> list(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto items, client::all_items(context, {"taken-back"}));
    std::cout
        << (options.json ? client::view_json("taken-back", items) + "\n"
                         : client::view_table(*client::list_view_named("taken-back"), items));
    return kNothingDue;
}

std::vector<std::string> vulnerabilities_of(const JsonValue& set) {
    std::vector<std::string> ids;
    for (const auto part : std::views::split(member(set, "vulnerability_ids"), ',')) {
        if (std::string id(part.begin(), part.end()); !id.empty()) {
            ids.push_back(std::move(id));
        }
    }
    return ids;
}

/// What would help meanwhile against the first of the vulnerabilities.
Result<std::vector<JsonValue>> proposals_for(
    const client::FleetContext& context, const JsonValue& set) {
    std::vector<JsonValue> proposals;
    for (const std::string& id : vulnerabilities_of(set) | std::views::take(kMostProposals)) {
        THIMBLE_TRY(proposals.emplace_back(), client::control_proposals(context, id));
    }
    return proposals;
}

std::string lines_of(const JsonValue& set) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kLines{{
        {"host", "taken back on"},
        {"taken_back_at", "at"},
        {"group", "kept from group"},
        {"patches", "patches"},
        {"vulnerability_ids", "open again"},
        {"deployment_id", "brought by"},
        {"run", "run on the host"},
        {"why", "because"},
        {"reviewed_by", "looked after by"},
        {"notes", "who said"},
    }};
    constexpr std::size_t kWidth = 20;
    std::string text = "Taken back " + member(set, "id") + ": " + member(set, "state") + "\n";
    for (const auto& [name, title] : kLines) {
        if (const std::string value = member(set, name); !value.empty()) {
            text.append("  ").append(title).append(kWidth - title.size(), ' ');
            text.append(value).append("\n");
        }
    }
    return text;
}

Result<int> show(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue set, set_named(context, options.taken_back));
    const bool is_open = member(set, "state") == "open";
    std::vector<JsonValue> proposals;
    if (is_open) {
        THIMBLE_TRY(proposals, proposals_for(context, set));
    }
    if (options.json) {
        std::string text;
        JsonWriter json(text);
        json.open_object().member("format", "thimble.taken-back-set/1").key("taken_back");
        write_json(json, set);
        json.key("control_proposals").open_array();
        for (const JsonValue& one : proposals) {
            write_json(json, one);
        }
        json.close_array().close_object();
        std::cout << text << '\n';
        return kNothingDue;
    }
    std::cout << lines_of(set);
    for (const JsonValue& one : proposals) {
        std::cout << "\nMeanwhile, against " << client::proposal_lines(one);
    }
    if (const std::size_t all = vulnerabilities_of(set).size(); is_open && all > kMostProposals) {
        std::cout << "\nAgainst the other " << all - kMostProposals
                  << ": thimble control propose CVE\n";
    }
    if (is_open) {
        std::cerr << "Next, when it may go to the group again: thimble taken-back review "
                  << member(set, "id") << " --why REASON\n"
                  << "To leave one of its patches out for longer: thimble exception request\n";
    }
    return kNothingDue;
}

Result<int> review(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue set, set_named(context, options.taken_back));
    const std::string id = member(set, "id");
    THIMBLE_TRY(client::review_taken_back(context, id, options.why));
    if (options.json) {
        std::string text;
        JsonWriter(text).open_object().member("id", id).close_object();
        std::cout << text << '\n';
    } else {
        std::cout << "It may go to the group " << member(set, "group") << " again.\n";
    }
    return kNothingDue;
}

}  // namespace

void declare_taken_back(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* sets = declare_fleet_command(
        app, "taken-back", "What hosts took back, and is kept from their groups", options);
    sets->require_subcommand(1);
    declare_fleet_verb(*sets, {"list", "All of them, the latest on top"}, options, action, list)
        ->add_flag("--json", options.json, "Print JSON");
    CLI::App* shown = declare_fleet_verb(
        *sets,
        {"show", "One of them, and which controls would help meanwhile"},
        options,
        action,
        show);
    shown->add_option("SET", options.taken_back, "Its id, or how it begins")->required();
    shown->add_flag("--json", options.json, "Print JSON");
    CLI::App* reviewed = declare_fleet_verb(
        *sets,
        {"review", "Say that somebody has looked: it may go to the group again"},
        options,
        action,
        review);
    reviewed->add_option("SET", options.taken_back, "Its id, or how it begins")->required();
    reviewed->add_option("--why", options.why, "What was found; it is recorded")->required();
    reviewed->add_flag("--json", options.json, "Print JSON");
}

}  // namespace thimble::cli
