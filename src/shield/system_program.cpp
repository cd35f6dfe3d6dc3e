#include "thimble/shield/system_program.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/host/run_command.hpp"

#include <unistd.h>

#include <array>
#include <utility>

namespace thimble::shield {
namespace {

constexpr std::size_t kMostComplaint = 600;
constexpr std::size_t kMostOutput = std::size_t{8} << 20;

}  // namespace

Result<std::string> system_program(std::string_view name) {
    constexpr auto kFolders =
        std::to_array<std::string_view>({"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"});
    for (const std::string_view folder : kFolders) {
        std::string path = std::string(folder) + std::string(name);
        if (::access(path.c_str(), X_OK) == 0) {
            return path;
        }
    }
    return failure(
        ErrorKind::NotFound,
        "shield.no_program",
        "this host has no " + std::string(name) + " in /usr/sbin, /usr/bin, /sbin or /bin");
}

Result<host::Outcome> run_program(std::vector<std::string> argv, std::string input) {
    THIMBLE_TRY(argv.front(), system_program(argv.front()));
    return host::run_command(
        {.argv = std::move(argv),
         .input = std::move(input),
         .timeout = kProgramTimeout,
         .output_limit = kMostOutput,
         .own_session = true});
}

Result<std::string> output_of(std::vector<std::string> argv, std::string input) {
    const std::string name = argv.front();
    THIMBLE_TRY(host::Outcome ran, run_program(std::move(argv), std::move(input)));
    if (ran.exit_status != 0) {
        std::string_view why = trimmed(ran.errors.empty() ? ran.output : ran.errors);
        why = why.substr(why.size() - std::min(why.size(), kMostComplaint));
        return failure(
            ErrorKind::Unavailable,
            "shield.program_failed",
            name + " ended with " + std::to_string(ran.exit_status) + ": " + std::string(why));
    }
    return std::move(ran.output);
}

}  // namespace thimble::shield
