#include "thimble/server/parse_enrolment_token.hpp"

#include "thimble/server/base64url.hpp"

#include <array>

namespace thimble::server {
namespace {

constexpr std::string_view kForm = "thimble1";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxIdBytes = 64;
constexpr std::size_t kMaxBytes = 256;

bool is_32_bytes(std::string_view text) {
    const auto bytes = bytes_of_base64url(text);
    return bytes && bytes->size() == kSecretBytes;
}

}  // namespace

std::string format_enrolment_token(const EnrolmentTokenText& token) {
    return std::string(kForm) + "." + token.authority + "." + token.id + "." + token.secret;
}

Result<EnrolmentTokenText> parse_enrolment_token(std::string_view text) {
    const auto bad = [] {
        return failure(
            ErrorKind::Invalid,
            "server.bad_token",
            "an enrolment token has the form thimble1.AUTHORITY.ID.SECRET");
    };
    if (text.size() > kMaxBytes) {
        return bad();
    }
    std::array<std::string_view, 4> parts;
    for (std::size_t part = 0; part < parts.size(); ++part) {
        const std::size_t end = text.find('.');
        if ((end == std::string_view::npos) != (part + 1 == parts.size())) {
            return bad();
        }
        parts.at(part) = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    const auto id = bytes_of_base64url(parts[2]);
    if (parts[0] != kForm || !is_32_bytes(parts[1]) || !id || id->empty()
        || parts[2].size() > kMaxIdBytes || !is_32_bytes(parts[3])) {
        return bad();
    }
    return EnrolmentTokenText{std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
}

}  // namespace thimble::server
