#pragma once
/// @file What goes when it is old: closed jobs, reports, runs, plans and documents. The audit log is no part of
/// it, nor are deployments and where patches stand. What is open, or the newest of its host, stays however old.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::store {

struct ForgottenRecords {
    std::int64_t jobs = 0;
    std::int64_t reports = 0;
    std::int64_t runs = 0;
    std::int64_t plans = 0;
    std::int64_t proofs = 0;  ///< what was said of controls
    bool operator==(const ForgottenRecords&) const = default;
    [[nodiscard]] std::int64_t all() const { return jobs + reports + runs + plans + proofs; }
};

/// Forgets records from before an instant.
/// @param most  of each kind, in this call; 0 forgotten of all means that nothing is left to do
Result<ForgottenRecords> forget_records(Connection& connection, Instant before, std::int64_t most);

/// Documents from before an instant that no host, plan or job names, in the order of their digests. A list
/// of packages is named only within an inventory, so that it may be among them.
/// @param after  digests above that one
Result<std::vector<std::string>> unnamed_documents(
    Connection& connection, Instant before, const std::string& after, std::int64_t most);

/// @return whether it was there, from before that instant, and still unnamed
Result<bool> forget_document(Connection& connection, const std::string& digest, Instant before);

}  // namespace thimble::store
