#include "thimble/cli/sibling_program.hpp"

#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/host/companion.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace thimble::cli {

int become_sibling(const std::string& name, char** argv, std::ostream& err) {
    std::string path = host::find_companion(name);
    if (path.empty()) {
        tell(err, name + " is not installed beside this program");
        return kUnavailable;
    }
    argv[0] = path.data();
    ::execv(path.c_str(), argv);
    tell(err, "cannot start " + path + ": " + std::strerror(errno));
    return kUnavailable;
}

}  // namespace thimble::cli
