#include "thimble/feeds/record_text.hpp"

#include <algorithm>

namespace thimble::feeds {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_cve_id(std::string_view text) {
    constexpr std::string_view kPrefix = "CVE-";
    constexpr std::size_t kSequence = 9;  // behind "CVE-2025-"
    return text.size() >= kSequence + 4 && text.size() <= 32 && text.starts_with(kPrefix)
        && text[8] == '-' && std::all_of(text.begin() + 4, text.begin() + 8, is_digit)
        && std::all_of(text.begin() + kSequence, text.end(), is_digit);
}

std::string_view cve_of(std::string_view id) {
    if (is_cve_id(id)) {
        return id;
    }
    const std::size_t at = id.find("-CVE-");
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view wrapped = id.substr(at + 1);
    return is_cve_id(wrapped) ? wrapped : std::string_view{};
}

std::string one_line(std::string_view text, std::size_t limit) {
    const std::string_view whole = trimmed(text);
    std::string_view line = trimmed(whole.substr(0, whole.find('\n')));
    if (line.size() > limit) {
        std::size_t end = limit;
        while (end > 0 && is_continuation(line[end])) {
            --end;
        }
        line = line.substr(0, end);
    }
    std::string out;
    out.reserve(line.size());
    while (!line.empty()) {
        std::size_t word = 0;
        while (word < line.size() && static_cast<unsigned char>(line[word]) > ' ') {
            ++word;
        }
        if (word > 0 && !out.empty()) {
            out += ' ';
        }
        out.append(line.substr(0, word));
        line.remove_prefix(std::min(word + 1, line.size()));
    }
    return out;
}

std::optional<Instant> date_or_none(std::string_view text) {
    if (text.empty() || text.starts_with("0001-01-01")) {
        return std::nullopt;
    }
    const auto instant = parse_instant(trimmed(text));
    return instant ? std::optional<Instant>(*instant) : std::nullopt;
}

bool matches(std::string_view pattern, std::string_view text) {
    // Greedy with one point to come back to: linear for the patterns that feeds have.
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace thimble::feeds
