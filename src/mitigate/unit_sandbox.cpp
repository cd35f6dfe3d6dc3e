#include "thimble/mitigate/unit_sandbox.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/mitigate/address_prefix.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace thimble::mitigate {
namespace {

enum class Values : std::uint8_t { Yes, System, Home, Prefixes, Families };
struct Directive {
    std::string_view name;
    Values values;
};
/// Only what makes a unit able to do less: none of these starts a program or gives a right.
constexpr auto kDirectives = std::to_array<Directive>(
    {{"IPAddressAllow", Values::Prefixes},
     {"IPAddressDeny", Values::Prefixes},
     {"LockPersonality", Values::Yes},
     {"MemoryDenyWriteExecute", Values::Yes},
     {"NoNewPrivileges", Values::Yes},
     {"PrivateDevices", Values::Yes},
     {"PrivateNetwork", Values::Yes},
     {"PrivateTmp", Values::Yes},
     {"ProtectClock", Values::Yes},
     {"ProtectControlGroups", Values::Yes},
     {"ProtectHome", Values::Home},
     {"ProtectHostname", Values::Yes},
     {"ProtectKernelLogs", Values::Yes},
     {"ProtectKernelModules", Values::Yes},
     {"ProtectKernelTunables", Values::Yes},
     {"ProtectSystem", Values::System},
     {"RestrictAddressFamilies", Values::Families},
     {"RestrictNamespaces", Values::Yes},
     {"RestrictRealtime", Values::Yes},
     {"RestrictSUIDSGID", Values::Yes}});

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
        words.emplace_back(word);
    }
    return words;
}

bool is_family(const std::string& word) {
    static constexpr auto kFamilies = std::to_array<std::string_view>(
        {"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET"});
    return std::ranges::find(kFamilies, word) != kFamilies.end();
}

bool is_prefix(const std::string& word) {
    return word == "any" || prefix_in(word).has_value();
}

bool is_value(Values values, std::string_view value) {
    const std::vector<std::string> words = words_of(value);
    switch (values) {
        case Values::Yes: return value == "yes";
        case Values::System: return value == "yes" || value == "full" || value == "strict";
        case Values::Home: return value == "yes" || value == "read-only" || value == "tmpfs";
        case Values::Prefixes: return !words.empty() && std::ranges::all_of(words, is_prefix);
        case Values::Families: return !words.empty() && std::ranges::all_of(words, is_family);
    }
    return false;
}

std::vector<std::string> normal_words(std::string_view value) {
    std::vector<std::string> normal;
    for (const std::string& word : words_of(value)) {
        if (word == "any") {
            normal.insert(normal.end(), {"0.0.0.0/0", "::/0"});
        } else {
            normal.push_back(prefix_in(word).value_or(word));
        }
    }
    std::ranges::sort(normal);
    return normal;
}

}  // namespace

std::optional<std::string> sandbox_value(std::string_view directive, std::string_view value) {
    const auto* const known = std::ranges::find(kDirectives, directive, &Directive::name);
    if (known == kDirectives.end() || !is_value(known->values, value)) {
        return std::nullopt;
    }
    std::string text;
    for (const std::string& word : words_of(value)) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

bool is_same_sandbox(std::string_view one, std::string_view other) {
    return normal_words(one) == normal_words(other);
}

std::string sandbox_directives() {
    std::string names;
    for (const Directive& directive : kDirectives) {
        names.append(names.empty() ? "" : ", ").append(directive.name);
    }
    return names;
}

}  // namespace thimble::mitigate
