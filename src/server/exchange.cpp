#include "thimble/server/exchange.hpp"

namespace thimble::server {
namespace {

std::string_view value_of(
    const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view name) {
    for (const auto& [key, value] : pairs) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

}  // namespace

std::string_view Target::query_value(std::string_view name) const {
    return value_of(query, name);
}

std::string_view Request::header(std::string_view name) const {
    return value_of(headers, name);
}

}  // namespace thimble::server
