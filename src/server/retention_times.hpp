#pragma once
/// @file For how long the server keeps what is over.

#include "thimble/base/instant.hpp"

namespace thimble::server {

/// For how long records are kept. What is open, or the newest of its host, stays however old; the audit log is
/// never cut.
struct RetentionTimes {
    Days records{400};   ///< closed jobs, reports, runs and plans
    Days documents{30};  ///< that nothing names any more
};

}  // namespace thimble::server
