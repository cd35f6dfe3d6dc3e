#include "thimble/base/lines.hpp"
#include "thimble/shield/engine_settings.hpp"

#include <algorithm>
#include <array>

namespace thimble::shield {
namespace {

constexpr std::size_t kMostIncluded = 256;

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

/// Without the quotes of either syntax and nginx's semicolon.
std::string bare(std::string_view word) {
    constexpr std::string_view kAround = "\"';";
    const std::size_t begin = word.find_first_not_of(kAround);
    if (begin == std::string_view::npos) {
        return {};
    }
    return std::string(word.substr(begin, word.find_last_not_of(kAround) - begin + 1));
}

bool is_include(std::string_view directive) {
    constexpr auto kIncludes =
        std::to_array<std::string_view>({"include", "includeoptional", "modsecurity_rules_file"});
    return std::ranges::find(kIncludes, directive) != kIncludes.end();
}

void add_directive(EngineSettings& settings, std::string_view directive, const std::string& value) {
    if (directive == "secauditlog") {
        settings.audit_log = value;
    } else if (directive == "secauditlogtype") {
        settings.is_serial = lower(value) == "serial";
    } else if (directive == "secauditlogparts") {
        settings.parts = value;
    } else if (directive == "secauditengine" && lower(value) == "off") {
        settings.audit_log.clear();
    } else if (is_include(directive) && settings.included.size() < kMostIncluded) {
        settings.included.push_back(value);
    }
}

}  // namespace

void add_engine_settings(EngineSettings& settings, std::string_view text) {
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        line = trimmed(line);
        std::string directive = lower(take_word(line));
        if (directive == "modsecurity_rules") {  // nginx: the rules follow within quotes
            directive = lower(bare(take_word(line)));
        }
        add_directive(settings, directive, bare(take_word(line)));
    }
}

std::string readable_log(const EngineSettings& settings) {
    const auto has = [&](char part) {
        return settings.parts.contains(part);
    };
    const bool is_readable =
        settings.is_serial && settings.audit_log.starts_with('/') && has('B') && has('H');
    return is_readable ? settings.audit_log : std::string();
}

}  // namespace thimble::shield
