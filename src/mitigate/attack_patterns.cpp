#include "thimble/mitigate/attack_patterns.hpp"

#include <array>
#include <string_view>

namespace thimble::mitigate {
namespace {

/// Twice decoded: what a proxy decodes once, an application decodes again.
constexpr const char* kDecoded =
    "t:none,t:urlDecodeUni,t:urlDecodeUni,t:htmlEntityDecode,t:jsDecode,t:removeNulls,t:lowercase";
/// The same for paths, whose backslashes are no escapes.
constexpr const char* kDecodedPath =
    "t:none,t:urlDecodeUni,t:urlDecodeUni,t:htmlEntityDecode,t:removeNulls,t:lowercase";

constexpr auto kCommands = std::to_array<std::string_view>(
    {"cat",    "id",         "uname", "whoami", "ls",       "ps",     "nc",       "ncat",
     "netcat", "curl",       "wget",  "bash",   "sh",       "dash",   "zsh",      "ksh",
     "perl",   "python",     "ruby",  "php",    "ping",     "touch",  "rm",       "cp",
     "mv",     "chmod",      "echo",  "printf", "sleep",    "env",    "nslookup", "dig",
     "telnet", "powershell", "cmd",   "type",   "certutil", "base64", "tee",      "awk"});

/// A word whose letters may have quotes and backslashes between them, which a shell drops.
std::string spread(std::string_view word) {
    std::string out;
    for (const char c : word) {
        out.append(out.empty() ? "" : R"(['"\\]*)").append(1, c);
    }
    return out;
}

std::string any_command() {
    std::string out = "(?:";
    for (const std::string_view command : kCommands) {
        out.append(out.size() == 3 ? "" : "|").append(spread(command));
    }
    return out + ")";
}

}  // namespace

std::vector<AttackPattern> patterns_of(AttackClass attack) {
    switch (attack) {
        case AttackClass::PathTraversal:
            return {
                {R"((?:^|[\\/;=?&])\.{2,}(?:[\\/;]|$))", kDecodedPath},
                // Overlong UTF-8 of "." and "/", which some decoders take for them.
                {R"((?:%c0%ae|%e0%80%ae|\xc0\xae|%c0%af|\xc0\xaf|%252e%252e|\.\.%u2215|\.\.%ef%bc%8f))",
                 "t:none,t:lowercase"}};
        case AttackClass::CommandInjection:
            return {
                {R"((?:[;|&\x60\r\n]|\$\(|\$\{|[<>]\()\s*[a-z0-9_./$@{}'"\\-]{0,64}?)"
                     + any_command() + R"((?:[\s'"\\;|&<>(){}$\x60]|$))",
                 kDecoded}};
        case AttackClass::TemplateInjection:
            return {
                {R"((?:\{\{|\$\{|#\{|\*\{|@\{|\{%|<%|\[\[|\{#).{0,500}?(?:\}\}|\}|%\}|%>|\]\]|#\}))",
                 kDecoded}};
        case AttackClass::Deserialisation:
            return {
                {R"((?:rO0AB[A-Za-z0-9+/_-]|H4sIA[A-Za-z0-9+/_-]{3}|AAEAAAD/{2,}|\xac\xed\x00\x05))",
                 "t:none,t:urlDecodeUni"},
                {R"((?:^|[;{}"\s])[oc]:\+?[0-9]{1,4}:["\\]|aced0005|!!(?:python|ruby|java|javax|org|com)[/.:]|!ruby/|_\$\$nd_func\$\$_|"\$type"\s*:|"@type"\s*:|objectinputstream|c__builtin__|cos\nsystem|csubprocess\n)",
                 "t:none,t:urlDecodeUni,t:htmlEntityDecode,t:removeNulls,t:lowercase"}};
        case AttackClass::JndiLookup:
            // Besides the lookup itself whatever a lookup can be put together from.
            return {
                {R"(\$\{(?:jndi|lower|upper|env|sys|java|date|base64|ctx|main|bundle|event|log4j|map|marker|sd|spring|docker|k8s|kubernetes|web|::?-|[^}]{0,100}\$\{))",
                 std::string(kDecoded) + ",t:removeWhitespace"}};
        case AttackClass::Pattern:
        case AttackClass::HeaderSmuggling:
        case AttackClass::OversizedInput:
        case AttackClass::BlockedEndpoint:
        case AttackClass::OwnRules: return {};
    }
    return {};
}

}  // namespace thimble::mitigate
