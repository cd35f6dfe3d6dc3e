#pragma once
/// @file How thimble-agent ends, as its man page says. Pure.

#include "thimble/base/error.hpp"

namespace thimble::agent {

constexpr int kUsage = 64;  // EX_USAGE
constexpr int kBadInput =
    65;  // EX_DATAERR: what is kept here, or was answered, is not what it should be
constexpr int kNoInput =
    66;  // EX_NOINPUT: not enrolled; what is kept here is not there or cannot be read
constexpr int kNoUser = 67;  // EX_NOUSER
constexpr int kUnavailable =
    69;                        // EX_UNAVAILABLE: the server, or the host over SSH, does not answer
constexpr int kInternal = 70;  // EX_SOFTWARE
constexpr int kCannotWrite = 73;   // EX_CANTCREAT
constexpr int kMachineFault = 74;  // EX_IOERR
constexpr int kConflict = 75;      // EX_TEMPFAIL: another agent runs on this state
constexpr int kDenied =
    77;  // EX_NOPERM: by the server, or it is not the server; only root may. What runs as a unit
         // does not begin again after it, so the files of this machine never end it so

int exit_status_of(const Error& error);

}  // namespace thimble::agent
