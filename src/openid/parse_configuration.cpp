#include "thimble/openid/configuration.hpp"
#include "thimble/openid/strict_json.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace thimble::openid {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 10U;
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxItems = 100;
constexpr std::string_view kFormat = "thimble.oidc/1";

constexpr std::array<std::string_view, 11> kMembers{
    "format",
    "issuer",
    "client_id",
    "client_secret",
    "address",
    "authority",
    "scopes",
    "trusted_audiences",
    "name_claim",
    "unknown_people",
    "rules"};
constexpr std::array<std::string_view, 2> kSecretMembers{"file", "credential"};
constexpr std::array<std::string_view, 4> kRuleMembers{"claim", "value", "role", "group"};
constexpr std::array<std::string_view, 4> kRoles{"viewer", "operator", "approver", "administrator"};

Error bad(const std::string& what) {
    return failure(ErrorKind::Invalid, "openid.bad_configuration", what);
}

Result<JsonValue> document_of(std::string_view text) {
    auto document = parse_strict_json(text, kMaxBytes);
    if (!document) {
        return bad(document.error().message);
    }
    return document;
}

Result<void> check_names(const JsonValue& value, std::span<const std::string_view> allowed) {
    const auto* object = std::get_if<JsonValue::Object>(&value.value);
    if (object == nullptr) {
        return bad("an object is expected");
    }
    for (const auto& member : *object) {
        if (std::ranges::find(allowed, member.first) == allowed.end()) {
            return bad("there is no member " + member.first.substr(0, kMaxText));
        }
    }
    return {};
}

bool is_plain(std::string_view text) {
    return !text.empty() && text.size() <= kMaxText && std::ranges::all_of(text, [](char c) {
        return static_cast<unsigned char>(c) >= ' ' && c != 0x7f;
    });
}

bool is_word(std::string_view text) {
    constexpr std::size_t kMaxWord = 64;
    return !text.empty() && text.size() <= kMaxWord && text.front() != '.' && text.front() != '-'
        && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'
                   || c == '.';
           });
}

std::string plain_text(JsonMembers& members, std::string_view name) {
    std::string text = members.text(name);
    if (!is_plain(text)) {
        members.reject(name);
    }
    return text;
}

std::string text_or(JsonMembers& members, std::string_view name, std::string_view otherwise) {
    return members.is_null(name) ? std::string(otherwise) : plain_text(members, name);
}

std::vector<std::string> texts_or(
    JsonMembers& members, std::string_view name, std::vector<std::string> otherwise) {
    if (members.is_null(name)) {
        return otherwise;
    }
    std::vector<std::string> texts = members.texts(name);
    if (texts.size() > kMaxItems || !std::ranges::all_of(texts, is_plain)) {
        members.reject(name);
    }
    return texts;
}

Result<Rule> rule_of(const JsonValue& value) {
    THIMBLE_TRY(check_names(value, kRuleMembers));
    JsonMembers members(value);
    Rule rule;
    rule.claim = plain_text(members, "claim");
    rule.value = plain_text(members, "value");
    rule.role = members.text("role");
    rule.host_group = text_or(members, "group", "*");
    if (const auto done = members.done(); !done) {
        return bad("a rule: " + done.error().message);
    }
    if (std::ranges::find(kRoles, rule.role) == kRoles.end()) {
        return bad("role of a rule is viewer, operator, approver or administrator");
    }
    if (rule.host_group != "*" && !is_word(rule.host_group)) {
        return bad("group of a rule is a host group, or *");
    }
    return rule;
}

Result<void> read_secret(const JsonValue& value, Configuration& configuration) {
    if (std::holds_alternative<std::nullptr_t>(value.value)) {
        return {};
    }
    THIMBLE_TRY(check_names(value, kSecretMembers));
    JsonMembers members(value);
    configuration.secret_file = text_or(members, "file", "");
    configuration.secret_credential = text_or(members, "credential", "");
    if (const auto done = members.done(); !done) {
        return bad("client_secret: " + done.error().message);
    }
    if (configuration.secret_file.empty() == configuration.secret_credential.empty()) {
        return bad("client_secret has either file or credential");
    }
    if (!configuration.secret_file.empty() && !configuration.secret_file.starts_with('/')) {
        return bad("client_secret: file is an absolute path");
    }
    if (configuration.secret_credential.contains('/')
        || configuration.secret_credential.starts_with('.')) {
        return bad("client_secret: credential is a name, not a path");
    }
    return {};
}

Result<void> check_addresses(const Configuration& configuration) {
    if (!is_https_address(configuration.issuer) || configuration.issuer.contains('?')) {
        return bad("issuer is an address on https");
    }
    const std::string& address = configuration.address;
    constexpr std::size_t kScheme = std::string_view("https://").size();
    if (!address.empty()
        && (!is_https_address(address)
            || address.find_first_of("/?", kScheme) != std::string::npos)) {
        return bad("address is https://NAME[:PORT], nothing after it");
    }
    if (!configuration.authority_file.empty() && !configuration.authority_file.starts_with('/')) {
        return bad("authority is an absolute path");
    }
    return {};
}

Result<void> check_people(const Configuration& configuration, const std::string& unknown_people) {
    if (unknown_people != "refuse" && unknown_people != "admit") {
        return bad("unknown_people is refuse or admit");
    }
    if (configuration.admits_unknown && configuration.rules.empty()) {
        return bad("who admits unknown people needs rules that say what they may do");
    }
    if (std::ranges::find(configuration.scopes, "openid") == configuration.scopes.end()) {
        return bad("scopes must have openid");
    }
    return {};
}

bool is_text(const JsonValue& value, const std::string& text) {
    const auto* found = std::get_if<std::string>(&value.value);
    return found != nullptr && *found == text;
}

}  // namespace

Result<Configuration> parse_configuration(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, document_of(text));
    THIMBLE_TRY(check_names(document, kMembers));
    JsonMembers members(document);
    Configuration configuration;
    const std::string format = members.text("format");
    configuration.issuer = plain_text(members, "issuer");
    configuration.client_id = plain_text(members, "client_id");
    configuration.address = text_or(members, "address", "");
    configuration.authority_file = text_or(members, "authority", "");
    configuration.scopes = texts_or(members, "scopes", {"openid", "profile"});
    configuration.trusted_audiences = texts_or(members, "trusted_audiences", {});
    configuration.name_claim = text_or(members, "name_claim", "preferred_username");
    const std::string unknown_people = text_or(members, "unknown_people", "refuse");
    configuration.admits_unknown = unknown_people == "admit";
    const JsonValue& secret = members.member("client_secret");
    static const JsonValue::Array kNone;
    const JsonValue::Array& rules = members.is_null("rules") ? kNone : members.array("rules");
    if (const auto done = members.done(); !done || format != kFormat || rules.size() > kMaxItems) {
        return bad(
            done ? "format is " + std::string(kFormat) + ", rules are at most 100"
                 : done.error().message);
    }
    THIMBLE_TRY(configuration.rules, read_items<Rule>(rules, rule_of));
    THIMBLE_TRY(read_secret(secret, configuration));
    THIMBLE_TRY(check_addresses(configuration));
    THIMBLE_TRY(check_people(configuration, unknown_people));
    return configuration;
}

const Rule* rule_for(const JsonValue& claims, const std::vector<Rule>& rules) {
    for (const Rule& rule : rules) {
        const JsonValue* claim = member_of(claims, rule.claim);
        if (claim == nullptr) {
            continue;
        }
        const auto* list = std::get_if<JsonValue::Array>(&claim->value);
        const bool is_listed =
            list != nullptr && std::ranges::any_of(*list, [&](const JsonValue& item) {
                return is_text(item, rule.value);
            });
        if (is_listed || is_text(*claim, rule.value)) {
            return &rule;
        }
    }
    return nullptr;
}

}  // namespace thimble::openid
