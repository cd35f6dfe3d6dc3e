// The order of Alpine versions: digits{.digits}[letter]{_suffix[digits]}[~hash][-rdigits].
//
// apk-tools 3 states the grammar; 2.x read more. Of that, we keep digits after a letter (6.6.2p1), which
// published packages carry, because "unknown" would help nobody there.
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/detail/orders.hpp"
#include "thimble/model/detail/version_text.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace thimble::model::detail {

namespace {

// Where two versions part, the one whose next token is of the later kind is older; only pre-release
// suffixes sort below the end.
enum class Kind : std::uint8_t {
    FirstNumber,
    Number,
    Letter,
    LetterNumber,
    Suffix,
    SuffixNumber,
    Hash,
    Revision,
    End,
    Invalid,
};

// In the order of age; "" stands for a version without a suffix.
constexpr std::array<std::string_view, 10> kSuffixes = {
    "alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"};
constexpr std::size_t kNoSuffix = 4;

struct Token {
    Kind kind = Kind::End;
    std::string_view value;
    std::size_t suffix = kNoSuffix;
};

constexpr Token kInvalid{Kind::Invalid, {}, kNoSuffix};

constexpr bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

template <class Accepts>
std::string_view take_while(std::string_view& text, Accepts accepts) {
    std::size_t end = 0;
    while (end < text.size() && accepts(text[end])) {
        ++end;
    }
    const auto taken = text.substr(0, end);
    text.remove_prefix(end);
    return taken;
}

Token take_number(Kind kind, std::string_view& rest) {
    const auto digits = take_digits(rest);
    return digits.empty() ? kInvalid : Token{kind, digits, kNoSuffix};
}

Token take_suffix(std::string_view& rest) {
    const auto name = take_while(rest, is_lower);
    const auto* found = std::ranges::find(kSuffixes, name);
    if (name.empty() || found == kSuffixes.end()) {
        return kInvalid;
    }
    return {Kind::Suffix, name, static_cast<std::size_t>(found - kSuffixes.begin())};
}

Token take_hash(std::string_view& rest) {
    const auto hash = take_while(rest, is_hex);
    return hash.empty() ? kInvalid : Token{Kind::Hash, hash, kNoSuffix};
}

Token take_revision(std::string_view& rest) {
    if (rest.empty() || rest.front() != 'r') {
        return kInvalid;
    }
    rest.remove_prefix(1);
    return take_number(Kind::Revision, rest);
}

Token take_bare_number(Kind previous, std::string_view& rest) {
    switch (previous) {
        case Kind::Letter: return take_number(Kind::LetterNumber, rest);
        case Kind::Suffix: return take_number(Kind::SuffixNumber, rest);
        case Kind::FirstNumber:
        case Kind::Number:
        case Kind::LetterNumber:
        case Kind::SuffixNumber:
        case Kind::Hash:
        case Kind::Revision:
        case Kind::End:
        case Kind::Invalid: return kInvalid;
    }
    return kInvalid;
}

constexpr bool ends_a_number(Kind kind) {
    return kind == Kind::FirstNumber || kind == Kind::Number || kind == Kind::LetterNumber;
}

// The token that follows one of kind `previous`; what may follow what is the grammar.
Token take_token(Kind previous, std::string_view& rest) {
    if (rest.empty()) {
        return {};
    }
    const char first = rest.front();
    if (is_digit(first)) {
        return take_bare_number(previous, rest);
    }
    const auto from_here = rest;
    rest.remove_prefix(1);
    if (is_lower(first) && ends_a_number(previous)) {
        return {Kind::Letter, from_here.substr(0, 1), kNoSuffix};
    }
    if (first == '.' && ends_a_number(previous)) {
        return take_number(Kind::Number, rest);
    }
    if (first == '_' && previous <= Kind::SuffixNumber) {
        return take_suffix(rest);
    }
    if (first == '~' && previous < Kind::Hash) {
        return take_hash(rest);
    }
    if (first == '-' && previous < Kind::Revision) {
        return take_revision(rest);
    }
    return kInvalid;
}

constexpr bool starts_with_zero(std::string_view text) {
    return !text.empty() && text.front() == '0';
}

// Two tokens of the same kind.
std::weak_ordering compare_tokens(const Token& left, const Token& right) {
    switch (left.kind) {
        case Kind::Number:
            // A component with leading zeros reads as a fraction: 1.0015 < 1.002.
            if (starts_with_zero(left.value) || starts_with_zero(right.value)) {
                return order_of(left.value, right.value);
            }
            return compare_numbers(left.value, right.value);
        case Kind::FirstNumber:
        case Kind::LetterNumber:
        case Kind::SuffixNumber:
        case Kind::Revision: return compare_numbers(left.value, right.value);
        case Kind::Suffix: return left.suffix <=> right.suffix;
        case Kind::Letter:
        case Kind::Hash: return order_of(left.value, right.value);
        case Kind::End:
        case Kind::Invalid: return std::weak_ordering::equivalent;
    }
    return std::weak_ordering::equivalent;
}

// Two tokens of different kinds after equal beginnings.
std::weak_ordering compare_ends(const Token& left, const Token& right) {
    const bool left_is_before = left.suffix < kNoSuffix;
    const bool right_is_before = right.suffix < kNoSuffix;
    if (left_is_before != right_is_before) {
        return left_is_before ? std::weak_ordering::less : std::weak_ordering::greater;
    }
    return right.kind <=> left.kind;
}

}  // namespace

Result<void> check_apk_version(std::string_view version) {
    THIMBLE_TRY(check_length(version));
    Token token = take_number(Kind::FirstNumber, version);
    if (token.kind == Kind::Invalid) {
        return bad_version("version does not start with a digit");
    }
    while (token.kind < Kind::End) {
        const auto rest = version;
        token = take_token(token.kind, version);
        if (token.kind == Kind::Invalid) {
            return bad_version(
                "unexpected text from character '" + printable(rest.substr(0, 1)) + "' on");
        }
    }
    return {};
}

std::weak_ordering compare_apk_versions(std::string_view left, std::string_view right) {
    Token l = take_number(Kind::FirstNumber, left);
    Token r = take_number(Kind::FirstNumber, right);
    while (l.kind == r.kind && l.kind < Kind::End) {
        if (const auto order = compare_tokens(l, r); order != 0) {
            return order;
        }
        l = take_token(l.kind, left);
        r = take_token(r.kind, right);
    }
    return l.kind == r.kind ? std::weak_ordering::equivalent : compare_ends(l, r);
}

}  // namespace thimble::model::detail
