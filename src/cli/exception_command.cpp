#include "thimble/cli/exception_command.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exception_statements.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/host_command.hpp"
#include "thimble/cli/text_file.hpp"
#include "thimble/client/board_notes.hpp"
#include "thimble/client/exception_words.hpp"
#include "thimble/client/exceptions.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/model/host_tags.hpp"
#include "thimble/model/patch_exception.hpp"
#include "thimble/model/vendor_statement.hpp"
#include "thimble/report/exception_vex.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <iostream>
#include <map>
#include <string_view>
#include <utility>

namespace thimble::cli {
namespace {

constexpr std::size_t kShownId = 12;

std::string member(const JsonValue& item, std::string_view name) {
    return printable(client::member_text(item, name).value_or(""));
}

Result<JsonValue> exception_named(const client::FleetContext& context, const std::string& wanted) {
    return client::item_named(
        context, {"exceptions", "exception", "thimble exception list"}, wanted);
}

Result<int> list(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto items, client::all_items(context, {"exceptions", "&sort=expires_at"}));
    std::cout
        << (options.json ? client::view_json("exceptions", items) + "\n"
                         : client::view_table(*client::list_view_named("exceptions"), items)
                    + client::exception_notes(items));
    return kNothingDue;
}

Result<std::vector<JsonValue>> evidence_of(
    const client::FleetContext& context, const JsonValue& exception) {
    return client::all_items(
        context, {"exception-evidence", "&exception_id=" + member(exception, "id")});
}

/// How the first of the hosts that it names are called.
Result<client::NamesOfIds> names_of_hosts(
    const client::FleetContext& context, const JsonValue& exception) {
    constexpr std::size_t kMostAsked = 20;
    client::NamesOfIds names;
    for (const std::string& id : JsonMembers(exception).texts("hosts")) {
        if (names.size() == kMostAsked) {
            break;
        }
        THIMBLE_TRY(
            const auto hosts, client::all_hosts(context, {"hosts", client::filter_of("id", id)}));
        names[id] = hosts.empty() ? id : hosts.front().name + " (" + id.substr(0, kShownId) + ")";
    }
    return names;
}

/// What somebody would agree to.
Result<std::string> words_of_approval(
    const client::FleetContext& context, const JsonValue& exception) {
    const std::string group = member(exception, "group");
    const std::string filter = group == "*" ? std::string() : client::filter_of("group", group);
    THIMBLE_TRY(const auto patches, client::all_items(context, {"patches", filter}));
    std::map<std::string, std::vector<std::string>> tags;
    if (!member(exception, "tag").empty()) {
        THIMBLE_TRY(const auto hosts, client::all_hosts(context, {"hosts", filter}));
        for (const client::ListedHost& host : hosts) {
            tags[host.id] = model::parse_tags(host.tags);
        }
    }
    THIMBLE_TRY(const auto evidence, evidence_of(context, exception));
    THIMBLE_TRY(auto names, names_of_hosts(context, exception));
    return client::exception_approval_lines(
        {exception, evidence, std::move(names)}, client::covered_patches(exception, patches, tags));
}

Result<int> show(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue exception, exception_named(context, options.exception.id));
    THIMBLE_TRY(const auto evidence, evidence_of(context, exception));
    if (options.json) {
        std::string text;
        JsonWriter json(text);
        json.open_object().member("format", "thimble.exception/1").key("exception");
        write_json(json, exception);
        json.key("evidence").open_array();
        for (const JsonValue& one : evidence) {
            write_json(json, one);
        }
        json.close_array().close_object();
        std::cout << text << '\n';
        return kNothingDue;
    }
    THIMBLE_TRY(auto names, names_of_hosts(context, exception));
    std::cout << client::exception_lines({exception, evidence, std::move(names)});
    return kNothingDue;
}

Result<Instant> until_of(const std::string& text) {
    auto until = parse_instant(text);
    return until ? until
                 : Result<Instant>(failure(
                       ErrorKind::Invalid,
                       "cli.bad_date",
                       "--until takes a date, 2026-12-31, or an instant of RFC 3339"));
}

Result<int> tell(const FleetOptions& options, const std::string& id, const std::string& sentence) {
    if (options.json) {
        std::string text;
        JsonWriter(text).open_object().member("id", id).close_object();
        std::cout << text << '\n';
    } else {
        std::cout << sentence << '\n';
    }
    return kNothingDue;
}

/// The id of the one control that has this name, or whose id begins so. What is none is left to the server, which says all that
/// is wrong at once.
Result<std::string> control_id(const client::FleetContext& context, const std::string& wanted) {
    THIMBLE_TRY(auto items, client::all_items(context, {"controls"}));
    std::erase_if(items, [&](const JsonValue& item) {
        return wanted.empty()
            || (member(item, "name") != wanted && !member(item, "id").starts_with(wanted));
    });
    if (items.size() > 1) {
        return failure(
            ErrorKind::Invalid,
            "cli.many_controls",
            "several controls are meant by " + wanted + ": thimble control list");
    }
    return items.empty() ? wanted : member(items.front(), "id");
}

/// Likewise of a host.
Result<std::string> host_id(const client::FleetContext& context, const std::string& wanted) {
    const auto found = host_named(context, wanted);
    if (!found && found.error().kind != ErrorKind::NotFound) {
        return found.error();
    }
    return found ? found->id : wanted;
}

Result<int> request(const FleetOptions& options) {
    client::ExceptionWish wish = options.exception.wish;
    const auto until = parse_instant(options.exception.until);
    wish.until = until ? format_instant(*until) : options.exception.until;
    wish.why = options.why;
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    for (std::string& control : wish.controls) {
        THIMBLE_TRY(control, control_id(context, control));
    }
    for (std::string& host : wish.hosts) {
        THIMBLE_TRY(host, host_id(context, host));
    }
    THIMBLE_TRY(const client::AskedException asked, client::request_exception(context, wish));
    const std::string& id = asked.id;
    warn(std::cerr, asked.warnings);
    std::cerr << "It would cover " << printable(asked.would_cover)
              << " missing patches of hosts now; it is not in force yet.\n"
                 "Next, by somebody else:\n  thimble exception approve "
              << printable(id) << '\n';
    return tell(options, id, "Exception " + printable(id));
}

Result<int> attach(const FleetOptions& options) {
    THIMBLE_TRY(
        const std::string text,
        read_text_file(options.exception.file, model::kMaxVendorDocumentBytes));
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue exception, exception_named(context, options.exception.id));
    const std::string id = member(exception, "id");
    THIMBLE_TRY(client::attach_to_exception(context, id, text));
    return tell(options, id, "Kept with exception " + id);
}

Result<int> vex(const FleetOptions& options) {
    const auto format = report::vex_format_named(options.exception.format);
    if (!format) {
        return failure(
            ErrorKind::Invalid, "cli.bad_format", "--format is openvex, csaf or cyclonedx");
    }
    if (options.exception.author.empty()) {
        return failure(
            ErrorKind::Invalid, "cli.no_author", "--author says who makes the statements");
    }
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(
        const auto exceptions, client::all_items(context, {"exceptions", "&state=active&sort=id"}));
    THIMBLE_TRY(const auto patches, client::all_items(context, {"patches"}));
    THIMBLE_TRY(const auto board, client::all_items(context, {"board"}));
    THIMBLE_TRY(const auto controls, client::all_items(context, {"controls"}));
    const Instant now = host::SystemClock().now();
    const auto statements =
        exception_statements(exceptions, {patches, board, standing_controls(controls, now)});
    if (statements.empty() && format == report::VexFormat::Csaf) {
        return failure(
            ErrorKind::NotFound,
            "cli.no_statement",
            "no exception leaves anything open, and CSAF has no document that says nothing");
    }
    std::cout << report::exception_vex(*format, statements, options.exception.author, now) << '\n';
    return kNothingDue;
}

struct Act {
    const char* name;
    const char* what;
    const char* done;
};
constexpr std::array kActs{
    Act{"approve",
        "Agree to a request, or to more time; not who asked. Without --why it shows what would be "
        "agreed to, and changes nothing",
        "approved"},
    Act{"refuse", "Refuse a request, or more time", "refused"},
    Act{"renew", "Ask for more time; somebody else agrees", "more time asked for"},
    Act{"revoke", "End it now: what it covered is open again", "revoked"},
};

/// What would be agreed to, and how.
Result<int> preview(
    const FleetOptions& options, const client::FleetContext& context, const JsonValue& exception) {
    const std::string id = member(exception, "id");
    const std::string state = member(exception, "state");
    const std::string later = member(exception, "renewal_until");
    if (state != "requested" && later.empty()) {
        return failure(
            ErrorKind::Conflict,
            "cli.nothing_asked",
            "it is " + state + ", and nobody asks for anything: thimble exception show " + id);
    }
    if (options.json) {
        std::string text;
        JsonWriter json(text);
        write_json(json, exception);
        std::cout << text << '\n';
    } else {
        THIMBLE_TRY(const std::string words, words_of_approval(context, exception));
        std::cout << words;
    }
    std::cerr << "This is what you would agree to. Next:\n  thimble exception approve "
              << id.substr(0, kShownId) << (later.empty() ? "" : " --until " + later)
              << " --why REASON\n";
    return kSomethingDue;
}

Result<int> act(const FleetOptions& options, const Act& one) {
    client::ExceptionAnswer answer{"", one.name, {}, options.why};
    if (!options.exception.until.empty()) {
        THIMBLE_TRY(answer.until, until_of(options.exception.until));
    }
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue exception, exception_named(context, options.exception.id));
    answer.id = member(exception, "id");
    const std::string later = member(exception, "renewal_until");
    if (answer.act == "approve" && answer.why.empty()) {
        return preview(options, context, exception);
    }
    if (answer.act == "approve" && !later.empty() && options.exception.until.empty()) {
        return failure(
            ErrorKind::Invalid,
            "cli.no_date",
            "more time is asked for: say until when you agree: --until " + later);
    }
    THIMBLE_TRY(client::act_on_exception(context, answer));
    return tell(options, answer.id, "Exception " + answer.id + ": " + one.done);
}

void declare_request(CLI::App& exceptions, FleetOptions& options, FleetAction& action) {
    CLI::App* command = declare_fleet_verb(
        exceptions,
        {"request", "Ask that patches may be missing for a while"},
        options,
        action,
        request);
    client::ExceptionWish& wish = options.exception.wish;
    command
        ->add_option(
            "--reason",
            wish.reason,
            "These need --control: " + model::exception_reason_names(true)
                + ". These do not: " + model::exception_reason_names(false))
        ->required();
    command->add_option("--owner", wish.owner, "Who answers for the risk")->required();
    command
        ->add_option(
            "--until", options.exception.until, "Its end: 90 days at most, 14 if exploited")
        ->required();
    command->add_option(
        "--package",
        wish.packages,
        "Source package, which a host that is named must have; may be repeated");
    command->add_option("--cve", wish.vulnerabilities, "Vulnerability; may be repeated");
    command->add_option("--host", wish.hosts, "Name or id of a host; may be repeated");
    command->add_option("--group", wish.group, "Hosts of this group; * is every one");
    command->add_option("--tag", wish.tag, "Only hosts with this tag");
    command->add_option(
        "--control", wish.controls, "Name or id of what shields it; may be repeated");
    command->add_option("--why", options.why, "What is to be said for it; it is recorded")
        ->required();
    command->add_flag("--json", options.json, "Print JSON");
}

void declare_act(CLI::App& exceptions, FleetOptions& options, FleetAction& action, const Act& one) {
    CLI::App* command = declare_fleet_command(exceptions, one.name, one.what, options);
    command->add_option("EXCEPTION", options.exception.id, "Its id, or how it begins")->required();
    if (std::string_view(one.name) == "renew") {
        command->add_option("--until", options.exception.until, "Its new end")->required();
    }
    if (std::string_view(one.name) == "approve") {
        command->add_option(
            "--until",
            options.exception.until,
            "The end that is meant, where more time is asked for");
    }
    CLI::Option* const why =
        command->add_option("--why", options.why, "The reason; it is recorded");
    why->required(std::string_view(one.name) != "approve");
    command->add_flag("--json", options.json, "Print JSON");
    command->callback([&options, &action, &one] {
        action = [&options, &one] {
            return act(options, one);
        };
    });
}

}  // namespace

void declare_exceptions(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* exceptions =
        declare_fleet_command(app, "exception", "Why a patch may be missing for a while", options);
    exceptions->require_subcommand(1);
    declare_fleet_verb(
        *exceptions, {"list", "All of them, what ends first on top"}, options, action, list)
        ->add_flag("--json", options.json, "Print JSON");
    CLI::App* shown = declare_fleet_verb(
        *exceptions, {"show", "One of them, with what was shown for it"}, options, action, show);
    shown->add_option("EXCEPTION", options.exception.id, "Its id, or how it begins")->required();
    shown->add_flag("--json", options.json, "Print JSON");
    declare_request(*exceptions, options, action);
    CLI::App* attached = declare_fleet_verb(
        *exceptions,
        {"attach", "Keep a vendor's VEX document with it: OpenVEX, CSAF or CycloneDX"},
        options,
        action,
        attach);
    attached->add_option("EXCEPTION", options.exception.id, "Its id, or how it begins")->required();
    attached->add_option("FILE", options.exception.file, "- is the standard input")->required();
    attached->add_flag("--json", options.json, "Print JSON");
    CLI::App* written = declare_fleet_verb(
        *exceptions, {"vex", "What is left open, as a VEX document"}, options, action, vex);
    written->add_option("--format", options.exception.format, "openvex, csaf or cyclonedx");
    written->add_option("--author", options.exception.author, "Who says it")->required();
    for (const Act& one : kActs) {
        declare_act(*exceptions, options, action, one);
    }
}

}  // namespace thimble::cli
