#pragma once
/// @file Exit statuses that scripts can rely on.

namespace thimble::cli {

constexpr int kNothingDue = 0;
constexpr int kSomethingDue = 1;
constexpr int kCouldNotTell = 2;
constexpr int kSkipped = 3;  // a pre-check refused; nothing changed
// Of the filters of lines, version-order and cvss.
constexpr int kEveryLineAnswered = 0;
constexpr int kSomeLineInvalid = 1;
constexpr int kUsage = 64;        // EX_USAGE
constexpr int kBadInput = 65;     // EX_DATAERR: a file is damaged or not what it should be
constexpr int kNoInput = 66;      // EX_NOINPUT: a file or host is not there
constexpr int kUnavailable = 69;  // EX_UNAVAILABLE: a program or host does not answer
constexpr int kInternal = 70;     // EX_SOFTWARE
constexpr int kCannotWrite = 73;  // EX_CANTCREAT
constexpr int kConflict = 75;  // EX_TEMPFAIL: something else holds it, or it is not so (any more)
constexpr int kDenied = 77;    // EX_NOPERM

}  // namespace thimble::cli
