#include "thimble/server/request_body.hpp"

#include "thimble/base/utf8.hpp"

#include <algorithm>

namespace thimble::server {
namespace {

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxWord = 64;
constexpr std::size_t kMaxReason = 1000;

}  // namespace

Error bad_body(std::string what) {
    return failure(ErrorKind::Invalid, "server.bad_body", std::move(what));
}

Result<JsonValue> body_of(const Request& request) {
    auto document = parse_json(request.body);
    if (!document) {
        return bad_body("the body is not JSON");
    }
    if (!std::holds_alternative<JsonValue::Object>(document->value)) {
        return bad_body("the body is not a JSON object");
    }
    return *std::move(document);
}

Result<void> check_members(const JsonMembers& members) {
    if (auto done = members.done(); !done) {
        return bad_body("a member is missing or of another type: " + done.error().message);
    }
    return {};
}

Result<std::string> checked_name(std::string text, std::string_view member) {
    if (text.empty() || text.size() > kMaxName || printable(text, 2 * kMaxName) != text) {
        return bad_body(std::string(member) + " must be 1 to 128 bytes of printable text");
    }
    return text;
}

Result<std::string> checked_word(std::string text, std::string_view member) {
    const bool is_word = !text.empty() && text.size() <= kMaxWord && text.front() != '.'
        && text.front() != '-' && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'
                   || c == '.';
           });
    if (!is_word) {
        return bad_body(std::string(member) + R"( must be 1 to 64 of a-z, 0-9, "-", "_" and ".")");
    }
    return text;
}

Result<std::string> checked_reason(JsonMembers& members) {
    THIMBLE_TRY(std::string why, checked_reason_or_none(members));
    if (why.empty()) {
        return bad_body("why must be 1 to 1000 bytes");
    }
    return why;
}

Result<std::string> checked_reason_or_none(JsonMembers& members) {
    std::string why = members.text_or_null("why");
    THIMBLE_TRY(check_members(members));
    if (why.size() > kMaxReason || why.contains('\0')) {
        return bad_body("why has at most 1000 bytes, and no NUL");
    }
    return why;
}

Result<std::string> checked_reason_or_none(const Target& target) {
    const std::string_view why = target.query_value("why");
    if (why.size() > kMaxReason || why.contains('\0')) {
        return failure(
            ErrorKind::Invalid, "server.bad_parameter", "why has at most 1000 bytes, and no NUL");
    }
    return std::string(why);
}

Result<std::int64_t> checked_number(
    JsonMembers& members, std::string_view member, std::int64_t otherwise, std::int64_t largest) {
    if (members.is_null(member)) {
        return otherwise;
    }
    const std::int64_t number = members.number(member);
    THIMBLE_TRY(check_members(members));
    if (number < 1 || number > largest) {
        return bad_body(std::string(member) + " must be between 1 and " + std::to_string(largest));
    }
    return number;
}

}  // namespace thimble::server
