#include "thimble/apply/apt_status.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

struct KindName {
    std::string_view name;
    AptEventKind kind;
};
constexpr std::array<KindName, 5> kKinds{{
    {"dlstatus", AptEventKind::Fetching},
    {"pmstatus", AptEventKind::Working},
    {"pmerror", AptEventKind::Failed},
    {"pmconffile", AptEventKind::Asking},
    {"media-change", AptEventKind::Asking},
}};

std::optional<std::uint32_t> per_mille_of(std::string_view text) {
    double percent = 0;
    const char* begin = text.data();
    const char* end = begin + text.size();
    const auto [stopped, error] = std::from_chars(begin, end, percent);
    if (text.empty() || error != std::errc{} || stopped != end || !std::isfinite(percent)) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(std::clamp(percent, 0.0, 100.0) * 10);
}

/// dpkg's own channel: "status: <package> : error : <text>", "status: <file> : conffile-prompt : …",
/// "status: <package>: <state>", "processing: <stage>: <package>".
std::optional<AptEvent> read_dpkg_event(std::string_view line) {
    constexpr std::string_view kStatus = "status: ";
    constexpr std::string_view kError = " : error : ";
    constexpr std::string_view kPrompt = " : conffile-prompt : ";
    if (line.starts_with("processing: ")) {
        return AptEvent{.text = std::string(line.substr(line.find(' ') + 1))};
    }
    if (!line.starts_with(kStatus)) {
        return std::nullopt;
    }
    line.remove_prefix(kStatus.size());
    for (const auto& [words, kind] :
         {std::pair(kError, AptEventKind::Failed), std::pair(kPrompt, AptEventKind::Asking)}) {
        const std::size_t at = line.find(words);
        if (at != std::string_view::npos) {
            return AptEvent{
                .kind = kind,
                .package = std::string(line.substr(0, at)),
                .per_mille = 0,
                .text = std::string(line.substr(at + words.size()))};
        }
    }
    return AptEvent{.text = std::string(line)};
}

/// A package may be "name:architecture", so the percentage is the first part that is a number.
std::optional<AptEvent> read_event(std::string_view line) {
    const std::size_t first = line.find(':');
    const auto* kind = std::ranges::find(kKinds, line.substr(0, first), &KindName::name);
    if (first == std::string_view::npos || kind == kKinds.end()) {
        return read_dpkg_event(line);
    }
    const std::string_view rest = line.substr(first + 1);
    for (std::size_t colon = rest.find(':'); colon != std::string_view::npos;
         colon = rest.find(':', colon + 1)) {
        const std::string_view after = rest.substr(colon + 1);
        const std::string_view number = after.substr(0, after.find(':'));
        const auto per_mille = per_mille_of(number);
        if (per_mille) {
            const std::size_t text = std::min(number.size() + 1, after.size());
            return AptEvent{
                .kind = kind->kind,
                .package = std::string(rest.substr(0, colon)),
                .per_mille = *per_mille,
                .text = std::string(after.substr(text))};
        }
    }
    return AptEvent{.kind = kind->kind, .package = {}, .per_mille = 0, .text = std::string(rest)};
}

}  // namespace

std::vector<AptEvent> AptStatusReader::take(std::string_view piece) {
    std::vector<AptEvent> events;
    lines_.take(piece, [&](std::string_view line) {
        if (auto event = read_event(line)) {
            events.push_back(*std::move(event));
        }
    });
    return events;
}

}  // namespace thimble::apply
