#include "thimble/cli/rollout_command.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/host_command.hpp"
#include "thimble/client/approval_words.hpp"
#include "thimble/client/cell.hpp"
#include "thimble/client/deployment.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/client/patch_words.hpp"
#include "thimble/client/rollouts.hpp"
#include "thimble/client/short_id.hpp"
#include "thimble/client/sign_approval.hpp"
#include "thimble/host/system_clock.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <iterator>
#include <map>

namespace thimble::cli {
namespace {

constexpr std::size_t kRingWidth = 14;
constexpr std::size_t kPhaseWidth = 10;
constexpr std::size_t kCountsWidth = 200;

/// As it may be shown.
std::string member(const JsonValue& item, std::string_view name) {
    return printable(client::member_text(item, name).value_or(""));
}

Result<JsonValue> rollout_named(const client::FleetContext& context, const std::string& wanted) {
    return client::item_named(context, {"rollouts", "rollout", "thimble rollout"}, wanted);
}

Result<int> list(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto items, client::all_items(context, {"rollouts", "&sort=-created_at"}));
    THIMBLE_TRY(tell_of_halt(context));
    std::cout
        << (options.json ? client::view_json("rollouts", items) + "\n"
                         : client::view_table(*client::list_view_named("rollouts"), items));
    return kNothingDue;
}

Result<int> start(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(
        const std::string id,
        client::begin_rollout(
            context, options.rollout.policy, options.rollout.is_emergency, options.why));
    THIMBLE_TRY(tell_of_halt(context));
    if (options.json) {
        std::string text;
        JsonWriter(text).open_object().member("id", id).close_object();
        std::cout << text << '\n';
        return kNothingDue;
    }
    std::cout << "Rollout " << printable(id) << '\n';
    std::cerr << "Next: thimble rollout show " << printable(id) << '\n';
    return kNothingDue;
}

/// "3 verified, 1 waiting" of the hosts of one ring.
std::string counts_of(std::span<const JsonValue> hosts, const std::string& ring) {
    std::map<std::string, int> counts;
    for (const JsonValue& host : hosts) {
        if (member(host, "ring") == ring) {
            ++counts[member(host, "phase")];
        }
    }
    std::string text;
    for (const auto& count : counts) {
        text.append(text.empty() ? "" : ", ").append(std::to_string(count.second));
        text.append(" ").append(count.first);
    }
    return text.empty() ? "no hosts" : text;
}

std::string header_of(const JsonValue& rollout) {
    const std::string why = member(rollout, "why");
    const std::string frozen = member(rollout, "frozen_digest");
    return "Rollout " + member(rollout, "id") + " of policy " + member(rollout, "policy")
        + (member(rollout, "emergency") == "yes" ? ", an emergency" : "") + ": "
        + member(rollout, "phase") + (why.empty() ? "" : " (" + why + ")") + "\nBegun by "
        + member(rollout, "created_by") + " at " + member(rollout, "created_at") + ": "
        + member(rollout, "reason") + "\nFrozen set: "
        + (frozen.empty() ? "the first ring is still being planned" : frozen) + "\n";
}

/// Done, and live on every host: 0. Over otherwise, or halted: 1. Else it goes on: 2.
int status_of(const JsonValue& rollout, std::span<const JsonValue> hosts) {
    const std::string phase = member(rollout, "phase");
    if (phase == "done") {
        return client::deployment_exit_status(hosts) == 0 ? kNothingDue : kSomethingDue;
    }
    return phase == "running" || phase == "paused" ? kCouldNotTell : kSomethingDue;
}

Result<int> show(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue rollout, rollout_named(context, options.rollout.id));
    THIMBLE_TRY(const JsonValue outlook, client::rollout_outlook(context, member(rollout, "id")));
    THIMBLE_TRY(tell_of_halt(context));
    const std::string filter = client::filter_of("deployment_id", member(rollout, "id"));
    THIMBLE_TRY(const auto rings, client::all_items(context, {"rollout-rings", filter}));
    THIMBLE_TRY(const auto hosts, client::all_items(context, {"deployment-hosts", filter}));
    THIMBLE_TRY(const auto deferrals, client::all_items(context, {"rollout-deferrals", filter}));
    if (options.json) {
        std::string text;
        JsonWriter json(text);
        json.open_object().member("format", "thimble.rollout/1").key("rollout");
        write_json(json, rollout);
        json.key("outlook");
        write_json(json, outlook);
        for (const auto& [name, items] :
             {std::pair("rings", std::span(rings)),
              std::pair("hosts", std::span(hosts)),
              std::pair("deferrals", std::span(deferrals))}) {
            json.key(std::string_view(name)).open_array();
            for (const JsonValue& item : items) {
                write_json(json, item);
            }
            json.close_array();
        }
        json.close_object();
        std::cout << text << '\n';
        return status_of(rollout, hosts);
    }
    std::string out = header_of(rollout) + client::outlook_lines(outlook, rollout)
        + client::rehearsal_lines(outlook, hosts);
    for (const JsonValue& ring : rings) {
        out += client::TableLine()
                   .cell(member(ring, "name"), kRingWidth)
                   .cell(member(ring, "phase"), kPhaseWidth)
                   .cell(counts_of(hosts, member(ring, "ring")), kCountsWidth)
                   .text();
    }
    for (const JsonValue& one : deferrals) {
        out += "Put off: " + member(one, "host") + " until " + member(one, "until") + " by "
            + member(one, "person") + ": " + member(one, "why") + "\n";
    }
    std::cout << out;
    client::WatchedHosts seen;
    std::cout << '\n' << client::news_of(seen, hosts);
    return status_of(rollout, hosts);
}

/// The rollouts that a host is in, newest first.
Result<std::vector<std::string>> rollouts_of(
    const client::FleetContext& context, const std::string& host_id) {
    THIMBLE_TRY(const auto rollouts, client::all_items(context, {"rollouts", "&sort=-created_at"}));
    THIMBLE_TRY(
        const auto hosts,
        client::all_items(context, {"deployment-hosts", client::filter_of("host_id", host_id)}));
    std::vector<std::string> ids;
    for (const JsonValue& rollout : rollouts) {
        const bool has_host = std::ranges::any_of(hosts, [&](const JsonValue& host) {
            return member(host, "deployment_id") == member(rollout, "id");
        });
        if (has_host) {
            ids.push_back(member(rollout, "id"));
        }
    }
    return ids;
}

/// What is known of a source package on a host.
struct KnownSource {
    std::vector<JsonValue> states;    ///< of its patches
    std::vector<JsonValue> findings;  ///< most urgent first
};

Result<KnownSource> known_source(
    const client::FleetContext& context, const std::string& host_id, const std::string& source) {
    const std::string filter =
        client::filter_of("host_id", host_id) + client::filter_of("source", source);
    KnownSource known;
    THIMBLE_TRY(known.states, client::all_items(context, {"patch-states", filter}));
    THIMBLE_TRY(known.findings, client::all_items(context, {"findings", filter + "&sort=urgency"}));
    return known;
}

void write_items(JsonWriter& json, std::string_view name, std::span<const JsonValue> items) {
    json.key(name).open_array();
    for (const JsonValue& item : items) {
        write_json(json, item);
    }
    json.close_array();
}

/// The hooks of a policy, and how they ended on this host.
std::string hook_lines(const JsonValue& answer) {
    std::string out;
    JsonMembers members(answer);
    for (const JsonValue& hook : members.array("hooks")) {
        out += "    hook " + member(hook, "step") + ": " + member(hook, "name")
            + ", if it fails: " + member(hook, "on_failure") + "\n";
    }
    for (const JsonValue& job : members.array("hooks_ran")) {
        JsonMembers ran(job);
        for (const JsonValue& hook : ran.array("hooks")) {
            const std::string said = member(hook, "output");
            out += "    " + member(job, "since") + " " + member(hook, "step") + " around "
                + member(job, "around") + ": " + member(hook, "name") + " " + member(hook, "ended")
                + (said.empty() ? "" : ": " + said) + "\n";
        }
    }
    return out;
}

/// What its owner knows, and how often it was put off.
std::string notice_lines(const JsonValue& answer) {
    const std::string noticed = member(answer, "noticed_at");
    std::string out = noticed.empty() ? "" : "    its owner has notice since " + noticed + "\n";
    JsonMembers members(answer);
    for (const JsonValue& one : members.array("deferrals")) {
        out += "    put off until " + member(one, "until") + " by " + member(one, "person") + " at "
            + member(one, "at") + ": " + member(one, "why") + "\n";
    }
    return out;
}

/// Whether the rollout does not bring the source package that was asked about.
bool is_apart(const JsonValue& answer) {
    return member(answer, "carries") == "no";
}

std::string explanation_lines(const JsonValue& answer) {
    const std::string says = member(answer, "host_says");
    const std::string sentence = member(answer, "sentence");
    const std::string excluded = member(answer, "excluded");
    std::string out = "  rollout " + member(answer, "rollout") + ", policy "
        + member(answer, "policy") + ", ring " + member(answer, "ring") + ": "
        + member(answer, "stage") + "\n    because " + sentence + "\n";
    if (!says.empty() && says != sentence) {
        out += "    the host: " + says + "\n";
    }
    if (!is_apart(answer)) {
        out += notice_lines(answer) + hook_lines(answer);
    }
    return out + (excluded.empty() ? "" : "    but " + excluded + "\n");
}

std::string explanation_json(
    const client::ListedHost& host,
    const FleetOptions& options,
    const KnownSource& known,
    std::span<const JsonValue> answers) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.explanation/1").member("host_id", host.id);
    json.member_or_null("host_unknown_why", host.unknown_why);
    if (!options.rollout.patch.empty()) {
        write_items(json, "patch_states", known.states);
        write_items(json, "findings", known.findings);
    }
    write_items(json, "rollouts", answers);
    json.close_object();
    return text;
}

/// Why a patch was, was not, or will be installed on a host.
Result<int> explain(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const client::ListedHost host, host_named(context, options.host));
    THIMBLE_TRY(const auto ids, rollouts_of(context, host.id));
    THIMBLE_TRY(tell_of_halt(context));
    const std::string& source = options.rollout.patch;
    KnownSource known;
    if (!source.empty()) {
        THIMBLE_TRY(known, known_source(context, host.id, source));
    }
    std::vector<JsonValue> answers;
    for (const std::string& id : ids) {
        THIMBLE_TRY(
            const std::string answer, client::rollout_explanation(context, id, host.id, source));
        THIMBLE_TRY(answers.emplace_back(), parse_json(answer));
    }
    const bool is_in_none = std::ranges::all_of(answers, is_apart);
    if (options.json) {
        std::cout << explanation_json(host, options, known, answers) << '\n';
        return is_in_none ? kSomethingDue : kNothingDue;
    }
    std::string out = printable(host.name + " (" + host.id + ")") + "\n";
    if (!source.empty()) {
        out += client::lines_of_source(source, known.states, known.findings, host);
    }
    for (const JsonValue& answer : answers) {
        out += explanation_lines(answer);
    }
    if (ids.empty()) {
        out += "  no rollout has this host: no policy that was started is about it\n";
    } else if (is_in_none) {
        out += "  no rollout that has this host brings " + printable(source) + "\n";
    }
    std::cout << out;
    return is_in_none ? kSomethingDue : kNothingDue;
}

/// What was done to a rollout.
struct DoneAct {
    std::string id;
    std::string act;
    std::string sentence;
};

/// Says it, or shows the rollout as it is now; and that a halt holds all of it, where one does.
Result<int> tell_done(
    const FleetOptions& options, const client::FleetContext& context, const DoneAct& done) {
    THIMBLE_TRY(tell_of_halt(context));
    if (!options.json) {
        std::cout << done.sentence << '\n';
        return kNothingDue;
    }
    THIMBLE_TRY(const JsonValue rollout, rollout_named(context, done.id));
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.rollout-act/1").member("act", done.act);
    json.key("rollout");
    write_json(json, rollout);
    json.close_object();
    std::cout << text << '\n';
    return kNothingDue;
}

/// What somebody would approve, in words.
Result<std::string> words_of_approval(
    const client::FleetContext& context, const JsonValue& rollout) {
    const std::string id = member(rollout, "id");
    THIMBLE_TRY(const JsonValue outlook, client::rollout_outlook(context, id));
    THIMBLE_TRY(
        const auto hosts,
        client::all_items(context, {"deployment-hosts", client::filter_of("deployment_id", id)}));
    const std::string frozen = client::member_text(rollout, "frozen").value_or("");
    std::vector<JsonValue> patches;
    for (const std::string& source : client::sources_of_set(frozen)) {
        THIMBLE_TRY(
            auto of_source,
            client::all_items(context, {"patches", client::filter_of("source", source)}));
        std::ranges::move(of_source, std::back_inserter(patches));
    }
    return client::rollout_approval_lines({rollout, outlook, hosts, patches});
}

Result<int> approve(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue rollout, rollout_named(context, options.rollout.id));
    const std::string frozen = member(rollout, "frozen_digest");
    const bool is_shown = options.rollout.frozen.empty();
    THIMBLE_TRY(
        const bool is_that,
        is_shown || frozen.empty() ? Result<bool>(true)
                                   : client::names_digest(options.rollout.frozen, frozen));
    if (frozen.empty() || !is_that) {
        return failure(
            ErrorKind::Conflict,
            "cli.not_that_set",
            frozen.empty()
                ? "the first ring is still being planned: there is nothing to approve yet"
                : "the frozen set of this rollout is " + frozen);
    }
    if (is_shown) {
        if (options.json) {
            std::cout << client::member_text(rollout, "frozen").value_or("") << '\n';
        } else {
            THIMBLE_TRY(const std::string words, words_of_approval(context, rollout));
            std::cout << words;
        }
        std::cerr << "This is what you would approve. Next: thimble rollout approve "
                  << printable(member(rollout, "id")) << " --set "
                  << frozen.substr(0, client::kShortestDigest) << '\n';
        return kSomethingDue;
    }
    const std::string id = member(rollout, "id");
    model::SignedApproval signed_by;
    if (!options.rollout.key.empty()) {
        THIMBLE_TRY(
            signed_by,
            client::sign_approval(
                context,
                {.rollout = id,
                 .frozen = member(rollout, "frozen"),
                 .frozen_digest = frozen,
                 .key = options.rollout.key,
                 .valid = std::chrono::days(options.rollout.valid_days)},
                host::SystemClock().now()));
    }
    THIMBLE_TRY(client::approve_rollout(context, id, frozen, signed_by, options.why));
    const std::string done = options.rollout.key.empty() ? "Approved" : "Signed and approved";
    return tell_done(
        options,
        context,
        {id, "approve", done + " for rollout " + printable(id) + " the set\n  " + frozen});
}

Result<int> act(const FleetOptions& options, const std::string& what, const std::string& done) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const JsonValue rollout, rollout_named(context, options.rollout.id));
    const std::string id = member(rollout, "id");
    if (what == "cancel") {
        THIMBLE_TRY(client::cancel_deployment(context, id, options.why));
    } else {
        THIMBLE_TRY(client::act_on_rollout(context, {id, what, options.rollout.ring, options.why}));
    }
    return tell_done(options, context, {id, what, "Rollout " + printable(id) + " " + done});
}

Result<int> defer(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const Instant until, parse_instant(options.rollout.until));
    THIMBLE_TRY(const JsonValue rollout, rollout_named(context, options.rollout.id));
    THIMBLE_TRY(const client::ListedHost host, host_named(context, options.host));
    const std::string id = member(rollout, "id");
    THIMBLE_TRY(client::defer_host(context, {id, host.id, until, options.why}));
    return tell_done(
        options,
        context,
        {id, "defer", printable(host.name) + " is left alone until " + format_instant(until)});
}

struct Act {
    const char* name;
    const char* what;
    const char* done;
    bool takes_ring;
};
constexpr std::array kActs{
    Act{"pause", "Begin nothing until it is resumed", "pauses.", false},
    Act{"halt", "Stop; what has not begun is taken back", "is halted.", false},
    Act{"resume", "Go on after a pause or a halt", "goes on.", false},
    Act{"cancel", "End it; no host gets a further job", "is cancelled.", false},
    Act{"skip", "Let the next ring begin although this one has not passed", "skips it.", true},
    Act{"review",
        "Close the review of an emergency: --why is what was learnt",
        "is reviewed.",
        false},
    Act{"retry", "Begin the failed hosts of a ring anew", "begins them anew.", true},
};

void declare_act(CLI::App& rollouts, FleetOptions& options, FleetAction& action, const Act& one) {
    CLI::App* command = declare_fleet_command(rollouts, one.name, one.what, options);
    command->add_option("ROLLOUT", options.rollout.id, "Its id, or how it begins")->required();
    if (one.takes_ring) {
        command->add_option("RING", options.rollout.ring, "Name of the ring")->required();
    }
    CLI::Option* why = command->add_option("--why", options.why, "The reason; it is recorded");
    why->required(std::string_view(one.name) != "cancel");
    command->add_flag("--json", options.json, "Print JSON");
    command->callback([&options, &action, &one] {
        action = [&options, &one] {
            return act(options, one.name, one.done);
        };
    });
}

void declare_questions(CLI::App& rollouts, FleetOptions& options, FleetAction& action) {
    CLI::App* shown = declare_fleet_command(
        rollouts, "show", "Rings and hosts; 0 done, 1 halted or over, 2 goes on", options);
    shown->add_option("ROLLOUT", options.rollout.id, "Its id, or how it begins")->required();
    shown->add_flag("--json", options.json, "Print JSON");
    shown->callback([&] {
        action = [&] {
            return show(options);
        };
    });
    CLI::App* explained = declare_fleet_command(
        rollouts, "explain", "Why a host was, was not, or will be patched, and when", options);
    explained->add_option("HOST", options.host, "Name or id of a host")->required();
    explained->add_option("PATCH", options.rollout.patch, "A source package");
    explained->add_flag("--json", options.json, "Print JSON");
    explained->callback([&] {
        action = [&] {
            return explain(options);
        };
    });
}

}  // namespace

void declare_rollouts(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* rollouts =
        declare_fleet_command(app, "rollout", "Patch sets on their way through rings", options);
    rollouts->add_flag("--json", options.json, "Print JSON");
    rollouts->require_subcommand(0, 1);
    rollouts->callback([&, rollouts] {
        if (rollouts->get_subcommands().empty()) {
            action = [&] {
                return list(options);
            };
        }
    });
    CLI::App* started = declare_fleet_command(
        *rollouts, "start", "Take the patches of a policy through its rings", options);
    started->add_option("POLICY", options.rollout.policy, "Its name")->required();
    started->add_flag(
        "--emergency", options.rollout.is_emergency, "At once: no windows, short soaks");
    started->add_option("--why", options.why, "The reason; it is recorded")->required();
    started->add_flag("--json", options.json, "Print JSON");
    started->callback([&] {
        action = [&] {
            return start(options);
        };
    });
    declare_questions(*rollouts, options, action);
    CLI::App* approved = declare_fleet_command(
        *rollouts, "approve", "Say yes to the frozen set of somebody else's rollout", options);
    approved->add_option("ROLLOUT", options.rollout.id, "Its id, or how it begins")->required();
    approved->add_option("--set", options.rollout.frozen, "Digest of what is approved; else shown");
    approved->add_option(
        "--sign", options.rollout.key, "SSH key to sign with, for hosts that ask for signatures");
    approved->add_option("--valid-days", options.rollout.valid_days, "Of the signature (default 7)")
        ->check(CLI::Range(1, 90));
    approved->add_option("--why", options.why, "The reason; it is recorded");
    approved->add_flag("--json", options.json, "Print JSON");
    approved->callback([&] {
        action = [&] {
            return approve(options);
        };
    });
    CLI::App* deferred = declare_fleet_command(
        *rollouts, "defer", "Put the change of a host off, as its policy allows", options);
    deferred->add_option("ROLLOUT", options.rollout.id, "Its id, or how it begins")->required();
    deferred->add_option("HOST", options.host, "Name or id of a host")->required();
    deferred->add_option("--until", options.rollout.until, "A day, or an instant; UTC")->required();
    deferred->add_option("--why", options.why, "The reason; it is recorded")->required();
    deferred->add_flag("--json", options.json, "Print JSON");
    deferred->callback([&] {
        action = [&] {
            return defer(options);
        };
    });
    for (const Act& one : kActs) {
        declare_act(*rollouts, options, action, one);
    }
}

}  // namespace thimble::cli
