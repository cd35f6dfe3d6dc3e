#include "thimble/server/parse_target.hpp"

#include <algorithm>
#include <optional>

namespace thimble::server {
namespace {

constexpr std::size_t kMaxBytes = 2048;
constexpr std::size_t kMaxSegments = 16;
constexpr std::size_t kMaxPairs = 64;

Error bad_target(std::string what) {
    return failure(ErrorKind::Invalid, "server.bad_target", "the address " + std::move(what));
}

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return static_cast<unsigned>(c - 'a' + 10);
    }
    if (c >= 'A' && c <= 'F') {
        return static_cast<unsigned>(c - 'A' + 10);
    }
    return std::nullopt;
}

/// The byte of a percent code, of which `text` is what follows the sign.
std::optional<char> coded_byte(std::string_view text) {
    const auto high = text.empty() ? std::nullopt : hex_digit(text[0]);
    const auto low = text.size() < 2 ? std::nullopt : hex_digit(text[1]);
    if (!high || !low) {
        return std::nullopt;
    }
    return static_cast<char>(*high * 16U + *low);
}

Result<std::string> decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        char c = text[at] == '+' && plus_is_space ? ' ' : text[at];
        if (c == '%') {
            const auto byte = coded_byte(text.substr(at + 1));
            if (!byte) {
                return bad_target("has a percent sign without two digits");
            }
            c = *byte;
            at += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            return bad_target("has a control character");
        }
        out += c;
    }
    return out;
}

/// Takes what stands before the separator, or everything.
std::string_view take_until(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return part;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

Result<void> read_query(std::string_view text, Target& target) {
    while (!text.empty()) {
        std::string_view pair = take_until(text, '&');
        if (pair.empty()) {
            continue;
        }
        if (target.query.size() == kMaxPairs) {
            return bad_target("has too many parameters");
        }
        const std::string_view name = take_until(pair, '=');
        THIMBLE_TRY(std::string key, decoded(name, true));
        THIMBLE_TRY(std::string value, decoded(pair, true));
        target.query.emplace_back(std::move(key), std::move(value));
    }
    return {};
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
    if (text.empty() || text.front() != '/' || text.size() > kMaxBytes) {
        return bad_target("is not a path of at most 2048 bytes");
    }
    std::string_view query = text.substr(1);
    std::string_view path = take_until(query, '?');
    Target target;
    while (!path.empty()) {
        const std::string_view part = take_until(path, '/');
        THIMBLE_TRY(std::string segment, decoded(part, false));
        if (segment.empty() || segment == "." || segment == ".."
            || target.segments.size() == kMaxSegments) {
            return bad_target("has an empty or dot segment, or too many");
        }
        target.segments.push_back(std::move(segment));
    }
    THIMBLE_TRY(read_query(query, target));
    return target;
}

std::string_view cookie_value(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        std::string_view pair = trimmed(take_until(header, ';'));
        if (take_until(pair, '=') == name) {
            return pair;
        }
    }
    return {};
}

ListFormat parse_accept(std::string_view header) {
    while (!header.empty()) {
        std::string_view entry = take_until(header, ',');
        const std::string_view type = trimmed(take_until(entry, ';'));
        if (type == "text/csv") {
            return ListFormat::Csv;
        }
        if (type == "application/x-ndjson") {
            return ListFormat::Ndjson;
        }
        if (type == "application/json") {
            return ListFormat::Json;
        }
    }
    return ListFormat::Json;
}

}  // namespace thimble::server
