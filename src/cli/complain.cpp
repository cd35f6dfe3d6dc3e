#include "thimble/cli/complain.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/exit_status.hpp"

namespace thimble::cli {

int complain(std::ostream& err, const Error& error) {
    err << "thimble: " << printable(error.text()) << " [" << error.code << "]\n";
    switch (error.kind) {
        case ErrorKind::NotFound: return kNoInput;
        case ErrorKind::Invalid: return kUsage;
        case ErrorKind::Conflict:
        case ErrorKind::Unavailable: return kUnavailable;
        case ErrorKind::Denied: return kDenied;
        case ErrorKind::Corrupt:
        case ErrorKind::Unsupported: return kBadInput;
        case ErrorKind::Internal: return kInternal;
    }
    return kInternal;
}

}  // namespace thimble::cli
