// The order of Debian versions: [epoch:]upstream[-revision].
#include "thimble/base/result.hpp"
#include "thimble/model/detail/orders.hpp"
#include "thimble/model/detail/version_text.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <string_view>

namespace thimble::model::detail {

namespace {

struct Parts {
    std::string_view epoch;
    std::string_view upstream;
    std::string_view revision;
};

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// The epoch ends at the first colon, the upstream version at the last hyphen after it.
Parts split(std::string_view text) {
    text = trim(text);
    Parts parts;
    if (const auto colon = text.find(':'); colon != std::string_view::npos) {
        parts.epoch = text.substr(0, colon);
        if (!parts.epoch.empty() && parts.epoch.front() == '+') {
            parts.epoch.remove_prefix(1);  // strtol, with which dpkg reads it, takes a sign
        }
        text.remove_prefix(colon + 1);
    }
    const auto hyphen = text.rfind('-');
    parts.upstream = text.substr(0, hyphen);
    if (hyphen != std::string_view::npos) {
        parts.revision = text.substr(hyphen + 1);
    }
    return parts;
}

// '~' < end and digits < letters < everything else.
constexpr int rank(char c) {
    if (c == '~') {
        return -1;
    }
    if (is_digit(c)) {
        return 0;
    }
    const int code = static_cast<unsigned char>(c);
    return is_alpha(c) ? code : code + 256;
}

constexpr int rank_at(std::string_view text, std::size_t at) {
    return at < text.size() ? rank(text[at]) : 0;
}

constexpr bool is_other_at(std::string_view text, std::size_t at) {
    return at < text.size() && !is_digit(text[at]);
}

std::weak_ordering compare_part(std::string_view left, std::string_view right) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < left.size() || j < right.size()) {
        while (is_other_at(left, i) || is_other_at(right, j)) {
            if (const int l = rank_at(left, i), r = rank_at(right, j); l != r) {
                return l <=> r;
            }
            ++i;
            ++j;
        }
        // Past the end of one side the ranks are equal only for digits, which the loops above stop
        // at: i and j never run ahead of their strings here.
        const auto l = left.substr(i, digits_at(left, i));
        const auto r = right.substr(j, digits_at(right, j));
        if (const auto order = compare_numbers(l, r); order != 0) {
            return order;
        }
        i += l.size();
        j += r.size();
    }
    return std::weak_ordering::equivalent;
}

// The alphabet of Policy. Where in the version each of them may stand, dpkg only warns about.
constexpr bool is_allowed(char c) {
    return is_alnum(c) || std::string_view(".-+~:").contains(c);
}

Result<void> check_epoch(std::string_view epoch) {
    constexpr std::string_view kLargest = "2147483647";  // dpkg keeps it in an int
    if (epoch.empty()) {
        return bad_version("epoch is empty");
    }
    if (!is_number(epoch)) {
        return bad_version("epoch is not a number");
    }
    if (compare_numbers(epoch, kLargest) > 0) {
        return bad_version("epoch is too big");
    }
    return {};
}

}  // namespace

Result<void> check_dpkg_version(std::string_view version) {
    THIMBLE_TRY(check_length(version));
    const auto text = trim(version);
    const Parts parts = split(version);
    const bool has_epoch = text.contains(':');
    if (has_epoch) {
        THIMBLE_TRY(check_epoch(parts.epoch));
    }
    if (std::ranges::any_of(text, is_blank)) {
        return bad_version("version has embedded blanks");
    }
    if (parts.upstream.empty()) {
        return bad_version("upstream version is empty");
    }
    if (parts.revision.empty() && text.back() == '-') {
        return bad_version("revision is empty");
    }
    if (!std::ranges::all_of(text, is_allowed)) {
        return bad_version("invalid character");
    }
    return {};
}

std::weak_ordering compare_dpkg_versions(std::string_view left, std::string_view right) {
    const Parts l = split(left);
    const Parts r = split(right);
    if (const auto order = compare_numbers(l.epoch, r.epoch); order != 0) {
        return order;
    }
    if (const auto order = compare_part(l.upstream, r.upstream); order != 0) {
        return order;
    }
    return compare_part(l.revision, r.revision);
}

}  // namespace thimble::model::detail
