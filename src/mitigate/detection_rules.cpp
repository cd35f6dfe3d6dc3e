#include "thimble/mitigate/detection_rules.hpp"

#include "thimble/mitigate/attack_patterns.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace thimble::mitigate {
namespace {

Error unsupported(const char* code, const char* what) {
    return failure(ErrorKind::Unsupported, code, what);
}

/// What the attack looks like; nothing: not by its looks.
std::optional<std::vector<std::string>> expressions_of(const VirtualPatch& patch) {
    if (patch.attack == AttackClass::BlockedEndpoint) {
        return std::vector<std::string>();
    }
    if (patch.attack == AttackClass::Pattern) {
        return std::vector<std::string>{patch.pattern};
    }
    std::vector<std::string> expressions;
    for (const AttackPattern& pattern : patterns_of(patch.attack)) {
        expressions.push_back(pattern.expression);
    }
    return expressions.empty() ? std::nullopt : std::optional(std::move(expressions));
}

// Sigma

/// A scalar of YAML in single quotes.
std::string scalar(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out.append(c == '\'' ? 2 : 1, c);
    }
    return out + "'";
}

/// The fields of a log that hold a part of a request.
std::vector<std::string_view> log_fields(const AttackTarget& target) {
    switch (target.part) {
        case RequestPart::Path: return {"cs-uri-stem"};
        case RequestPart::Arguments: return {"cs-uri-query"};
        case RequestPart::Cookies: return {"cs-cookie"};
        case RequestPart::Headers:
            if (target.name.empty()) {
                return {"cs-user-agent", "cs-referer"};
            }
            if (is_header(target.name, "User-Agent")) {
                return {"cs-user-agent"};
            }
            return is_header(target.name, "Referer") ? std::vector<std::string_view>{"cs-referer"}
                                                     : std::vector<std::string_view>();
        case RequestPart::Body: return {};
    }
    return {};
}

std::string sigma_list(std::string_view field, const std::vector<std::string>& values) {
    std::string text = "    " + std::string(field) + ":\n";
    for (const std::string& value : values) {
        text += "      - " + scalar(value) + "\n";
    }
    return text;
}

/// Where the request goes: a part of the detection for each condition.
std::string sigma_place(const VirtualPatch& patch) {
    std::string text;
    if (!patch.methods.empty()) {
        text += sigma_list("cs-method", patch.methods);
    }
    switch (patch.path_match) {
        case PathMatch::Any: break;
        case PathMatch::Exact: text += "    cs-uri-stem: " + scalar(patch.path) + "\n"; break;
        case PathMatch::Prefix:
            text += "    cs-uri-stem|startswith: " + scalar(patch.path) + "\n";
            break;
        case PathMatch::Pattern: text += "    cs-uri-stem|re: " + scalar(patch.path) + "\n"; break;
    }
    return text.empty() ? text : "  place:\n" + text;
}

/// One of these is enough, so that each field is a search of its own.
std::string sigma_attacks(const VirtualPatch& patch, const std::vector<std::string>& expressions) {
    std::vector<std::string_view> fields;
    for (const AttackTarget& target : patch.targets) {
        for (const std::string_view field : log_fields(target)) {
            if (std::ranges::find(fields, field) == fields.end()) {
                fields.push_back(field);
            }
        }
    }
    std::string text;
    for (const std::string_view field : fields) {
        std::string name(field);
        std::ranges::replace(name, '-', '_');
        text.append("  attack_").append(name).append(":\n");
        text += sigma_list(std::string(field) + "|re|i", expressions);
    }
    return text;
}

std::string sigma_tag(std::string vulnerability) {
    std::ranges::transform(vulnerability, vulnerability.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const std::size_t dash = vulnerability.find('-');
    return dash == std::string::npos
        ? vulnerability
        : vulnerability.substr(0, dash) + "." + vulnerability.substr(dash + 1);
}

// Suricata

/// An expression within `pcre:"/…/"`: a quote, a semicolon and a slash would end something.
std::string pcre_of(std::string_view expression) {
    std::string out;
    for (std::size_t at = 0; at < expression.size(); ++at) {
        const bool is_escaped = expression[at] == '\\' && at + 1 < expression.size();
        const char c = expression[is_escaped ? at + 1 : at];
        at += is_escaped ? 1 : 0;
        switch (c) {
            case '"': out += "\\x22"; break;
            case ';': out += "\\x3b"; break;
            case '/': out += "\\x2f"; break;
            default: out.append(is_escaped ? "\\" : "").append(1, c);
        }
    }
    return out;
}

/// Bytes that a rule takes for its own are written as numbers.
std::string content_of(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain =
            byte > 0x20 && byte < 0x7f && !std::string_view("\"\\;:|").contains(c);
        if (is_plain) {
            out += c;
        } else {
            out.append("|")
                .append(1, kDigits[byte >> 4U])
                .append(1, kDigits[byte & 15U])
                .append("|");
        }
    }
    return out;
}

std::vector<std::string_view> buffers_of(const AttackTarget& target) {
    switch (target.part) {
        case RequestPart::Path: return {"http.uri"};
        case RequestPart::Arguments: return {"http.uri", "http.request_body"};
        case RequestPart::Headers: return {"http.header"};
        case RequestPart::Cookies: return {"http.cookie"};
        case RequestPart::Body: return {"http.request_body"};
    }
    return {};
}

std::string suricata_place(const VirtualPatch& patch) {
    std::string text;
    if (patch.methods.size() == 1) {
        text += R"( http.method; content:")" + content_of(patch.methods.front()) + R"(";)";
    } else if (!patch.methods.empty()) {
        std::string any;
        for (const std::string& method : patch.methods) {
            any += (any.empty() ? "" : "|") + method;
        }
        text += R"( http.method; pcre:"/^(?:)" + any + R"()$/";)";
    }
    switch (patch.path_match) {
        case PathMatch::Any: break;
        case PathMatch::Exact:
        case PathMatch::Prefix:
            text +=
                R"( http.uri; content:")" + content_of(patch.path) + R"("; startswith; nocase;)";
            break;
        case PathMatch::Pattern:
            text += R"( http.uri; pcre:"/)" + pcre_of(patch.path) + R"(/i";)";
            break;
    }
    return text;
}

/// All of it but the number.
std::string suricata_rule(const VirtualPatch& patch, const std::string& conditions) {
    std::string text = "alert http any any -> any any (msg:\"Thimble " + patch.name
        + "\"; flow:established,to_server;" + conditions + " classtype:web-application-attack;";
    for (const std::string& vulnerability : patch.covers) {
        text += " reference:cve," + vulnerability.substr(std::string_view("CVE-").size()) + ";";
    }
    return text;
}

}  // namespace

Result<std::string> sigma_rule(const VirtualPatch& patch) {
    const auto expressions = expressions_of(patch);
    const std::string place = sigma_place(patch);
    const std::string attacks = expressions ? sigma_attacks(patch, *expressions) : std::string();
    const bool is_by_place = expressions && expressions->empty();
    if (!expressions || (attacks.empty() && !is_by_place)) {
        return unsupported(
            "mitigate.not_in_logs",
            "what this patch looks for is in no access log of a web server");
    }
    std::string tags;
    for (const std::string& vulnerability : patch.covers) {
        tags += "  - " + sigma_tag(vulnerability) + "\n";
    }
    const std::string whole = place.empty() || is_by_place ? "" : "place and ";
    return "title: " + scalar("Attack that the virtual patch " + patch.name + " stops") + "\n"
        "status: experimental\n"
        "description: 'Made by Thimble from the description of a virtual patch'\n"
        "logsource:\n  category: webserver\ndetection:\n"
        + place + attacks + "  condition: " + whole + (is_by_place ? "place" : "1 of attack_*")
        + "\nlevel: high\ntags:\n" + tags;
}

Result<std::string> suricata_rules(const VirtualPatch& patch) {
    const auto expressions = expressions_of(patch);
    if (!expressions) {
        return unsupported(
            "mitigate.not_on_wire",
            "header-smuggling, oversized-input and own-rules have no signature");
    }
    std::vector<std::string> conditions;
    const std::string place = suricata_place(patch);
    for (const std::string& expression : *expressions) {
        std::vector<std::string_view> buffers;
        for (const AttackTarget& target : patch.targets) {
            std::ranges::copy(buffers_of(target), std::back_inserter(buffers));
        }
        std::ranges::sort(buffers);
        const auto repeated = std::ranges::unique(buffers);
        buffers.erase(repeated.begin(), repeated.end());
        for (const std::string_view buffer : buffers) {
            std::string one = place + " ";
            conditions.push_back(one.append(buffer)
                                     .append("; pcre:\"/")
                                     .append(pcre_of(expression))
                                     .append("/i\";"));
        }
    }
    if (expressions->empty()) {
        conditions.push_back(place);
    }
    std::uint32_t sid = kFirstSid + (patch.first_id - kFirstRuleId) / kIdsOfAPatch * kSidsOfAPatch;
    std::string text;
    for (const std::string& one : conditions) {
        text += suricata_rule(patch, one) + " sid:" + std::to_string(sid++) + "; rev:1;)\n";
    }
    return text;
}

}  // namespace thimble::mitigate
