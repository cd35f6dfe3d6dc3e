#pragma once
/// @file The members of a request's body, as the table of routes has them. Pure.

#include <string_view>
#include <vector>

namespace thimble::server {

/// One member.
struct BodyMember {
    std::string_view name;
    std::string_view type;  ///< "string", "integer", "boolean", "object", "strings", "objects"
    bool is_required = true;
};

/// @param members  of a route: "name,days?:integer,tags?:strings"; without a type a string
std::vector<BodyMember> body_members(std::string_view members);

/// What stands at the braces of a path: "id", "host".
std::vector<std::string_view> path_parameters(std::string_view path);

}  // namespace thimble::server
