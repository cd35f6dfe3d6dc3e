#include "thimble/cli/policy_command.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/line_diff.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/calendar/icalendar.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/text_file.hpp"
#include "thimble/client/cell.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/client/rollouts.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/model/host_tags.hpp"
#include "thimble/rollout/check_policy.hpp"
#include "thimble/rollout/forecast.hpp"
#include "thimble/rollout/parse_policy.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <iostream>
#include <map>
#include <span>

namespace thimble::cli {
namespace {

constexpr std::size_t kMostBytes = 256U << 10U;
constexpr std::size_t kMostDiffBytes = kMostBytes;
constexpr std::size_t kFewHosts = 200;
constexpr std::size_t kHostWidth = 20;
constexpr std::size_t kRingWidth = 12;
constexpr std::size_t kTimeWidth = 20;
/// What a transaction takes, as long as nothing better is known.
constexpr std::chrono::minutes kTypical{15};

/// JSON Schema of policies, as docs/formats has it.
constexpr std::string_view kSchema =
#include "policy_schema.inc"
    ;

/// A file of a policy, and what is wrong with it.
struct PolicyFile {
    std::string name;
    std::string text;
    std::vector<rollout::PolicyProblem> problems;
    rollout::Policy policy;  ///< if nothing is
};

Result<PolicyFile> policy_file(const std::string& name) {
    PolicyFile file{name, "", {}, {}};
    THIMBLE_TRY(file.text, read_text_file(name, kMostBytes));
    file.problems = rollout::problems_of(file.text, kFewHosts, host::SystemClock().now());
    if (file.problems.empty()) {
        THIMBLE_TRY(file.policy, rollout::parse_policy(file.text, kFewHosts));
    }
    return file;
}

/// "web.yaml:12: windows[1].rule: it never opens", one line each.
std::string problem_lines(const PolicyFile& file) {
    std::string out;
    for (const rollout::PolicyProblem& problem : file.problems) {
        out += printable(
                   file.name + (problem.line > 0 ? ":" + std::to_string(problem.line) : "") + ": "
                   + (problem.place.empty() ? "" : problem.place + ": ") + problem.what)
            + "\n";
    }
    return out;
}

/// Every file, or all that is wrong with all of them.
Result<std::vector<PolicyFile>> policy_files(const std::vector<std::string>& names) {
    std::vector<PolicyFile> files;
    files.reserve(names.size());
    std::string wrong;
    std::size_t problems = 0;
    for (const std::string& name : names) {
        THIMBLE_TRY(files.emplace_back(), policy_file(name));
        wrong += problem_lines(files.back());
        problems += files.back().problems.size();
    }
    if (problems > 0) {
        std::cerr << wrong;
        return failure(
            ErrorKind::Corrupt,
            "rollout.bad_policy",
            counted(problems, "thing is", "things are") + " wrong with what was given");
    }
    return files;
}

std::string words_of(const rollout::Policy& policy) {
    return "Policy " + policy.name + ": " + counted(policy.rings.size(), "ring") + ", "
        + counted(policy.windows.size(), "window") + ", " + counted(policy.freezes.size(), "freeze")
        + ", approval by " + std::to_string(policy.approval.people) + ", reboots "
        + std::string(rollout::reboot_rule_name(policy.reboot.rule)) + ".";
}

std::string json_of(std::span<const PolicyFile> files) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.policy-check/1").key("files").open_array();
    for (const PolicyFile& file : files) {
        json.open_object().member("file", file.name).member_or_null("policy", file.policy.name);
        json.key("problems").open_array();
        for (const rollout::PolicyProblem& problem : file.problems) {
            json.open_object().key("line");
            problem.line > 0 ? json.number(problem.line) : json.null();
            json.member_or_null("place", problem.place).member("what", problem.what).close_object();
        }
        json.close_array().close_object();
    }
    json.close_array().close_object();
    return text + "\n";
}

Result<int> validate(const FleetOptions& options) {
    std::vector<PolicyFile> files;
    files.reserve(options.policy.files.size());
    bool is_well = true;
    for (const std::string& name : options.policy.files) {
        auto read = policy_file(name);
        if (!read && options.policy.files.size() == 1) {
            return read.error();
        }
        // Of several, one that cannot be read does not hide what is wrong with the others.
        files.push_back(
            read ? *std::move(read) : PolicyFile{name, "", {{0, "", read.error().text()}}, {}});
        const PolicyFile& file = files.back();
        is_well = is_well && file.problems.empty();
        if (!options.json) {
            std::cerr << problem_lines(file);
            std::cout << (file.problems.empty() ? printable(words_of(file.policy)) + "\n" : "");
        }
    }
    if (options.json) {
        std::cout << json_of(files);
    }
    return is_well ? kNothingDue : kBadInput;
}

Result<int> apply(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto files, policy_files(options.policy.files));
    std::vector<std::string> texts;
    texts.reserve(files.size());
    for (const PolicyFile& file : files) {
        texts.push_back(file.text);
    }
    THIMBLE_TRY(const auto warnings, client::set_policies(context, texts, options.why));
    warn(std::cerr, warnings);
    for (const PolicyFile& file : files) {
        std::cout << "Kept policy " << file.policy.name << '\n';
    }
    std::cerr << "Next: thimble policy simulate FILE, then thimble rollout start POLICY\n";
    return kNothingDue;
}

/// What `apply` would change; 1 when there is something.
Result<int> diff(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto files, policy_files(options.policy.files));
    int status = kNothingDue;
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.policy-diff/1").key("policies").open_array();
    for (const PolicyFile& file : files) {
        auto kept = client::policy_text(context, file.policy.name);
        if (!kept && kept.error().kind != ErrorKind::NotFound) {
            return kept.error();
        }
        const std::string before = kept.value_or("");
        const std::string lines = line_diff(before, file.text, kMostDiffBytes);
        status = before == file.text ? status : kSomethingDue;
        json.open_object().member("file", file.name).member("policy", file.policy.name);
        json.key("is_new").boolean(!kept).key("differs").boolean(before != file.text);
        json.member("diff", lines).close_object();
        std::cout << (options.json ? "" : lines);
    }
    json.close_array().close_object();
    std::cout << (options.json ? text + "\n" : "");
    return status;
}

/// Hosts of the server, as policies see them.
Result<std::vector<rollout::ForecastHost>> hosts_of(const client::FleetContext& context) {
    THIMBLE_TRY(const auto items, client::all_items(context, {"hosts", "&revoked_at=null"}));
    std::vector<rollout::ForecastHost> hosts;
    for (const JsonValue& item : items) {
        rollout::ForecastHost host;
        host.facts.id = client::member_text(item, "id").value_or("");
        host.facts.name = client::member_text(item, "name").value_or("");
        host.facts.group = client::member_text(item, "group").value_or("");
        host.facts.tags = model::parse_tags(client::member_text(item, "tags").value_or(""));
        host.facts.operating_system = client::member_text(item, "operating_system").value_or("");
        // Of a host of which nothing is known nobody can say that it misses nothing.
        host.misses = client::member_text(item, "pending").value_or("?") != "0"
            || client::member_text(item, "unknown_why").has_value();
        hosts.push_back(std::move(host));
    }
    return hosts;
}

std::string json_of(const rollout::Forecast& forecast) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.forecast/1");
    json.key("needs_approval").boolean(forecast.needs_word);
    const bool ends = forecast.done_at != Instant();
    json.member_or_null("done_at", ends ? format_instant(forecast.done_at) : "");
    json.key("hosts").open_array();
    for (const rollout::ForecastLine& line : forecast.lines) {
        const bool is_changed = line.changed_at != Instant();
        json.open_object().member("host_id", line.host_id).member_or_null("ring", line.ring);
        json.member_or_null("changed_at", is_changed ? format_instant(line.changed_at) : "");
        json.member("why", line.why).close_object();
    }
    json.close_array().close_object();
    return text + "\n";
}

std::string table_of(
    const rollout::Forecast& forecast, std::span<const rollout::ForecastHost> hosts) {
    std::string out = client::TableLine()
                          .cell("HOST", kHostWidth)
                          .cell("RING", kRingWidth)
                          .cell("CHANGED", kTimeWidth)
                          .prose("WHY")
                          .text();
    std::map<std::string_view, std::string_view> names;
    for (const rollout::ForecastHost& host : hosts) {
        names[host.facts.id] = host.facts.name;
    }
    for (const rollout::ForecastLine& line : forecast.lines) {
        const bool is_changed = line.changed_at != Instant();
        out += client::TableLine()
                   .cell(names.at(line.host_id), kHostWidth)
                   .cell(line.ring.empty() ? "-" : line.ring, kRingWidth)
                   .cell(is_changed ? format_instant(line.changed_at) : "-", kTimeWidth)
                   .prose(line.why)
                   .text();
    }
    if (forecast.needs_word) {
        out += "People must approve; here they did as soon as they were asked.\n";
    }
    return out;
}

Result<int> simulate(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto hosts, hosts_of(context));
    THIMBLE_TRY(const auto files, policy_files(options.policy.files));
    THIMBLE_TRY(
        const rollout::Policy policy, rollout::parse_policy(files.front().text, hosts.size()));
    const Instant now = host::SystemClock().now();
    THIMBLE_TRY(
        const rollout::Forecast forecast,
        rollout::forecast(
            policy, hosts, {now, now + std::chrono::days(options.policy.days)}, kTypical));
    std::cout << (options.json ? json_of(forecast) : table_of(forecast, hosts));
    return forecast.done_at == Instant() ? kSomethingDue : kNothingDue;
}

/// Windows and freezes for the calendars of people.
Result<int> calendar_of(const FleetOptions& options) {
    THIMBLE_TRY(const auto files, policy_files(options.policy.files));
    const rollout::Policy& policy = files.front().policy;
    const Instant now = host::SystemClock().now();
    const Instant end = now + std::chrono::days(options.policy.days);
    std::vector<calendar::CalendarEntry> entries;
    for (std::size_t at = 0; at < policy.windows.size(); ++at) {
        const rollout::PolicyWindow& window = policy.windows[at];
        THIMBLE_TRY(const auto spans, calendar::openings(window.when, now, end));
        for (const calendar::Span& span : spans) {
            entries.push_back(
                {policy.name + "." + std::to_string(at) + "." + format_instant(span.begin),
                 policy.name + ": maintenance window",
                 std::string(window.is_for_install ? "install" : "")
                     + (window.is_for_install && window.is_for_reboot ? ", " : "")
                     + (window.is_for_reboot ? "reboot" : ""),
                 span});
        }
    }
    for (const rollout::Freeze& freeze : policy.freezes) {
        entries.push_back(
            {policy.name + ".freeze." + format_instant(freeze.span.begin),
             policy.name + ": freeze, " + freeze.name,
             freeze.owner,
             freeze.span});
    }
    std::cout << calendar::format_icalendar(entries, now);
    return kNothingDue;
}

Result<int> show_policies(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const auto items, client::all_items(context, {"policies"}));
    std::cout
        << (options.json ? client::view_json("policies", items) + "\n"
                         : client::view_table(*client::list_view_named("policies"), items));
    return kNothingDue;
}

Result<int> export_policy(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(const std::string text, client::policy_text(context, options.policy.name));
    std::cout << text;
    return kNothingDue;
}

Result<int> remove_policy(const FleetOptions& options) {
    THIMBLE_TRY(const auto context, client::read_fleet_context(options.file()));
    THIMBLE_TRY(client::remove_policy(context, options.policy.name));
    std::cout << "Removed policy " << options.policy.name << "; rollouts keep theirs.\n";
    return kNothingDue;
}

Result<int> print_schema(const FleetOptions& /*options*/) {
    std::cout << kSchema;
    return kNothingDue;
}

struct Verb {
    const char* name;
    const char* what;
    Result<int> (*run)(const FleetOptions&);
    enum class Takes : std::uint8_t { Nothing, Files, File, Name } takes;
};
constexpr std::array kVerbs{
    Verb{"validate", "Check files of policies, without a server", validate, Verb::Takes::Files},
    Verb{"schema", "Print the JSON Schema of policies", print_schema, Verb::Takes::Nothing},
    Verb{"simulate", "What a file would do with today's fleet", simulate, Verb::Takes::File},
    Verb{"calendar", "Windows and freezes of a file as iCalendar", calendar_of, Verb::Takes::File},
    Verb{"diff", "What apply would change; 1 if something", diff, Verb::Takes::Files},
    Verb{"apply", "Keep policies on the server", apply, Verb::Takes::Files},
    Verb{"export", "Print a policy that the server keeps", export_policy, Verb::Takes::Name},
    Verb{"remove", "Remove a policy from the server", remove_policy, Verb::Takes::Name},
};

void declare_verb(
    CLI::App& policies, FleetOptions& options, FleetAction& action, const Verb& verb) {
    CLI::App* command = declare_fleet_command(policies, verb.name, verb.what, options);
    switch (verb.takes) {
        case Verb::Takes::Nothing: break;
        case Verb::Takes::Files:
            command->add_option("FILE", options.policy.files, "A policy; - is the input")
                ->required();
            break;
        case Verb::Takes::File:
            command->add_option("FILE", options.policy.files, "A policy; - is the input")
                ->required()
                ->expected(1);
            command->add_option("--days", options.policy.days, "How far (default: 90)")
                ->check(CLI::Range(1, 365));
            break;
        case Verb::Takes::Name:
            command->add_option("POLICY", options.policy.name, "Its name")->required();
            break;
    }
    if (verb.run == validate || verb.run == diff || verb.run == simulate) {
        command->add_flag("--json", options.json, "Print JSON");
    }
    if (verb.run == apply) {
        command->add_option("--why", options.why, "The reason; it is recorded");
    }
    command->callback([&options, &action, &verb] {
        action = [&options, &verb] {
            return verb.run(options);
        };
    });
}

}  // namespace

void declare_policies(CLI::App& app, FleetOptions& options, FleetAction& action) {
    CLI::App* policies = declare_fleet_command(
        app, "policy", "Which patches go to which hosts, ring by ring, and when", options);
    policies->add_flag("--json", options.json, "Print JSON");
    policies->require_subcommand(0, 1);
    policies->callback([&, policies] {
        if (policies->get_subcommands().empty()) {
            action = [&] {
                return show_policies(options);
            };
        }
    });
    for (const Verb& verb : kVerbs) {
        declare_verb(*policies, options, action, verb);
    }
}

}  // namespace thimble::cli
