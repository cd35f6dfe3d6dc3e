#include "thimble/host/companion.hpp"

#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::host {

std::string find_companion(std::string_view name) {
    std::array<char, PATH_MAX> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    if (length <= 0) {
        return {};
    }
    std::string folder(path.data(), static_cast<std::size_t>(length));
    folder.resize(folder.rfind('/') + 1);
    for (const std::string_view place : {"", "../libexec/thimble/"}) {
        std::string candidate = folder + std::string(place) + std::string(name);
        if (::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    return {};
}

}  // namespace thimble::host
