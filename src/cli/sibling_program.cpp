#include "thimble/cli/sibling_program.hpp"

#include "thimble/cli/exit_status.hpp"
#include "thimble/host/companion.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace thimble::cli {

int become_sibling(const std::string& name, char** argv, std::ostream& err) {
    const std::string path = host::find_companion(name);
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
