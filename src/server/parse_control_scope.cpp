#include "thimble/base/json_writer.hpp"
#include "thimble/server/control_scope.hpp"
#include "thimble/server/request_body.hpp"

#include <array>
#include <span>
#include <utility>

namespace thimble::server {
namespace {

constexpr std::size_t kMostNamed = 1000;

}  // namespace

Result<rollout::HostQuery> parse_control_scope(const JsonValue& value) {
    rollout::HostQuery scope;
    JsonMembers members(value);
    std::size_t named = 0;
    for (const auto& [name, list] :
         {std::pair{"hosts", &scope.hosts},
          std::pair{"groups", &scope.groups},
          std::pair{"tags", &scope.tags}}) {
        if (!members.is_null(name)) {
            *list = members.texts(name);
        }
        named += list->size();
    }
    if (!members.done()) {
        return bad_body("scope is an object of lists of texts: hosts, groups, tags");
    }
    // A list that is left out asks for nothing, and nothing at all would be every host.
    if (named == 0 || named > kMostNamed) {
        return bad_body("scope names 1 to 1000 hosts, groups and tags");
    }
    return scope;
}

std::string format_control_scope(const rollout::HostQuery& scope) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("hosts", std::span<const std::string>(scope.hosts));
    json.member("groups", std::span<const std::string>(scope.groups));
    json.member("tags", std::span<const std::string>(scope.tags)).close_object();
    return text;
}

}  // namespace thimble::server
