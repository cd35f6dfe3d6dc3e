#include "thimble/cli/fleet_control_command.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/host_command.hpp"
#include "thimble/cli/text_file.hpp"
#include "thimble/client/approval_words.hpp"
#include "thimble/client/controls.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/client/short_id.hpp"
#include "thimble/model/vulnerability_id.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>
#include <utility>

namespace thimble::cli {
namespace {

constexpr std::size_t kMostRequestBytes = std::size_t{64} << 10U;
constexpr std::size_t kShownChecks = 10;

/// As it may be shown.
std::string member(const JsonValue& item, std::string_view name) {
    return printable(client::member_text(item, name).value_or(""));
}

/// The control whose id is that, or begins so.
Result<JsonValue> control_named(const client::FleetContext& context, const std::string& wanted) {
    THIMBLE_TRY(
        const auto items,
        client::all_items(context, {"controls", client::filter_of("id.prefix", wanted)}));
    if (wanted.empty() || items.size() != 1) {
        return failure(
            items.empty() ? ErrorKind::NotFound : ErrorKind::Invalid,
            items.empty() ? "cli.no_control" : "cli.many_controls",
            (items.empty() ? "the server knows no control " : "several controls begin with ")
                + wanted + ": thimble control list");
    }
    return items.front();
}

/// "{"id":…,"act":…}" for scripts, a sentence for people.
Result<int> tell_done(
    const FleetOptions& options,
    const client::FleetContext& context,
    const std::string& id,
    std::pair<std::string_view, std::string_view> act_and_done) {
    THIMBLE_TRY(tell_of_halt(context));
    if (options.json) {
        std::string text;
        JsonWriter(text)
            .open_object()
            .member("id", id)
            .member("act", act_and_done.first)
            .close_object();
        std::cout << text << '\n';
        return kNothingDue;
    }
    std::cout << "Control " << printable(id) << ' ' << act_and_done.second << '\n';
    std::cerr << "Next: thimble control show " << printable(id) << '\n';
    return kNothingDue;
}

Result<int> list(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto items, client::all_items(context, {"controls"}));
    THIMBLE_TRY(tell_of_halt(context));
    std::cout
        << (options.json ? client::view_json("controls", items) + "\n"
                         : client::view_table(*client::list_view_named("controls"), items));
    return kNothingDue;
}

/// Proven: 0. Lapsed: 1. Neither: 2.
int status_of(const JsonValue& control) {
    const std::string state = member(control, "state");
    if (state == "verified" || state == "retired") {
        return kNothingDue;
    }
    return state == "lapsed" ? kSomethingDue : kCouldNotTell;
}

Result<int> show(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue control, control_named(context, options.control.id));
    const std::string filter = client::filter_of("control_id", member(control, "id"));
    THIMBLE_TRY(const auto hosts, client::all_items(context, {"control-hosts", filter}));
    THIMBLE_TRY(auto checks, client::all_items(context, {"control-checks", filter + "&sort=-at"}));
    if (!options.json) {
        checks.resize(std::min(checks.size(), kShownChecks));
        std::cout << client::control_lines(control, hosts, checks);
        return status_of(control);
    }
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.control-state/1").key("control");
    write_json(json, control);
    for (const auto& [name, items] :
         {std::pair("hosts", std::span(std::as_const(hosts))),
          std::pair("checks", std::span(std::as_const(checks)))}) {
        json.key(std::string_view(name)).open_array();
        for (const JsonValue& item : items) {
            write_json(json, item);
        }
        json.close_array();
    }
    json.close_object();
    std::cout << text << '\n';
    return status_of(control);
}

Result<int> propose(const FleetOptions& options) {
    THIMBLE_TRY(const std::string id, model::vulnerability_id_of(options.vulnerability));
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue proposals, client::control_proposals(context, id));
    THIMBLE_TRY(client::check_is_named(proposals));
    if (options.json) {
        std::string text;
        JsonWriter json(text);
        write_json(json, proposals);
        std::cout << text << '\n';
    } else {
        std::cout << client::proposal_lines(proposals);
    }
    return client::is_whole(proposals) ? kNothingDue : kCouldNotTell;
}

Result<int> request(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const std::string text, read_text_file(options.control.file, kMostRequestBytes));
    THIMBLE_TRY(const auto made, client::request_control(context, text, options.why));
    warn(std::cerr, made.warnings);
    if (options.json) {
        std::string answer;
        JsonWriter(answer)
            .open_object()
            .member("id", made.id)
            .member("digest", made.digest)
            .close_object();
        std::cout << answer << '\n';
        return kNothingDue;
    }
    std::cout << "Control " << printable(made.id) << " is asked for, document "
              << printable(made.digest) << '\n';
    std::cerr << "Next: somebody else looks at it and says yes: thimble control approve "
              << printable(made.id) << '\n';
    return kNothingDue;
}

/// How the hosts that a document names are called.
Result<client::NamesOfIds> names_in(
    const client::FleetContext& context, const std::string& document) {
    client::NamesOfIds names;
    for (const std::string& id : client::hosts_in_document(document)) {
        THIMBLE_TRY(
            const auto hosts, client::all_hosts(context, {"hosts", client::filter_of("id", id)}));
        if (!hosts.empty()) {
            names[id] = hosts.front().name + " (" + id.substr(0, client::kShortestDigest) + ")";
        }
    }
    return names;
}

/// What somebody would approve, in words.
Result<std::string> words_of_approval(
    const client::FleetContext& context, const JsonValue& control) {
    constexpr std::size_t kMostAsked = 10;
    const std::string filter = client::filter_of("control_id", member(control, "id"));
    THIMBLE_TRY(const auto hosts, client::all_items(context, {"control-hosts", filter}));
    std::vector<JsonValue> effects;
    for (const std::string& id : JsonMembers(control).texts("covers")) {
        if (effects.size() < kMostAsked) {
            THIMBLE_TRY(effects.emplace_back(), client::control_proposals(context, id));
        }
    }
    THIMBLE_TRY(
        const auto names, names_in(context, client::member_text(control, "document").value_or("")));
    return client::control_approval_lines({control, hosts, effects, names});
}

Result<int> approve(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue control, control_named(context, options.control.id));
    const std::string digest = member(control, "digest");
    const std::string later = member(control, "renewal_until");
    if (options.control.digest.empty()) {
        if (options.json) {
            std::cout << client::member_text(control, "document").value_or("") << '\n';
        } else {
            THIMBLE_TRY(const std::string words, words_of_approval(context, control));
            std::cout << words;
        }
        std::cerr << "This is what you would approve. Next: thimble control approve "
                  << member(control, "id") << " --document "
                  << digest.substr(0, client::kShortestDigest)
                  << (later.empty() ? "" : " --until " + later) << '\n';
        return kSomethingDue;
    }
    if (options.control.until.empty() && !later.empty()) {
        return failure(
            ErrorKind::Invalid,
            "cli.no_date",
            "more time is asked for: say until when you approve it: --until " + later
                + " (thimble control approve " + member(control, "id") + " shows all of it)");
    }
    THIMBLE_TRY(const bool is_that, client::names_digest(options.control.digest, digest));
    if (!is_that) {
        return failure(
            ErrorKind::Conflict,
            "cli.not_that_document",
            "its document is now " + digest + ": look at it, thimble control approve "
                + member(control, "id"));
    }
    THIMBLE_TRY(client::approve_control(
        context, {member(control, "id"), digest, options.control.until, options.why}));
    return tell_done(options, context, member(control, "id"), {"approve", "is approved."});
}

Result<int> enforce(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue control, control_named(context, options.control.id));
    THIMBLE_TRY(client::enforce_control(context, member(control, "id"), options.why));
    return tell_done(
        options,
        context,
        member(control, "id"),
        {"enforce", "will block, as soon as its hosts have heard of it."});
}

struct Act {
    const char* name;
    const char* what;
    const char* done;
};
constexpr std::array kActs{
    Act{"deploy", "Put it up again", "will be put up again."},
    Act{"verify", "Look at it now", "will be looked at."},
    Act{"attest",
        "Say that one outside of the hosts is there; --why is the evidence",
        "is attested."},
    Act{"resume", "Let it go on to further hosts after it was stopped", "goes on."},
    Act{"renew", "Ask for more time; somebody else approves", "is asked to last longer."},
    Act{"retire", "Take it away", "will be taken away."},
};

Result<int> act(const FleetOptions& options, const Act& one) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue control, control_named(context, options.control.id));
    const std::string id = member(control, "id");
    std::string host_id;
    if (!options.host.empty()) {
        THIMBLE_TRY(const auto host, host_named(context, options.host));
        host_id = host.id;
    }
    THIMBLE_TRY(client::act_on_control(
        context, {id, one.name, host_id, options.control.until, options.why}));
    return tell_done(options, context, id, {one.name, one.done});
}

CLI::App* declare_verb(
    CLI::App& controls,
    std::pair<const char*, const char*> name_and_what,
    FleetOptions& options,
    FleetAction& action,
    Result<int> (*work)(const FleetOptions&)) {
    CLI::App* command = declare_fleet_verb(controls, name_and_what, options, action, work);
    command->add_flag("--json", options.json, "Print JSON");
    return command;
}

void add_control(CLI::App& command, FleetOptions& options) {
    command.add_option("CONTROL", options.control.id, "Its id, or how it begins")->required();
}

void declare_act(CLI::App& controls, FleetOptions& options, FleetAction& action, const Act& one) {
    CLI::App* command = declare_fleet_command(controls, one.name, one.what, options);
    add_control(*command, options);
    const std::string_view name(one.name);
    if (name != "resume" && name != "renew") {
        command->add_option("--host", options.host, "On this host alone, by its name or id");
    }
    command->add_option("--why", options.why, "The reason; it is recorded")->required();
    if (name == "attest") {
        command->add_option("--until", options.control.until, "Until when that is good, RFC 3339");
    }
    if (name == "renew") {
        command->add_option("--until", options.control.until, "Its new end, RFC 3339")->required();
    }
    command->add_flag("--json", options.json, "Print JSON");
    command->callback([&options, &action, &one] {
        action = [&options, &one] {
            return act(options, one);
        };
    });
}

}  // namespace

void declare_controls(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* controls =
        declare_fleet_command(app, "control", "What shields hosts that cannot be patched", options);
    controls->require_subcommand(1);
    declare_verb(*controls, {"list", "All of them"}, options, action, list);
    CLI::App* shown = declare_verb(
        *controls,
        {"show", "Its hosts and proofs; 0 proven, 1 lapsed, 2 neither"},
        options,
        action,
        show);
    add_control(*shown, options);
    CLI::App* proposed = declare_verb(
        *controls,
        {"propose", "Which kinds would help against a vulnerability; 2: not told of every host"},
        options,
        action,
        propose);
    proposed->add_option("CVE", options.vulnerability, "Its id")->required();
    CLI::App* requested =
        declare_verb(*controls, {"request", "Ask for a control"}, options, action, request);
    requested->add_option("FILE", options.control.file, "JSON, see docs/formats/server-api.md")
        ->required();
    requested->add_option("--why", options.why, "The reason, unless FILE says it");
    CLI::App* approved = declare_verb(
        *controls,
        {"approve", "Say yes to what somebody else asked for"},
        options,
        action,
        approve);
    add_control(*approved, options);
    approved->add_option("--document", options.control.digest, "Digest of what is approved");
    approved->add_option(
        "--until", options.control.until, "The end that is approved, of more time, RFC 3339");
    approved->add_option("--why", options.why, "The reason; it is recorded");
    CLI::App* enforced = declare_verb(
        *controls,
        {"enforce", "Let a virtual patch block that has detected so far"},
        options,
        action,
        enforce);
    add_control(*enforced, options);
    enforced->add_option("--why", options.why, "The reason; it is recorded")->required();
    for (const Act& one : kActs) {
        declare_act(*controls, options, action, one);
    }
}

}  // namespace thimble::cli
