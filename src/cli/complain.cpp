#include "thimble/cli/complain.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/exit_status.hpp"

#include <array>
#include <string_view>

namespace thimble::cli {
namespace {

/// What to do about an error whose own words do not say it; by the code of the error or of what
/// caused it.
std::string_view next_step(const Error& error) {
    struct Step {
        std::string_view code;
        std::string_view next;
    };
    static constexpr std::array kSteps{
        Step{
            "host.no_connection",
            "`ssh USER@NAME true` must work without asking anything: see that the key is loaded "
            "(ssh-add -l),\n  that the host key is known, and that a jump host or proxy is set in "
            "~/.ssh/config."},
        Step{
            "host.timeout", "Is the host, or the disk below, slow or stuck? Then try again later."},
        Step{"host.bad_answer", "Does the login shell there print something of its own?"},
        Step{"catalog.corrupt", "Run `thimble feeds sync`, which compiles it again."},
        Step{"catalog.missing", "Run `thimble feeds sync`, or `thimble catalog build`."},
    };
    for (const Error* at = &error; at != nullptr; at = at->cause.get()) {
        for (const Step& step : kSteps) {
            if (at->code == step.code) {
                return step.next;
            }
        }
    }
    return {};
}

}  // namespace

int complain(std::ostream& err, const Error& error) {
    err << "thimble: " << printable(error.text()) << " [" << error.code << "]\n";
    if (const std::string_view next = next_step(error); !next.empty()) {
        err << "  " << next << '\n';
    }
    switch (error.kind) {
        case ErrorKind::NotFound: return kNoInput;
        case ErrorKind::Invalid: return kUsage;
        case ErrorKind::Conflict: return kConflict;
        case ErrorKind::Unavailable: return kUnavailable;
        case ErrorKind::Denied: return kDenied;
        case ErrorKind::Corrupt:
        case ErrorKind::Unsupported: return kBadInput;
        case ErrorKind::Internal: return kInternal;
    }
    return kInternal;
}

}  // namespace thimble::cli
