#include "thimble/model/purl.hpp"

#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/detail/purl_types.hpp"
#include "thimble/model/detail/version_text.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::model {

namespace {

using detail::apply_purl_type;
using detail::bad_purl;
using detail::is_alnum;
using detail::is_digit;
using detail::is_lower;
using detail::purl_name_is_path;
using detail::to_lower;

constexpr std::size_t kLongest = 16384;

std::string lowered(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), to_lower);
    return result;
}

int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    const char low = to_lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto length = utf8_sequence_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

Result<std::string> decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return bad_purl("invalid percent-encoding");
        }
        decoded += static_cast<char>((high * 16) + low);
        i += 2;
    }
    if (!is_utf8(decoded)) {
        return bad_purl("text is not UTF-8");
    }
    return decoded;
}

void encode(std::string_view text, std::string& out) {
    constexpr std::string_view kPlain = ".-_~:";
    constexpr std::string_view kHex = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_alnum(c) || kPlain.contains(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kHex[byte / 16];
        out += kHex[byte % 16];
    }
}

void encode_segments(std::string_view text, std::string& out) {
    while (true) {
        const auto slash = text.find('/');
        encode(text.substr(0, slash), out);
        if (slash == std::string_view::npos) {
            return;
        }
        out += '/';
        text.remove_prefix(slash + 1);
    }
}

std::string_view trim_slashes(std::string_view text) {
    while (text.starts_with('/')) {
        text.remove_prefix(1);
    }
    while (text.ends_with('/')) {
        text.remove_suffix(1);
    }
    return text;
}

/// `text` from the last `mark` on, cut off together with it; nothing when there is none.
std::string_view cut_after_last(std::string_view& text, char mark) {
    const auto at = text.rfind(mark);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto tail = text.substr(at + 1);
    text = text.substr(0, at);
    return tail;
}

enum class Dots : bool { Keep, Drop };

// Decoded segments joined by '/', without the empty ones (and, in a subpath, without "." and "..").
Result<std::string> decode_segments(std::string_view text, Dots dots) {
    std::string joined;
    while (!text.empty()) {
        const auto slash = text.find('/');
        THIMBLE_TRY(const auto segment, decode(text.substr(0, slash)));
        text = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
        if (segment.contains('/')) {
            return bad_purl("encoded '/' within a segment");
        }
        const bool is_dots = segment == "." || segment == "..";
        if (segment.empty() || (dots == Dots::Drop && is_dots)) {
            continue;
        }
        joined += joined.empty() ? "" : "/";
        joined += segment;
    }
    return joined;
}

bool is_type(std::string_view type) {
    return !type.empty() && is_lower(type.front()) && std::ranges::all_of(type, [](char c) {
        return is_lower(c) || is_digit(c) || c == '.' || c == '-';
    });
}

bool is_qualifier_key(std::string_view key) {
    return !key.empty() && is_lower(key.front()) && std::ranges::all_of(key, [](char c) {
        return is_lower(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
    });
}

Result<std::map<std::string, std::string>> parse_qualifiers(std::string_view text) {
    std::map<std::string, std::string> qualifiers;
    while (!text.empty()) {
        const auto ampersand = text.find('&');
        const auto pair = text.substr(0, ampersand);
        text =
            ampersand == std::string_view::npos ? std::string_view() : text.substr(ampersand + 1);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) {
            return bad_purl("qualifier without '='");
        }
        THIMBLE_TRY(auto value, decode(pair.substr(equals + 1)));
        if (!qualifiers.emplace(lowered(pair.substr(0, equals)), std::move(value)).second) {
            return bad_purl("qualifier given twice");
        }
    }
    return qualifiers;
}

// An '@' before a slash belongs to a namespace that somebody left unencoded (npm's scopes).
std::string_view cut_version(std::string_view& path) {
    const auto at = path.rfind('@');
    if (at == std::string_view::npos || path.find('/', at) != std::string_view::npos) {
        return {};
    }
    return cut_after_last(path, '@');
}

Result<std::string_view> without_scheme(std::string_view text) {
    constexpr std::string_view kScheme = "pkg:";
    if (lowered(text.substr(0, kScheme.size())) != kScheme) {
        return bad_purl("a purl starts with 'pkg:'");
    }
    return text.substr(kScheme.size());
}

// type/namespace/name@version
Result<void> parse_path(std::string_view path, Purl& purl) {
    path = trim_slashes(path);
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) {
        return bad_purl("type or name is missing");
    }
    purl.type = lowered(path.substr(0, slash));
    path = path.substr(slash + 1);
    THIMBLE_TRY(purl.version, decode(cut_version(path)));
    const auto last = path.rfind('/');
    const auto name = last == std::string_view::npos ? path : path.substr(last + 1);
    THIMBLE_TRY(purl.name, decode(name));
    path.remove_suffix(name.size());
    THIMBLE_TRY(purl.name_space, decode_segments(path, Dots::Keep));
    return {};
}

}  // namespace

Result<Purl> parse_purl(std::string_view text) {
    if (text.size() > kLongest) {
        return bad_purl("text is too long");
    }
    Purl purl;
    THIMBLE_TRY(auto rest, without_scheme(text));
    THIMBLE_TRY(purl.subpath, decode_segments(cut_after_last(rest, '#'), Dots::Drop));
    THIMBLE_TRY(purl.qualifiers, parse_qualifiers(cut_after_last(rest, '?')));
    THIMBLE_TRY(parse_path(rest, purl));
    return canonical_purl(std::move(purl));
}

Result<Purl> canonical_purl(Purl parts) {
    parts.type = lowered(parts.type);
    if (!is_type(parts.type)) {
        return bad_purl("type is missing or not made of letters, digits, '.' and '-'");
    }
    if (parts.name.empty()) {
        return bad_purl("name is missing");
    }
    std::erase_if(parts.qualifiers, [](const auto& qualifier) { return qualifier.second.empty(); });
    for (const auto& [key, value] : parts.qualifiers) {
        if (!is_qualifier_key(key)) {
            return bad_purl("invalid qualifier key '" + printable(key, 40) + "'");
        }
    }
    return apply_purl_type(std::move(parts));
}

std::string format_purl(const Purl& purl) {
    std::string text = "pkg:" + purl.type + "/";
    if (!purl.name_space.empty()) {
        encode_segments(purl.name_space, text);
        text += '/';
    }
    if (purl_name_is_path(purl.type)) {
        encode_segments(purl.name, text);
    } else {
        encode(purl.name, text);
    }
    if (!purl.version.empty()) {
        text += '@';
        encode(purl.version, text);
    }
    char separator = '?';
    for (const auto& [key, value] : purl.qualifiers) {
        text += separator;
        text += key;
        text += '=';
        encode(value, text);
        separator = '&';
    }
    if (!purl.subpath.empty()) {
        text += '#';
        encode_segments(purl.subpath, text);
    }
    return text;
}

}  // namespace thimble::model
