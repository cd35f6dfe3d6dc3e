#include "thimble/agent/http_answer.hpp"

#include <algorithm>
#include <charconv>

namespace thimble::agent {
namespace {

constexpr std::size_t kMaxHeadBytes = std::size_t{16} << 10;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kMaxInterim = 4;
constexpr int kFirstFinal = 200;
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;
constexpr int kMostStatus = 999;

Error odd(const char* what) {
    return failure(ErrorKind::Unavailable, "agent.odd_answer", what);
}

char lowered(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_same_name(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lowered, lowered);
}

std::string_view trimmed(std::string_view text) {
    const auto is_blank = [](char c) {
        return c == ' ' || c == '\t';
    };
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

template <class Number>
std::optional<Number> number_of(std::string_view digits) {
    Number number = 0;
    const std::string text(digits);
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    const bool is_number = error == std::errc() && stop == end && !digits.empty()
        && digits.front() >= '0' && digits.front() <= '9';
    return is_number ? std::optional(number) : std::nullopt;
}

struct Head {
    int status = 0;
    std::optional<std::size_t> length;
    bool is_last = false;
};

/// "HTTP/1.1 200 OK"
Result<Head> parse_status_line(std::string_view line) {
    constexpr std::string_view kVersion = "HTTP/1.";
    constexpr std::size_t kStatusAt = 9;
    constexpr std::size_t kStatusSize = 3;
    const bool is_ours = line.starts_with(kVersion) && line.size() >= kStatusAt + kStatusSize
        && line[kStatusAt - 1] == ' '
        && (line.size() == kStatusAt + kStatusSize || line[kStatusAt + kStatusSize] == ' ');
    const auto status =
        is_ours ? number_of<int>(line.substr(kStatusAt, kStatusSize)) : std::nullopt;
    if (!status || *status < 100 || *status > kMostStatus) {
        return odd("what answers does not speak HTTP/1.1");
    }
    return Head{.status = *status, .length = {}, .is_last = line[kVersion.size()] != '1'};
}

Result<void> take_field(Head& head, std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return odd("a header of the answer has no name");
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (is_same_name(name, "transfer-encoding")) {
        return odd("the answer comes in a coding that agents do not read");
    }
    if (is_same_name(name, "connection")) {
        head.is_last = head.is_last || is_same_name(value, "close");
    }
    if (is_same_name(name, "content-length")) {
        const auto length = number_of<std::size_t>(value);
        if (!length || (head.length && *head.length != *length)) {
            return odd("the length of the answer cannot be told");
        }
        head.length = length;
    }
    return {};
}

Result<Head> parse_head(std::string_view text) {
    THIMBLE_TRY(Head head, parse_status_line(text.substr(0, text.find(kLineEnd))));
    for (std::size_t at = text.find(kLineEnd); at != std::string_view::npos;) {
        text.remove_prefix(at + kLineEnd.size());
        at = text.find(kLineEnd);
        THIMBLE_TRY(take_field(head, text.substr(0, at)));
    }
    return head;
}

/// @error Unavailable "agent.odd_answer"
Result<std::size_t> body_length(const Head& head, std::size_t most_bytes) {
    if (head.status == kNoContent || head.status == kNotModified) {
        return std::size_t{0};
    }
    if (!head.length) {
        return odd("the answer has no length");
    }
    if (*head.length > most_bytes) {
        return odd("the answer is too long");
    }
    return *head.length;
}

/// @param rest  all that came after the head
Result<std::optional<HttpAnswer>> with_body(
    const Head& head, std::string_view rest, std::size_t most_bytes) {
    THIMBLE_TRY(const std::size_t length, body_length(head, most_bytes));
    if (rest.size() < length) {
        return std::optional<HttpAnswer>();
    }
    return std::optional(HttpAnswer{
        .status = head.status,
        .body = std::string(rest.substr(0, length)),
        // What comes uncalled for would be taken for the next answer.
        .is_last = head.is_last || rest.size() > length});
}

}  // namespace

Result<std::optional<HttpAnswer>> parse_http_answer(
    std::string_view bytes, std::size_t most_bytes) {
    for (std::size_t heads = 0; heads <= kMaxInterim; ++heads) {
        const std::size_t end = bytes.find(kHeadEnd);
        if (std::min(end, bytes.size()) > kMaxHeadBytes) {
            return odd("the head of the answer is too long");
        }
        if (end == std::string_view::npos) {
            return std::optional<HttpAnswer>();
        }
        THIMBLE_TRY(const Head head, parse_head(bytes.substr(0, end)));
        bytes.remove_prefix(end + kHeadEnd.size());
        if (head.status >= kFirstFinal) {
            return with_body(head, bytes, most_bytes);
        }
        // One that says that another is to come.
    }
    return odd("the answer does not come to its point");
}

}  // namespace thimble::agent
