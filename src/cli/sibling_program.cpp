#include "thimble/cli/sibling_program.hpp"

#include "thimble/base/result.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/host/companion.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace thimble::cli {

int become_sibling(const std::string& name, char** argv, std::ostream& err) {
    std::string path = host::find_companion(name);
    if (path.empty()) {
        return complain(
            err,
            failure(
                ErrorKind::Unavailable,
                "cli.no_program",
                name + " is not installed beside this program"));
    }
    argv[0] = path.data();
    ::execv(path.c_str(), argv);
    return complain(
        err,
        failure(
            ErrorKind::Unavailable,
            "cli.no_program",
            "cannot start " + path + ": " + std::strerror(errno)));
}

}  // namespace thimble::cli
