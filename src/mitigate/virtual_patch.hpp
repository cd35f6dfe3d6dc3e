#pragma once
/// @file A virtual patch: what a request looks like that uses a hole, and requests that prove the rule.
/// Plain values.

#include "thimble/base/result.hpp"
#include "thimble/mitigate/request_sample.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::mitigate {

/// What makes a request an attack.
enum class AttackClass : std::uint8_t {
    Pattern,            ///< the owner's regular expression
    PathTraversal,      ///< out of a folder by ".."
    CommandInjection,   ///< a command behind a metacharacter of a shell
    TemplateInjection,  ///< an expression of a template language
    Deserialisation,    ///< a serialised object of Java, PHP, .NET, Python, Ruby, Node or YAML
    JndiLookup,         ///< ${jndi:…} and what hides it
    HeaderSmuggling,    ///< two readings of where a request ends
    OversizedInput,     ///< longer than a limit
    BlockedEndpoint,    ///< the path itself
    OwnRules,           ///< SecLang that the owner brought
};
std::string_view attack_class_name(AttackClass attack);
std::optional<AttackClass> attack_class_named(std::string_view name);

/// Where it is looked for.
enum class RequestPart : std::uint8_t { Path, Arguments, Headers, Cookies, Body };

struct AttackTarget {
    RequestPart part = RequestPart::Arguments;
    std::string name;  ///< of the argument, header or cookie; empty: any
    bool operator==(const AttackTarget&) const = default;
};

enum class PathMatch : std::uint8_t { Any, Exact, Prefix, Pattern };

struct VirtualPatch {
    std::string name;                 ///< letters, digits, "-", "_", "."
    std::vector<std::string> covers;  ///< vulnerabilities, "CVE-…"
    std::vector<std::string> methods;
    PathMatch path_match = PathMatch::Any;
    std::string path;
    AttackClass attack = AttackClass::Pattern;
    std::vector<AttackTarget> targets;
    std::string pattern;      ///< of Pattern
    std::uint32_t limit = 0;  ///< of OversizedInput, bytes
    std::string rules;        ///< of OwnRules
    std::uint32_t first_id = 0;
    std::vector<RequestSample> attacks;
    std::vector<RequestSample> benign;
    bool operator==(const VirtualPatch&) const = default;
};

/// Ids of our rules: from the range that is left to local use (1 to 99,999), ten for each patch.
inline constexpr std::uint32_t kFirstRuleId = 70'000;
inline constexpr std::uint32_t kLastRuleId = 79'999;
inline constexpr std::uint32_t kIdsOfAPatch = 10;

/// Where the ids of a patch begin unless its file says so: by its name, so that they stay.
std::uint32_t default_first_id(std::string_view name);

}  // namespace thimble::mitigate
