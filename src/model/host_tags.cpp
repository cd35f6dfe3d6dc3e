#include "thimble/model/host_tags.hpp"

#include <algorithm>
#include <utility>

namespace thimble::model {
namespace {

constexpr std::size_t kMostBytes = 63;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view others) {
    return !text.empty() && text.size() <= kMostBytes && std::ranges::all_of(text, [&](char c) {
        return is_letter_or_digit(c) || others.contains(c);
    });
}

}  // namespace

std::string_view tag_key(std::string_view tag) {
    return tag.substr(0, tag.find('='));
}

Result<void> check_tag(std::string_view tag) {
    const std::string_view key = tag_key(tag);
    const bool has_value = key.size() < tag.size();
    const bool is_key = consists_of(key, "._-") && is_letter_or_digit(key.front());
    if (!is_key || (has_value && !consists_of(tag.substr(key.size() + 1), "._-:/@+"))) {
        return failure(
            ErrorKind::Invalid,
            "model.bad_tag",
            "\"" + std::string(tag.substr(0, 2 * kMostBytes))
                + R"(" is no tag: WORD or WORD=VALUE, each 1 to 63 of letters, digits, ".", "_" and )"
                  R"("-", values also ":", "/", "@" and "+")");
    }
    return {};
}

Result<HostTags> changed_tags(
    HostTags before, std::span<const std::string> remove, std::span<const std::string> add) {
    HostTags tags = std::move(before);
    for (const std::string& tag : remove) {
        THIMBLE_TRY(check_tag(tag));
        std::erase_if(
            tags, [&tag](const std::string& one) { return one == tag || tag_key(one) == tag; });
    }
    for (const std::string& tag : add) {
        THIMBLE_TRY(check_tag(tag));
        std::erase_if(
            tags, [&tag](const std::string& one) { return tag_key(one) == tag_key(tag); });
        tags.push_back(tag);
    }
    if (tags.size() > kMostTags) {
        return failure(
            ErrorKind::Invalid,
            "model.many_tags",
            "a host has at most " + std::to_string(kMostTags) + " tags");
    }
    std::ranges::sort(tags);
    return tags;
}

std::string format_tags(const HostTags& tags) {
    std::string text;
    for (const std::string& tag : tags) {
        text.append(text.empty() ? "" : ",").append(tag);
    }
    return text;
}

HostTags parse_tags(std::string_view text) {
    HostTags tags;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        tags.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return tags;
}

}  // namespace thimble::model
