#include "thimble/cli/name_list.hpp"

#include "thimble/base/terminal_lines.hpp"

#include <utility>

namespace thimble::cli {

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
    return shown == names.size() ? text
                                 : text + " and " + std::to_string(names.size() - shown) + " more";
}

}  // namespace thimble::cli
