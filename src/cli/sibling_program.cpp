#include "thimble/cli/sibling_program.hpp"

#include "thimble/cli/exit_status.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace thimble::cli {

std::string sibling_path(const std::string& name) {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        return {};
    }
    const auto folder = self.parent_path();
    for (const auto& candidate : {folder / name, folder.parent_path() / "libexec/thimble" / name}) {
        if (::access(candidate.c_str(), X_OK) == 0) {
            return candidate.string();
        }
    }
    return {};
}

int become_sibling(const std::string& name, char** argv, std::ostream& err) {
    const std::string path = sibling_path(name);
    if (path.empty()) {
        err << "thimble: " << name << " is not installed beside this program\n";
        return kUnavailable;
    }
    argv[0] = const_cast<char*>(
        path.c_str());  // NOLINT(cppcoreguidelines-pro-type-const-cast): execv does not write
    ::execv(path.c_str(), argv);
    err << "thimble: cannot start " << path << ": " << std::strerror(errno) << '\n';
    return kUnavailable;
}

}  // namespace thimble::cli
