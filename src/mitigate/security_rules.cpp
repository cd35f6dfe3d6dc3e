#include "thimble/mitigate/security_rules.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/mitigate/attack_patterns.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::mitigate {
namespace {

/// One comparison of a chain.
struct Condition {
    std::string variables;
    std::string comparison;  ///< "@rx …"
    std::string transformations;
};
using Chain = std::vector<Condition>;

/// Within double quotes of SecLang.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        out += c == '"' ? "\\\"" : std::string(1, c);
    }
    return out + '"';
}

/// A text as a regular expression that means just it.
std::string literal(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("\\^$.|?*+()[]{}/-").contains(c)) {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string out;
    for (const std::string& part : parts) {
        out.append(out.empty() ? "" : between).append(part);
    }
    return out;
}

/// The variables of SecLang in which a target is. Names of arguments carry attacks as values do.
std::string variables_of(const AttackTarget& target) {
    const std::string suffix = target.name.empty() ? "" : ":" + target.name;
    switch (target.part) {
        case RequestPart::Path: return "REQUEST_URI_RAW";
        case RequestPart::Arguments:
            return target.name.empty() ? "ARGS|ARGS_NAMES"
                                       : "ARGS" + suffix + "|ARGS:json." + target.name;
        case RequestPart::Headers: return "REQUEST_HEADERS" + suffix;
        case RequestPart::Cookies:
            return "REQUEST_COOKIES" + suffix
                + (target.name.empty() ? "|REQUEST_COOKIES_NAMES" : "");
        case RequestPart::Body: return "REQUEST_BODY|FILES|XML:/*";
    }
    return {};
}

std::string variables_of(const VirtualPatch& patch) {
    std::vector<std::string> variables;
    variables.reserve(patch.targets.size());
    for (const AttackTarget& target : patch.targets) {
        variables.push_back(variables_of(target));
    }
    return joined(variables, "|");
}

/// Where a request must go for the rule to look at it.
Chain conditions_of_place(const VirtualPatch& patch) {
    Chain chain;
    if (!patch.methods.empty()) {
        chain.push_back(
            {"REQUEST_METHOD", "@rx ^(?:" + joined(patch.methods, "|") + ")$", "t:none"});
    }
    // What an application takes for the same path: encoded, doubled slashes, dots, another case.
    const std::string path_form = "t:none,t:urlDecodeUni,t:normalizePath,t:lowercase";
    const auto lower = [](std::string text) {
        std::ranges::transform(text, text.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        return text;
    };
    switch (patch.path_match) {
        case PathMatch::Any: break;
        case PathMatch::Exact:
            // A trailing slash and parameters of the path (";x=1") reach the same place.
            chain.push_back(
                {"REQUEST_FILENAME",
                 "@rx ^" + literal(lower(patch.path)) + "/*(?:;.*)?$",
                 path_form});
            break;
        case PathMatch::Prefix:
            chain.push_back({"REQUEST_FILENAME", "@rx ^" + literal(lower(patch.path)), path_form});
            break;
        case PathMatch::Pattern:
            chain.push_back({"REQUEST_FILENAME", "@rx (?i)" + patch.path, path_form});
            break;
    }
    return chain;
}

/// Every way in which the class shows itself; each becomes a rule.
std::vector<Chain> conditions_of_attack(const VirtualPatch& patch) {
    const std::string places = variables_of(patch);
    switch (patch.attack) {
        case AttackClass::Pattern:
            return {{{places, "@rx " + patch.pattern, "t:none,t:urlDecodeUni"}}};
        case AttackClass::OversizedInput: {
            const std::string longer = "@gt " + std::to_string(patch.limit);
            return {{{places, longer, "t:none,t:length"}}};
        }
        case AttackClass::HeaderSmuggling:
            return {
                {{"&REQUEST_HEADERS:Transfer-Encoding", "@ge 1", "t:none"},
                 {"&REQUEST_HEADERS:Content-Length", "@ge 1", "t:none"}},
                {{"REQUEST_HEADERS:Transfer-Encoding", "!@rx (?i)^chunked$", "t:none"}},
                {{"&REQUEST_HEADERS:Content-Length|&REQUEST_HEADERS:Transfer-Encoding|&REQUEST_"
                  "HEADERS:Host",
                  "@gt 1",
                  "t:none"}},
                {{"REQUEST_HEADERS:Content-Length", "!@rx ^[0-9]{1,18}$", "t:none"}}};
        case AttackClass::BlockedEndpoint: return {{}};
        case AttackClass::OwnRules: return {};
        case AttackClass::PathTraversal:
        case AttackClass::CommandInjection:
        case AttackClass::TemplateInjection:
        case AttackClass::Deserialisation:
        case AttackClass::JndiLookup: {
            std::vector<Chain> chains;
            for (const AttackPattern& pattern : patterns_of(patch.attack)) {
                chains.push_back({{places, "@rx " + pattern.expression, pattern.transformations}});
            }
            return chains;
        }
    }
    return {};
}

bool needs_body(const VirtualPatch& patch) {
    return std::ranges::any_of(patch.targets, [](const AttackTarget& target) {
        return target.part == RequestPart::Body || target.part == RequestPart::Arguments;
    });
}

std::string actions_of(const VirtualPatch& patch, RuleMode mode, std::uint32_t id) {
    std::string actions = "id:" + std::to_string(id) + (needs_body(patch) ? ",phase:2" : ",phase:1")
        + (mode == RuleMode::Block ? ",deny,status:403" : ",pass")
        + ",log,auditlog,msg:'virtual patch " + patch.name + "',severity:'CRITICAL',tag:'thimble/"
        + patch.name + "'";
    for (const std::string& vulnerability : patch.covers) {
        actions += ",tag:'" + vulnerability + "'";
    }
    return actions;
}

std::string rule_of(const Chain& chain, const std::string& actions) {
    std::string text;
    for (std::size_t at = 0; at < chain.size(); ++at) {
        const Condition& one = chain[at];
        text += std::string(at * 4, ' ') + "SecRule " + one.variables + " " + quoted(one.comparison)
            + " \"" + (at == 0 ? actions + "," : "") + one.transformations
            + (at + 1 < chain.size() ? ",chain" : "") + "\"\n";
    }
    return text;
}

/// What Coraza's RE2 does not know, or ModSecurity would expand.
Result<void> check_expression(std::string_view expression) {
    for (const std::string_view no :
         {"(?=", "(?!", "(?<", "(?>", "%{", "\\1", "\\2", "\\\"", "\n"}) {
        if (expression.contains(no)) {
            return failure(
                ErrorKind::Invalid,
                "mitigate.bad_pattern",
                "the pattern has " + std::string(no == "\n" ? "a line break" : no)
                    + ", which not every engine reads: write it without look-around, back references "
                      "and macros");
        }
    }
    if (expression.ends_with('\\')) {
        return failure(
            ErrorKind::Invalid, "mitigate.bad_pattern", "the pattern ends with a backslash");
    }
    return {};
}

/// The digits behind the first "id:" of a line; empty: it has none.
std::string id_in(std::string_view line) {
    std::size_t at = line.find("id:");
    if (at == std::string_view::npos) {
        return "";
    }
    at += line.substr(at).starts_with("id:'") ? 4 : 3;
    const std::size_t end = std::min(line.find_first_not_of("0123456789", at), line.size());
    return std::string(line.substr(at, end - at));
}

Error bad_rules(std::string what) {
    return failure(ErrorKind::Invalid, "mitigate.bad_rules", std::move(what));
}

/// The text as the engines read it: a backslash at the end of a line joins it with the next.
std::string without_joints(std::string text) {
    constexpr std::string_view kJoint = "\\\n";
    for (std::size_t at = text.find(kJoint); at != std::string::npos; at = text.find(kJoint, at)) {
        text.erase(at, kJoint.size());
    }
    return text;
}

/// What would start programs, read files, speak to others, or switch off other rules; empty: nothing of it.
std::string_view forbidden_in(const std::string& rules) {
    static constexpr auto kForbidden = std::to_array<std::string_view>(
        {"exec:",      "ctl:",         "proxy:",     "redirect:", "allow,",
         "allow\"",    "allow:",       "setenv:",    "skip:",     "skipafter:",
         "setvar:tx.", "@inspectfile", "fromfile",   "@pmf",      "@ipmatchf",
         "@validate",  "@fuzzyhash",   "@geolookup", "@rbl",      "@gsblookup"});
    std::string lower = rules;
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const auto* const found = std::ranges::find_if(
        kForbidden, [&](std::string_view word) { return lower.contains(word); });
    return found == kForbidden.end() ? std::string_view() : *found;
}

/// What the owner brought, each rule on a line of its own; it may only judge requests, under the ids of its patch. Apache
/// takes the file for settings of its own, and engines read names of directives in any case and join comments, too: so
/// nothing but the two directives is let through.
Result<std::string> own_rules(const VirtualPatch& patch) {
    const std::string joined_up = without_joints(patch.rules);
    if (const std::string_view word = forbidden_in(joined_up); !word.empty()) {
        return bad_rules("a rule may only judge requests; it may not have " + std::string(word));
    }
    Lines lines(joined_up);
    for (std::string_view raw; lines.next(raw);) {
        const std::string_view line = trimmed(raw);
        const bool is_rule =
            line.empty() || line.starts_with("SecRule ") || line.starts_with("SecAction ");
        if (!is_rule || line.ends_with('\\') || line.contains('\r')) {
            return bad_rules(
                "only lines of SecRule and SecAction are taken, without comments: "
                + std::string(line.substr(0, 60)));
        }
        const std::string id = id_in(line);
        const bool is_ours = id.empty()
            || (id.size() == 5 && std::stoul(id) >= patch.first_id
                && std::stoul(id) < patch.first_id + kIdsOfAPatch);
        if (!is_ours) {
            return bad_rules(
                "rule " + id + " is outside the ids of this patch, "
                + std::to_string(patch.first_id) + " to "
                + std::to_string(patch.first_id + kIdsOfAPatch - 1));
        }
    }
    return joined_up + "\n";
}

}  // namespace

Result<std::string> security_rules(const VirtualPatch& patch, RuleMode mode) {
    std::string text = "# Virtual patch " + patch.name + " for " + joined(patch.covers, ", ")
        + ", by Thimble: made again from its file, not edited.\n";
    if (patch.attack == AttackClass::OwnRules) {
        THIMBLE_TRY(std::string own, own_rules(patch));
        return text + std::move(own);
    }
    THIMBLE_TRY(check_expression(patch.pattern));
    THIMBLE_TRY(check_expression(patch.path_match == PathMatch::Pattern ? patch.path : ""));
    std::uint32_t id = patch.first_id;
    for (const Chain& attack : conditions_of_attack(patch)) {
        Chain whole = conditions_of_place(patch);
        whole.insert(whole.end(), attack.begin(), attack.end());
        text += rule_of(whole, actions_of(patch, mode, id++));
    }
    return text;
}

}  // namespace thimble::mitigate
