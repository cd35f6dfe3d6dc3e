#include "thimble/client/approval_words.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/base/name_list.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/client/cell.hpp"
#include "thimble/client/list_view.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace thimble::client {
namespace {

constexpr std::size_t kMostNames = 10;
constexpr std::size_t kMostLines = 20;

std::string said(const JsonValue& item, std::string_view name) {
    return printable(member_text(item, name).value_or(""));
}

/// What a text of JSON says; none: it is none.
std::optional<JsonValue> parsed(const std::string& text) {
    auto value = parse_json(text);
    return value ? std::optional(*std::move(value)) : std::nullopt;
}

std::vector<std::string> texts_of(const JsonValue& object, std::string_view name) {
    const JsonValue* found = member_of(object, name);
    return found == nullptr ? std::vector<std::string>() : JsonMembers(object).texts(name);
}

/// "web1, web2 and 7 more"
std::string some_of(const std::vector<std::string>& names) {
    std::vector<std::string> shown;
    std::ranges::transform(
        names, std::back_inserter(shown), [](const std::string& name) { return printable(name); });
    return some_names(shown, kMostNames);
}

std::string line(std::string_view title, const std::string& text) {
    return text.empty() ? "" : wrapped_text(std::string(title) + ": " + text, {.further = "  "});
}

/// "3: web1, web2, web3". Several hosts may be called alike: each counts.
std::string counted_names(std::span<const JsonValue> hosts) {
    std::map<std::string, std::string> name_of_id;
    for (const JsonValue& host : hosts) {
        if (said(host, "state") != "retired") {
            name_of_id[said(host, "host_id")] = said(host, "host");
        }
    }
    std::vector<std::string> names;
    names.reserve(name_of_id.size());
    for (const auto& [id, name] : name_of_id) {
        names.push_back(name);
    }
    std::ranges::sort(names);
    return names.empty() ? "0" : std::to_string(names.size()) + ": " + some_of(names);
}

// NOLINTBEGIN(misc-no-recursion): the parser of JSON has bounded the depth
std::string flat(const JsonValue& value, const NamesOfIds& names);

std::string flat_items(const JsonValue::Array& items, const NamesOfIds& names) {
    std::string text;
    for (const JsonValue& item : items) {
        const bool is_object = std::holds_alternative<JsonValue::Object>(item.value);
        const std::string_view between = is_object ? "; " : ", ";
        text.append(text.empty() ? "" : between).append(flat(item, names));
    }
    return text;
}

std::string flat_members(const JsonValue::Object& object, const NamesOfIds& names) {
    std::string text;
    for (const auto& [name, part] : object) {
        text.append(text.empty() ? "" : ", ").append(printable(name)).append(" ");
        text.append(flat(part, names));
    }
    return text;
}

/// A value of a document, on one line: "port 80, protocol tcp".
std::string flat(const JsonValue& value, const NamesOfIds& names) {
    if (const auto* const text = std::get_if<std::string>(&value.value)) {
        const auto name = names.find(*text);
        return printable(name == names.end() ? *text : name->second);
    }
    if (const auto* const number = std::get_if<std::int64_t>(&value.value)) {
        return std::to_string(*number);
    }
    if (const auto* const truth = std::get_if<bool>(&value.value)) {
        return *truth ? "yes" : "no";
    }
    if (const auto* const items = std::get_if<JsonValue::Array>(&value.value)) {
        return flat_items(*items, names);
    }
    const auto* const object = std::get_if<JsonValue::Object>(&value.value);
    return object == nullptr ? "" : flat_members(*object, names);
}
// NOLINTEND(misc-no-recursion)

std::string document_lines(const std::string& document, const NamesOfIds& names) {
    const auto value = parsed(document);
    const JsonValue* const settings = value ? member_of(*value, "settings") : nullptr;
    const auto* const object =
        settings == nullptr ? nullptr : std::get_if<JsonValue::Object>(&settings->value);
    if (object == nullptr) {
        return line("Puts up", "its document cannot be read: do not approve it");
    }
    std::string out = "Puts up:\n";
    for (const auto& [name, part] : *object) {
        out += wrapped_text(
            printable(name) + ": " + flat(part, names), {.first = "  ", .further = "    "});
    }
    return out;
}

std::string due_of(const JsonValue& item) {
    const std::string due = said(item, "due_at");
    return due.empty() ? "due with the next upgrade" : "due " + due;
}

/// What the control does to what is open in one place.
std::string effect_of(
    const JsonValue& place, const std::string& vulnerability, const std::string& kind) {
    std::string text = vulnerability + " in " + said(place, "source") + " on "
        + some_of(texts_of(place, "hosts")) + ": " + said(place, "outcome") + ", " + due_of(place);
    for (const JsonValue& proposal : JsonMembers(place).array("proposals")) {
        if (said(proposal, "kind") != kind) {
            continue;
        }
        const std::string refusal = said(proposal, "refusal");
        if (!refusal.empty()) {
            return text.append("; it changes nothing: ").append(refusal);
        }
        text.append("; once it is proven ").append(said(proposal, "outcome"));
        return text.append(", ").append(due_of(proposal));
    }
    return text.append("; what it changes is not known");
}

std::string effect_lines(const ControlWords& words) {
    const std::string kind = said(words.control, "kind");
    const auto sources = texts_of(words.control, "sources");
    std::string out;
    std::size_t lines = 0;
    for (const JsonValue& effect : words.effects) {
        const std::string vulnerability = said(effect, "vulnerability");
        bool is_open = false;
        for (const JsonValue& place : JsonMembers(effect).array("places")) {
            if (!sources.empty()
                && std::ranges::find(sources, member_text(place, "source").value_or(""))
                    == sources.end()) {
                continue;
            }
            is_open = true;
            if (++lines <= kMostLines) {
                out += line("Decision", effect_of(place, vulnerability, kind));
            }
        }
        if (!is_open && ++lines <= kMostLines) {
            out += line("Decision", vulnerability + " is open on no host that was judged");
        }
    }
    return lines <= kMostLines ? out
                               : out + "Decision: " + std::to_string(lines - kMostLines)
            + " more: thimble control propose CVE\n";
}

}  // namespace

std::string scope_in_words(std::string_view scope) {
    const auto value = parsed(std::string(scope));
    if (!value) {
        return "not known: its scope cannot be read";
    }
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kParts{
        {{"hosts", "called "}, {"groups", "of the groups "}, {"tags", "tagged "}}};
    std::string text;
    for (const auto& [name, words] : kParts) {
        const auto items = texts_of(*value, name);
        if (!items.empty()) {
            text.append(text.empty() ? "" : " and ").append(words).append(some_of(items));
        }
    }
    return "whichever are " + text;
}

std::vector<std::string> hosts_in_document(std::string_view document) {
    std::set<std::string> ids;
    const auto value = parsed(std::string(document));
    const JsonValue* const settings = value ? member_of(*value, "settings") : nullptr;
    if (settings != nullptr && member_of(*settings, "probes") != nullptr) {
        for (const JsonValue& probe : JsonMembers(*settings).array("probes")) {
            ids.insert(member_text(probe, "host").value_or(""));
            ids.insert(member_text(probe, "of").value_or(""));
        }
    }
    ids.erase("");
    return {ids.begin(), ids.end()};
}

std::string control_approval_lines(const ControlWords& words) {
    const JsonValue& control = words.control;
    const bool is_renewal = !said(control, "renewal_by").empty();
    const std::string asker =
        is_renewal ? said(control, "renewal_by") + " (more time)" : said(control, "requester");
    const std::string then = said(control, "retirement") == "remove"
        ? "; it is taken away then, or when nothing that it covers is open any more"
        : "; its removal is proposed then, or when nothing that it covers is open any more";
    std::string out = "Control " + said(control, "id") + ", " + said(control, "name") + " ("
        + said(control, "kind") + ")\n";
    out += line("Asked by", asker + ": " + said(control, "why"));
    out += line("Hosts now", counted_names(words.hosts));
    out += line(
        "Hosts later", scope_in_words(member_text(control, "scope").value_or("")) + ", by then");
    out += line(
        "Stands against",
        said(control, "covers")
            + (said(control, "sources").empty() ? "" : " in " + said(control, "sources")));
    out += document_lines(member_text(control, "document").value_or(""), words.names);
    out += effect_lines(words);
    out += line("Remains", said(control, "residual_risk"));
    out += line(
        "Until",
        (is_renewal ? said(control, "renewal_until") : said(control, "expires_at")) + then);
    return out + "Document: " + said(control, "digest") + "\n";
}

namespace {

/// What one version closes on the hosts of a rollout.
struct ClosedByPatch {
    std::set<std::string> hosts;
    std::set<std::string> from_versions;
    std::set<std::string> vulnerabilities;
    std::string outcome;
    std::string due;
};

ClosedByPatch closed_by(
    const std::string& source, const std::set<std::string>& hosts, const RolloutWords& words) {
    ClosedByPatch closed;
    for (const JsonValue& patch : words.patches) {
        if (said(patch, "source") != source || !hosts.contains(said(patch, "host_id"))) {
            continue;
        }
        closed.hosts.insert(said(patch, "host_id"));
        closed.from_versions.insert(said(patch, "from"));
        for (const std::string& id : texts_of(patch, "vulnerability_ids")) {
            closed.vulnerabilities.insert(id);
        }
        const std::string due = said(patch, "due_at");
        if (closed.outcome.empty() || (!due.empty() && (closed.due.empty() || due < closed.due))) {
            closed.outcome = said(patch, "outcome");
            closed.due = due;
        }
    }
    return closed;
}

/// "from 1, 2": what is installed where the patch is missing.
std::string from_versions_of(const ClosedByPatch& closed) {
    std::vector<std::string> known(closed.from_versions.begin(), closed.from_versions.end());
    std::erase(known, "");
    return known.empty() ? "from a version that is not known" : "from " + some_of(known);
}

std::string text_of(const ClosedByPatch& closed) {
    if (closed.hosts.empty()) {
        return "no host of it is known to miss it";
    }
    const std::vector<std::string> ids(
        closed.vulnerabilities.begin(), closed.vulnerabilities.end());
    return "missing on " + std::to_string(closed.hosts.size()) + ", " + from_versions_of(closed)
        + ", closes " + (ids.empty() ? "no vulnerability that is known" : some_of(ids)) + "; "
        + closed.outcome + ", "
        + (closed.due.empty() ? "due with the next upgrade" : "due " + closed.due);
}

/// One version of a frozen set.
struct FrozenItem {
    std::string system;
    std::string source;
    std::string version;
    bool is_selected = false;
};

/// @return none: it cannot be read
std::optional<std::vector<FrozenItem>> items_of_set(std::string_view frozen) {
    const auto set = parsed(std::string(frozen));
    const JsonValue* const systems = set ? member_of(*set, "systems") : nullptr;
    const auto* const parts =
        systems == nullptr ? nullptr : std::get_if<JsonValue::Object>(&systems->value);
    if (parts == nullptr) {
        return std::nullopt;
    }
    std::vector<FrozenItem> items;
    for (const auto& [system, part] : *parts) {
        const auto* const sources = std::get_if<JsonValue::Object>(&part.value);
        if (sources == nullptr) {
            return std::nullopt;
        }
        for (const auto& [source, one] : *sources) {
            items.push_back(
                {printable(system),
                 printable(source),
                 said(one, "version"),
                 said(one, "selected") == "yes"});
        }
    }
    return items;
}

std::string patch_lines(const RolloutWords& words) {
    const auto items = items_of_set(member_text(words.rollout, "frozen").value_or(""));
    if (!items) {
        return line("Patches", "the set cannot be read: do not approve it");
    }
    std::set<std::string> hosts;
    for (const JsonValue& host : words.hosts) {
        hosts.insert(said(host, "host_id"));
    }
    std::string out;
    for (std::size_t at = 0; at < std::min(items->size(), kMostLines); ++at) {
        const FrozenItem& item = (*items)[at];
        out += line(
            "Patch",
            item.source + " " + item.version + " on " + item.system + ": "
                + (item.is_selected ? text_of(closed_by(item.source, hosts, words))
                                    : "comes along with the others"));
    }
    return items->size() <= kMostLines ? out
                                       : out + "Patches: "
            + std::to_string(items->size() - kMostLines) + " more, which --json has\n";
}

/// What the rehearsal of a host has come to, as far as its phase tells.
enum class Rehearsal : std::uint8_t { Passed, Failed, Refused, Unneeded, Unknown };

Rehearsal rehearsal_of(const std::string& phase) {
    constexpr std::array<std::string_view, 11> kPassed{
        "rehearsed",
        "applying",
        "verifying",
        "restarting",
        "rebooting",
        "verified",
        "rolled-back",
        "pending-restart",
        "pending-reboot",
        "failed-health",
        "not-returned"};
    if (std::ranges::find(kPassed, phase) != kPassed.end()) {
        return Rehearsal::Passed;
    }
    if (phase == "rehearsal-failed") {
        return Rehearsal::Failed;
    }
    if (phase == "plan-refused") {
        return Rehearsal::Refused;
    }
    return phase == "nothing-to-do" ? Rehearsal::Unneeded : Rehearsal::Unknown;
}

using NamesByWord = std::map<std::string, std::vector<std::string>>;

/// "passed on 2: a, b; not known of 3: c, d, e"
std::string counted_words(
    std::span<const std::pair<std::string_view, std::string_view>> words,
    const NamesByWord& names) {
    std::string text;
    for (const auto& [word, title] : words) {
        const auto found = names.find(std::string(word));
        if (found != names.end()) {
            text += (text.empty() ? "" : "; ") + std::string(title) + " "
                + std::to_string(found->second.size()) + ": " + some_of(found->second);
        }
    }
    return text.empty() ? "not known: it has no hosts that you see" : text;
}

std::string rehearsal_text(std::span<const JsonValue> hosts) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kWords{
        {{"failed", "failed on"},
         {"refused", "not tried, since the plan was refused, on"},
         {"passed", "passed on"},
         {"unneeded", "not needed, since nothing is missing, on"},
         {"unknown", "not known yet of"}}};
    NamesByWord names;
    for (const JsonValue& host : hosts) {
        const std::string name = said(host, "host");
        switch (rehearsal_of(said(host, "phase"))) {
            case Rehearsal::Passed: names["passed"].push_back(name); break;
            case Rehearsal::Failed: names["failed"].push_back(name); break;
            case Rehearsal::Refused: names["refused"].push_back(name); break;
            case Rehearsal::Unneeded: names["unneeded"].push_back(name); break;
            case Rehearsal::Unknown: names["unknown"].push_back(name); break;
        }
    }
    return counted_words(kWords, names);
}

/// What the plans of hosts restart; without a plan it is not known.
std::string restart_text(std::span<const JsonValue> hosts) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kWords{
        {{"reboot", "reboot on"},
         {"services", "services on"},
         {"none", "nothing on"},
         {"unknown", "not known of"}}};
    NamesByWord names;
    for (const JsonValue& host : hosts) {
        if (rehearsal_of(said(host, "phase")) == Rehearsal::Unneeded) {
            continue;
        }
        const std::string restart = said(host, "restart");
        const bool is_known = restart == "reboot" || restart == "services" || restart == "none";
        names[is_known ? restart : "unknown"].push_back(said(host, "host"));
    }
    return counted_words(kWords, names);
}

/// Whether what has to be restarted is, by the policy.
std::string restart_rule(const JsonValue& outlook) {
    const std::string reboots = said(outlook, "reboots");
    const std::string services = said(outlook, "services");
    if (reboots.empty() || services.empty()) {
        return "not known: the server does not say what its policy restarts";
    }
    return std::string(
               services == "restart" ? "services are restarted where that is safe"
                                     : "services are left to their owners")
        + (reboots == "never" ? "; no host is rebooted" : "; hosts are rebooted in its windows");
}

/// When hosts may be changed.
std::string window_text(const JsonValue& outlook) {
    const JsonValue* const window = member_of(outlook, "window");
    if (window != nullptr && !said(*window, "from").empty()) {
        return said(*window, "open") == "yes"
            ? "open until " + said(*window, "until")
            : "the next from " + said(*window, "from") + " until " + said(*window, "until");
    }
    const std::string windows = said(outlook, "windows");
    if (windows.empty()) {
        return "not known: the server does not say whether its policy has any";
    }
    return windows == "0" ? "at any time, but for freezes" : "none opens within a year";
}

/// "7 days"
std::string good_for(const JsonValue& outlook) {
    constexpr std::int64_t kHour = 3600;
    constexpr std::int64_t kDay = 24 * kHour;
    const JsonValue* const found = member_of(outlook, "approval_good_seconds");
    const auto* const seconds =
        found == nullptr ? nullptr : std::get_if<std::int64_t>(&found->value);
    if (seconds == nullptr || *seconds <= 0) {
        return "";
    }
    return *seconds % kDay == 0
        ? counted(static_cast<std::uint64_t>(*seconds / kDay), "day") + " from now"
        : counted(static_cast<std::uint64_t>(*seconds / kHour), "hour") + " from now";
}

}  // namespace

std::vector<std::string> sources_of_set(std::string_view frozen) {
    std::set<std::string> sources;
    for (const FrozenItem& item : items_of_set(frozen).value_or(std::vector<FrozenItem>())) {
        if (item.is_selected && sources.size() < kMostLines) {
            sources.insert(item.source);
        }
    }
    return {sources.begin(), sources.end()};
}

std::string rehearsal_lines(const JsonValue& outlook, std::span<const JsonValue> hosts) {
    return line("Rehearsal", rehearsal_text(hosts)) + line("Restarts", restart_text(hosts))
        + line("By its policy", restart_rule(outlook));
}

std::string rollout_approval_lines(const RolloutWords& words) {
    const JsonValue& rollout = words.rollout;
    const bool is_emergency = said(rollout, "emergency") == "yes";
    std::string out = "Rollout " + said(rollout, "id") + ", policy " + said(rollout, "policy")
        + (is_emergency ? ", an emergency: no windows, short soaks" : "") + "\n";
    out += line("Asked by", said(rollout, "created_by") + ": " + said(rollout, "reason"));
    out += line("Hosts", counted_names(words.hosts));
    out += patch_lines(words);
    out += rehearsal_lines(words.outlook, words.hosts);
    out += line("Window", window_text(words.outlook));
    out += line("Good until", good_for(words.outlook));
    out += line(
        "Decision",
        "these versions and nothing else may be installed there, ring by ring; what they close "
        "is no longer open once it is verified");
    return out + "Set: " + said(rollout, "frozen_digest") + "\n";
}

}  // namespace thimble::client
