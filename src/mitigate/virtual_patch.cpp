#include "thimble/mitigate/virtual_patch.hpp"

#include <algorithm>
#include <array>

namespace thimble::mitigate {
namespace {

struct NamedClass {
    std::string_view name;
    AttackClass attack;
};
constexpr auto kClasses = std::to_array<NamedClass>({
    {"pattern", AttackClass::Pattern},
    {"path-traversal", AttackClass::PathTraversal},
    {"command-injection", AttackClass::CommandInjection},
    {"template-injection", AttackClass::TemplateInjection},
    {"deserialisation", AttackClass::Deserialisation},
    {"jndi-lookup", AttackClass::JndiLookup},
    {"header-smuggling", AttackClass::HeaderSmuggling},
    {"oversized-input", AttackClass::OversizedInput},
    {"blocked-endpoint", AttackClass::BlockedEndpoint},
    {"own-rules", AttackClass::OwnRules},
});

}  // namespace

std::string_view attack_class_name(AttackClass attack) {
    return kClasses.at(static_cast<std::size_t>(attack)).name;
}

std::optional<AttackClass> attack_class_named(std::string_view name) {
    const auto* const found = std::ranges::find(kClasses, name, &NamedClass::name);
    return found == kClasses.end() ? std::nullopt : std::optional(found->attack);
}

std::string sample_line(const RequestSample& sample) {
    return sample.method + " " + sample.target;
}

bool is_header(std::string_view one, std::string_view other) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::ranges::equal(one, other, {}, lower, lower);
}

std::string header_of(const RequestSample& sample, const std::string& name) {
    const auto found = std::ranges::find_if(
        sample.headers, [&](const SampleHeader& header) { return is_header(header.first, name); });
    return found == sample.headers.end() ? std::string() : found->second;
}

std::uint32_t default_first_id(std::string_view name) {
    std::uint32_t hash = 2'166'136'261U;  // FNV-1a
    for (const char c : name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
    }
    constexpr std::uint32_t kPatches = (kLastRuleId - kFirstRuleId + 1) / kIdsOfAPatch;
    return kFirstRuleId + hash % kPatches * kIdsOfAPatch;
}

}  // namespace thimble::mitigate
