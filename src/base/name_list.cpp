#include "thimble/base/name_list.hpp"

#include "thimble/base/terminal_lines.hpp"

#include <algorithm>
#include <utility>

namespace thimble {
namespace {

/// @param shown  how many of the names the text has
std::string with_rest(
    const std::string& text, std::span<const std::string> names, std::size_t shown) {
    return shown == names.size() ? text
                                 : text + " and " + std::to_string(names.size() - shown) + " more";
}

}  // namespace

std::string some_names(std::span<const std::string> names, std::size_t most) {
    const std::size_t shown = std::min(names.size(), most);
    std::string text;
    for (const std::string& name : names.first(shown)) {
        text.append(&name == names.data() ? "" : ", ").append(name);
    }
    return with_rest(text, names, shown);
}

std::string listed_names(
    std::span<const std::string> names, std::string_view separator, std::size_t columns) {
    std::string text;
    std::size_t shown = 0;
    for (const std::string& name : names) {
        std::string longer = text;
        longer.append(shown == 0 ? std::string_view() : separator).append(name);
        if (shown > 0 && columns_of(longer) > columns) {
            break;
        }
        text = std::move(longer);
        ++shown;
    }
    return with_rest(text, names, shown);
}

}  // namespace thimble
