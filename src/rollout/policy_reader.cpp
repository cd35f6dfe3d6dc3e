#include "thimble/rollout/policy_reader.hpp"

#include "thimble/calendar/parse_window.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace thimble::rollout {

std::optional<std::uint32_t> share_of(std::string_view text) {
    if (!text.ends_with('%')) {
        return std::nullopt;
    }
    text.remove_suffix(1);
    while (text.ends_with(' ')) {
        text.remove_suffix(1);
    }
    const std::size_t dot = std::min(text.find('.'), text.size());
    std::string digits(text.substr(0, dot));
    std::string decimals(text.substr(std::min(dot + 1, text.size())));
    if (digits.empty() || digits.size() > 3 || decimals.size() > 2
        || (dot < text.size() && decimals.empty())) {
        return std::nullopt;
    }
    decimals.resize(2, '0');
    digits += decimals;
    std::uint32_t share = 0;
    const char* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, share);
    if (read.ec != std::errc() || read.ptr != end || share > kWhole) {
        return std::nullopt;
    }
    return share;
}

Result<std::uint32_t> share_or(
    MappingReader& reader, std::string_view name, std::uint32_t left_out) {
    if (reader.find(name) == nullptr) {
        return left_out;
    }
    THIMBLE_TRY(const std::string text, reader.text(name));
    const auto share = share_of(text);
    if (!share) {
        return reader.otherwise(left_out, reader.bad(name, "a share is wanted, for example 95%"));
    }
    return *share;
}

Result<std::chrono::seconds> length_or(
    MappingReader& reader, std::string_view name, std::chrono::seconds left_out) {
    if (reader.find(name) == nullptr) {
        return left_out;
    }
    THIMBLE_TRY(const std::string text, reader.text(name));
    auto length = calendar::parse_length(text);
    if (!length) {
        return reader.otherwise(left_out, reader.bad(name, length.error().message));
    }
    return length;
}

Result<std::optional<HostLimit>> limit(MappingReader& reader, std::string_view name) {
    const JsonValue* value = reader.find(name);
    if (value == nullptr) {
        return std::optional<HostLimit>();
    }
    if (std::holds_alternative<std::int64_t>(value->value)) {
        THIMBLE_TRY(const std::uint32_t count, reader.count_or(name, 0, 1'000'000));
        if (count == 0) {
            return reader.otherwise(
                std::optional<HostLimit>(),
                reader.bad(name, "at least one host at once is wanted"));
        }
        return std::optional(HostLimit{.count = count, .share = 0});
    }
    THIMBLE_TRY(const std::uint32_t share, share_or(reader, name, 0));
    return std::optional(HostLimit{.count = 0, .share = share});
}

}  // namespace thimble::rollout
