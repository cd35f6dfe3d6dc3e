#include "thimble/apply/deb_names.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::apply {

std::string archive_file_name(
    std::string_view name, std::string_view version, std::string_view architecture) {
    const std::size_t epoch = version.find(':');
    if (epoch != std::string_view::npos) {
        version.remove_prefix(epoch + 1);
    }
    std::string file(name);
    file += '_';
    file += version;
    file += '_';
    file += architecture;
    file += ".deb";
    return file;
}

}  // namespace thimble::apply
