#include "thimble/mitigate/parse_virtual_patch.hpp"

#include "thimble/base/mapping_reader.hpp"
#include "thimble/base/parse_yaml.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::mitigate {
namespace {

constexpr std::size_t kMostSamples = 200;
constexpr std::size_t kMostSampleBytes = std::size_t{128} << 10;
constexpr std::size_t kMostRulesBytes = std::size_t{64} << 10;
constexpr std::size_t kMostNameBytes = 64;
constexpr std::uint32_t kMostLimit = 16U << 20U;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Names go into rules, files and commands: nothing in them is a separator, a quote or an option.
bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kMostNameBytes && is_letter_or_digit(text.front())
        && std::ranges::all_of(
            text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_vulnerability(std::string_view text) {
    return text.starts_with("CVE-") && is_name(text);
}

Result<void> read_path(MappingReader& reader, VirtualPatch& patch) {
    struct Form {
        std::string_view name;
        PathMatch match;
    };
    static constexpr auto kForms = std::to_array<Form>(
        {{"path", PathMatch::Exact},
         {"path_prefix", PathMatch::Prefix},
         {"path_pattern", PathMatch::Pattern}});
    for (const Form& form : kForms) {
        THIMBLE_TRY(std::string text, reader.text_or(form.name, ""));
        if (text.empty()) {
            continue;
        }
        if (patch.path_match != PathMatch::Any) {
            return reader.bad(form.name, "one of path, path_prefix and path_pattern is enough");
        }
        if (form.match != PathMatch::Pattern && !text.starts_with('/')) {
            return reader.bad(form.name, "a path begins with /");
        }
        patch.path_match = form.match;
        patch.path = std::move(text);
    }
    return {};
}

/// "arguments", "argument q", "header X-Api", "cookie session", "path", "body".
std::optional<AttackTarget> target_named(std::string_view text) {
    struct Word {
        std::string_view word;
        RequestPart part;
        bool has_name;
    };
    static constexpr auto kWords = std::to_array<Word>(
        {{"path", RequestPart::Path, false},
         {"arguments", RequestPart::Arguments, false},
         {"argument", RequestPart::Arguments, true},
         {"headers", RequestPart::Headers, false},
         {"header", RequestPart::Headers, true},
         {"cookies", RequestPart::Cookies, false},
         {"cookie", RequestPart::Cookies, true},
         {"body", RequestPart::Body, false}});
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view name = text.substr(std::min(space + 1, text.size()));
    const auto* const word = std::ranges::find(kWords, text.substr(0, space), &Word::word);
    if (word == kWords.end() || word->has_name == name.empty()
        || (word->has_name && !is_name(name))) {
        return std::nullopt;
    }
    return AttackTarget{word->part, std::string(name)};
}

Result<void> read_targets(MappingReader& reader, VirtualPatch& patch) {
    THIMBLE_TRY(const auto places, reader.texts("in"));
    for (const std::string& place : places) {
        const auto target = target_named(place);
        if (!target) {
            return reader.bad(
                "in",
                "\"" + place
                    + "\" is not one of: path, arguments, argument NAME, headers, header NAME, "
                      "cookies, cookie NAME, body");
        }
        patch.targets.push_back(*target);
    }
    return {};
}

Result<RequestSample> read_sample(MappingReader& reader) {
    RequestSample sample;
    THIMBLE_TRY(sample.method, reader.text_or("method", "GET"));
    THIMBLE_TRY(sample.target, reader.block("target", kMostSampleBytes));
    THIMBLE_TRY(sample.body, reader.block("body", kMostSampleBytes));
    THIMBLE_TRY(const auto headers, reader.texts("headers"));
    for (const std::string& header : headers) {
        const std::size_t colon = header.find(':');
        if (colon == std::string::npos || colon == 0) {
            return reader.bad("headers", "a header is written \"Name: value\"");
        }
        const std::size_t value = std::min(header.find_first_not_of(' ', colon + 1), header.size());
        sample.headers.emplace_back(header.substr(0, colon), header.substr(value));
    }
    const bool is_line = sample.target.find_first_of(" \t\r\n") == std::string::npos;
    if (!sample.target.starts_with('/') || !is_line || !is_name(sample.method)) {
        return reader.bad("target", "it begins with / and has no white space, as on the wire");
    }
    return sample;
}

/// Whether the class looks at places, and some must be named.
bool needs_targets(AttackClass attack) {
    return attack != AttackClass::HeaderSmuggling && attack != AttackClass::BlockedEndpoint
        && attack != AttackClass::OwnRules;
}

Result<void> check_whole(const VirtualPatch& patch, const MappingReader& reader) {
    if (needs_targets(patch.attack) == patch.targets.empty()) {
        return reader.bad(
            "in",
            patch.targets.empty() ? "say where the attack is: path, arguments, headers, body …"
                                  : "this class of attack is not looked for in places");
    }
    if ((patch.attack == AttackClass::Pattern) == patch.pattern.empty()) {
        return reader.bad("pattern", "it belongs to attack: pattern, and to no other class");
    }
    if ((patch.attack == AttackClass::OversizedInput) == (patch.limit == 0)) {
        return reader.bad("limit", "bytes; it belongs to attack: oversized-input, and to no other");
    }
    if ((patch.attack == AttackClass::OwnRules) == patch.rules.empty()) {
        return reader.bad("rules", "it belongs to attack: own-rules, and to no other class");
    }
    if (patch.attack == AttackClass::BlockedEndpoint && patch.path_match == PathMatch::Any) {
        return reader.bad("path", "say which path is blocked");
    }
    if (patch.attacks.empty() || patch.benign.empty()) {
        return reader.bad(
            patch.attacks.empty() ? "attacks" : "benign",
            "at least one request is wanted: a rule that was never tried is no control");
    }
    if (patch.attacks.size() > kMostSamples || patch.benign.size() > kMostSamples) {
        return reader.bad("attacks", "at most 200 requests of each kind are wanted");
    }
    return {};
}

Result<void> read_head(MappingReader& reader, VirtualPatch& patch) {
    THIMBLE_TRY(patch.name, reader.text("virtual_patch"));
    if (!is_name(patch.name)) {
        return reader.bad(
            "virtual_patch", "a name of at most 64 letters, digits, dots, dashes, underscores");
    }
    THIMBLE_TRY(patch.covers, reader.texts("covers"));
    if (patch.covers.empty() || !std::ranges::all_of(patch.covers, is_vulnerability)) {
        return reader.bad("covers", "name the vulnerabilities, as CVE-2021-44228");
    }
    THIMBLE_TRY(
        patch.first_id, reader.count_or("first_id", default_first_id(patch.name), kLastRuleId));
    if (patch.first_id < kFirstRuleId || patch.first_id + kIdsOfAPatch - 1 > kLastRuleId) {
        return reader.bad("first_id", "ten ids from 70000 to 79999 are ours");
    }
    THIMBLE_TRY(patch.methods, reader.texts("methods"));
    if (!std::ranges::all_of(patch.methods, is_name)) {
        return reader.bad("methods", "methods are words, as GET or POST");
    }
    return {};
}

}  // namespace

Result<VirtualPatch> read_virtual_patch(MappingReader& reader) {
    VirtualPatch patch;
    THIMBLE_TRY(read_head(reader, patch));
    THIMBLE_TRY(read_path(reader, patch));
    THIMBLE_TRY(const std::string attack, reader.text("attack"));
    const auto known = attack_class_named(attack);
    if (!known) {
        return reader.bad(
            "attack",
            "\"" + attack
                + "\" is not one of: pattern, path-traversal, command-injection, template-injection, "
                  "deserialisation, jndi-lookup, header-smuggling, oversized-input, "
                  "blocked-endpoint, own-rules");
    }
    patch.attack = *known;
    THIMBLE_TRY(read_targets(reader, patch));
    THIMBLE_TRY(patch.pattern, reader.text_or("pattern", ""));
    THIMBLE_TRY(patch.limit, reader.count_or("limit", 0, kMostLimit));
    THIMBLE_TRY(patch.rules, reader.block("rules", kMostRulesBytes));
    THIMBLE_TRY(patch.attacks, reader.items<RequestSample>("attacks", read_sample));
    THIMBLE_TRY(patch.benign, reader.items<RequestSample>("benign", read_sample));
    THIMBLE_TRY(reader.done());
    THIMBLE_TRY(check_whole(patch, reader));
    return patch;
}

Result<VirtualPatch> parse_virtual_patch(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_yaml(text));
    MappingReader reader(document, "", "mitigate.bad_patch");
    return read_virtual_patch(reader);
}

}  // namespace thimble::mitigate
