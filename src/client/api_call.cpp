#include "thimble/client/api_call.hpp"

#include "thimble/client/api_connection.hpp"

#include <fmt/format.h>

#include <utility>

namespace thimble::client {

Result<std::string> call_api(const FleetContext& context, ApiCall call) {
    ApiConnection connection = ApiConnection::open(context.url, context.authority);
    return connection.ask(
        {std::move(call.method),
         std::move(call.path),
         std::move(call.body),
         {"Authorization: Bearer " + context.token}});
}

std::vector<std::string> warnings_of(const JsonValue& answer) {
    JsonMembers members(answer);
    return members.is_null("warnings") ? std::vector<std::string>() : members.texts("warnings");
}

std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
            || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
        out += is_plain
            ? std::string(1, c)
            : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return out;
}

}  // namespace thimble::client
