#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/client/fleet_context.hpp"
#include "thimble/protocol/base64url.hpp"

#include <algorithm>
#include <span>

namespace thimble::client {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kFormat = "thimble.fleet-context/1";
constexpr std::size_t kMaxUrlBytes = 300;
constexpr std::size_t kMaxTokenBytes = 256;
constexpr std::size_t kSha256Bytes = 32;

bool is_url_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || std::string_view(".-:[]").contains(c);
}

bool is_token_character(char c) {
    return c > ' ' && c < '\x7f';
}

Error bad_context() {
    return failure(
        ErrorKind::Corrupt,
        "client.bad_context",
        "what thimble login has saved cannot be read; log in again");
}

}  // namespace

Result<std::string> parse_server_url(std::string_view text) {
    std::string_view name = text;
    if (name.ends_with('/')) {
        name.remove_suffix(1);
    }
    if (!name.starts_with(kScheme) || name.size() == kScheme.size() || name.size() > kMaxUrlBytes
        || !std::ranges::all_of(name.substr(kScheme.size()), is_url_character)) {
        return failure(
            ErrorKind::Invalid, "client.bad_url", "a server's address is https://NAME:PORT");
    }
    return std::string(name);
}

Result<std::string> parse_authority(std::string_view text) {
    if (is_sha256(text)) {
        return std::string(text);
    }
    const auto bytes = protocol::parse_base64url(text);
    if (!bytes || bytes->size() != kSha256Bytes) {
        return failure(
            ErrorKind::Invalid,
            "client.bad_authority",
            "an authority is what `thimble server check` prints, or the second part of an "
            "enrolment "
            "token");
    }
    std::vector<unsigned char> digest(bytes->begin(), bytes->end());
    return hex_of(std::span<const unsigned char>(digest));
}

Result<FleetContext> parse_fleet_context(std::string_view text) {
    const auto document = parse_json(text);
    if (!document) {
        return bad_context();
    }
    JsonMembers members(*document);
    const std::string format = members.text("format");
    FleetContext context;
    const std::string url = members.text("url");
    context.authority = members.text_or_null("authority");
    context.token = members.text("token");
    const auto parsed = parse_server_url(url);
    const bool is_authority =
        context.authority.empty() || is_hex(context.authority, 2 * kSha256Bytes);
    if (!members.done() || format != kFormat || !parsed || *parsed != url || !is_authority
        || context.token.empty() || context.token.size() > kMaxTokenBytes
        || !std::ranges::all_of(context.token, is_token_character)) {
        return bad_context();
    }
    context.url = url;
    return context;
}

std::string format_fleet_context(const FleetContext& context) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", kFormat).member("url", context.url);
    json.member_or_null("authority", context.authority).member("token", context.token);
    json.close_object();
    return text + "\n";
}

}  // namespace thimble::client
