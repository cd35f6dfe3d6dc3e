#include "thimble/inventory/changelog.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/version_order.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxVulnerabilities = 20'000;  // a kernel's changelog names thousands
constexpr std::size_t kMaxNewsEntries = 20;
constexpr std::size_t kMaxNewsBytes = 4'000;
constexpr std::array<std::string_view, 5> kUrgencies{
    "low", "medium", "high", "emergency", "critical"};

/// `source (version) distribution; urgency=low`
struct Header {
    std::string_view version;
    std::string_view urgency;
};

bool is_urgency_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool parse_header(std::string_view line, Header& header) {
    if (line.empty() || line.front() == ' ' || line.front() == '\t') {
        return false;
    }
    const std::size_t open = line.find(" (");
    const std::size_t close = line.find(')');
    const std::size_t semicolon = line.find(';');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2
        || semicolon == std::string_view::npos || semicolon < close) {
        return false;
    }
    header.version = trimmed(line.substr(open + 2, close - open - 2));
    header.urgency = {};
    constexpr std::string_view kUrgency = "urgency=";
    const std::size_t urgency = line.find(kUrgency, semicolon);
    if (urgency != std::string_view::npos) {
        const std::string_view rest = line.substr(urgency + kUrgency.size());
        const auto* end = std::ranges::find_if_not(rest, is_urgency_letter);
        header.urgency = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    }
    return !header.version.empty();
}

enum class Place : std::uint8_t { TooNew, Between, TooOld };

Place place_of(std::string_view version, std::string_view from, std::string_view to) {
    const model::VersionOrder* order = model::version_order_named("dpkg");
    if (order == nullptr) {
        return version == from ? Place::TooOld : Place::Between;
    }
    if (std::is_lteq(order->compare(version, from))) {
        return Place::TooOld;
    }
    return std::is_lteq(order->compare(version, to)) ? Place::Between : Place::TooNew;
}

std::size_t digits_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') {
        ++end;
    }
    return end - at;
}

/// Collects `CVE-YYYY-NNNN…` wherever they stand, in any case.
void collect_vulnerabilities(std::string_view line, std::vector<std::string>& ids) {
    for (std::size_t at = line.find('-'); at != std::string_view::npos;
         at = line.find('-', at + 1)) {
        if (at < 3 || ids.size() >= kMaxVulnerabilities) {
            continue;
        }
        const std::string_view prefix = line.substr(at - 3, 3);
        const bool is_cve = (prefix[0] == 'C' || prefix[0] == 'c')
            && (prefix[1] == 'V' || prefix[1] == 'v') && (prefix[2] == 'E' || prefix[2] == 'e');
        const std::size_t year = at + 1;
        if (!is_cve || digits_at(line, year) != 4 || year + 4 >= line.size()
            || line[year + 4] != '-') {
            continue;
        }
        const std::size_t digits = digits_at(line, year + 5);
        if (digits >= 4 && digits <= 19) {
            ids.push_back("CVE-" + std::string(line.substr(year, 5 + digits)));
        }
    }
}

int rank_of(std::string_view urgency) {
    const auto* found = std::ranges::find(kUrgencies, urgency);
    return found == kUrgencies.end() ? -1 : static_cast<int>(found - kUrgencies.begin());
}

void raise_urgency(std::string& highest, std::string_view told) {
    std::string urgency(told);
    for (char& c : urgency) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (rank_of(urgency) > rank_of(highest)) {
        highest = std::move(urgency);
    }
}

/// Calls `on_entry(header)` for each entry between the versions and `on_line(line)` for its lines.
template <class OnEntry, class OnLine>
void read_between(
    std::string_view text,
    std::string_view from,
    std::string_view to,
    OnEntry on_entry,
    OnLine on_line) {
    Lines lines(text);
    Header header;
    Place place = Place::TooNew;
    for (std::string_view line; lines.next(line);) {
        if (parse_header(line, header)) {
            place = place_of(header.version, from, to);
            if (place == Place::TooOld) {
                return;
            }
            if (place == Place::Between) {
                on_entry(header);
            }
        } else if (place == Place::Between) {
            on_line(line);
        }
    }
}

}  // namespace

ChangelogFacts parse_changelog(std::string_view text, std::string_view from, std::string_view to) {
    ChangelogFacts facts;
    read_between(
        text,
        from,
        to,
        [&](const Header& header) {
            ++facts.entries;
            raise_urgency(facts.urgency, header.urgency);
        },
        [&](std::string_view line) { collect_vulnerabilities(line, facts.vulnerabilities); });
    std::ranges::sort(facts.vulnerabilities);
    const auto repeated = std::ranges::unique(facts.vulnerabilities);
    facts.vulnerabilities.erase(repeated.begin(), repeated.end());
    return facts;
}

std::vector<std::string> parse_news(
    std::string_view text, std::string_view from, std::string_view to) {
    std::vector<std::string> news;
    read_between(
        text,
        from,
        to,
        [&](const Header&) {
            if (news.size() < kMaxNewsEntries) {
                news.emplace_back();
            }
        },
        [&](std::string_view line) {
            const std::string_view words = trimmed(line);
            if (words.empty() || line.starts_with(" -- ") || news.empty()
                || news.back().size() + words.size() >= kMaxNewsBytes) {
                return;
            }
            news.back() += news.back().empty() ? "" : "\n";
            news.back() += printable(words);
        });
    std::erase(news, "");
    return news;
}

std::string newest_changelog_version(std::string_view text) {
    Lines lines(text);
    Header header;
    for (std::string_view line; lines.next(line);) {
        if (parse_header(line, header)) {
            return std::string(header.version);
        }
    }
    return {};
}

}  // namespace thimble::inventory
