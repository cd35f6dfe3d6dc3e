#include "thimble/openid/configuration.hpp"

#include <algorithm>

namespace thimble::openid {
namespace {

bool is_text(const JsonValue& value, const std::string& text) {
    const auto* found = std::get_if<std::string>(&value.value);
    return found != nullptr && *found == text;
}

}  // namespace

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
