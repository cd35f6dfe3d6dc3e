#pragma once
/// @file The audit log in the database: append, read, verify.

#include "thimble/store/audit_chain.hpp"
#include "thimble/store/connection.hpp"

#include <functional>
#include <limits>
#include <vector>

namespace thimble::store {

/// Appends an entry, within the transaction of the change that it tells of.
Result<AuditEntry> append_audit(Connection& connection, AuditChange change, Instant now);

/// The sequence of the last entry, 0 when there is none.
Result<std::int64_t> audit_head(Connection& connection);

/// The hash of an entry; empty when it is not there.
Result<std::string> audit_hash(Connection& connection, std::int64_t sequence);

/// The entries behind `after`, in order, at most `limit`.
Result<std::vector<AuditEntry>> audit_entries(
    Connection& connection, std::int64_t after, std::int64_t limit);

/// Every entry from the first, page by page.
Result<void> for_each_audit_entry(
    Connection& connection, const std::function<Result<void>(const AuditEntry&)>& take);

/// Follows the whole chain, and compares its end with the head that was noted. Servers may append meanwhile.
/// @return how many entries there are, and the hash of the last
/// @error Corrupt "store.broken_chain"
Result<AuditVerifier> verify_audit(Connection& connection);

}  // namespace thimble::store
