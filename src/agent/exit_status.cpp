#include "thimble/agent/exit_status.hpp"

namespace thimble::agent {
namespace {

constexpr const char* kOfThisMachine = "host.system";

/// 0: its kind decides.
int status_of_code(const Error& error) {
    if (error.code == "agent.no_user") {
        return kNoUser;
    }
    if (error.code == "agent.cannot_write" || error.code == "agent.journal_full") {
        return kCannotWrite;
    }
    if (error.code == kOfThisMachine && error.kind == ErrorKind::Denied) {
        return kNoInput;
    }
    return error.code == kOfThisMachine && error.kind == ErrorKind::Unavailable ? kMachineFault : 0;
}

}  // namespace

int exit_status_of(const Error& error) {
    if (const int status = status_of_code(error); status != 0) {
        return status;
    }
    switch (error.kind) {
        case ErrorKind::Invalid: return kUsage;
        case ErrorKind::Corrupt:
        case ErrorKind::Unsupported: return kBadInput;
        case ErrorKind::NotFound: return kNoInput;
        case ErrorKind::Unavailable: return kUnavailable;
        case ErrorKind::Conflict: return kConflict;
        case ErrorKind::Denied: return kDenied;
        case ErrorKind::Internal: return kInternal;
    }
    return kInternal;
}

}  // namespace thimble::agent
