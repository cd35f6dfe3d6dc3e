#include "thimble/server/body_members.hpp"

#include <algorithm>
#include <cstddef>

namespace thimble::server {

std::vector<BodyMember> body_members(std::string_view members) {
    std::vector<BodyMember> parts;
    while (!members.empty()) {
        const std::size_t end = std::min(members.find(','), members.size());
        const std::string_view part = members.substr(0, end);
        members.remove_prefix(std::min(end + 1, members.size()));
        const std::size_t colon = std::min(part.find(':'), part.size());
        BodyMember member{part.substr(0, colon), "string"};
        if (colon < part.size()) {
            member.type = part.substr(colon + 1);
        }
        if (member.name.ends_with('?')) {
            member.name.remove_suffix(1);
            member.is_required = false;
        }
        parts.push_back(member);
    }
    return parts;
}

std::vector<std::string_view> path_parameters(std::string_view path) {
    std::vector<std::string_view> names;
    for (std::size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at)) {
        const std::size_t end = path.find('}', at);
        names.push_back(path.substr(at + 1, end - at - 1));
        at = end;
    }
    return names;
}

}  // namespace thimble::server
