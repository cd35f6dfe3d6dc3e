#pragma once
/// @file The chain of the audit log: each entry's hash covers the one before, so that no entry can be
/// altered, left out or put in unnoticed.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::store {

/// What somebody did. `before` and `after` are JSON texts, empty where there is none.
struct AuditChange {
    std::string actor;    ///< "user:NAME", "token:ID", "host:ID", "server"
    std::string action;   ///< noun and verb: "token.create"
    std::string subject;  ///< the id of what it was done to
    std::string before;
    std::string after;
    std::string why;
    bool operator==(const AuditChange&) const = default;
};

/// One link of the chain.
struct AuditEntry {
    std::int64_t sequence = 0;  ///< 1, 2, 3 without holes
    Instant at;
    AuditChange change;
    std::string previous_hash;  ///< empty for the first
    std::string hash;
    bool operator==(const AuditEntry&) const = default;
};

/// The canonical JSON of an entry without its hashes: members in a fixed order, no white space.
/// @source docs/formats/audit.md
std::string canonical_json(const AuditEntry& entry);

/// SHA-256 of the previous hash, a line feed, and the canonical JSON.
std::string hash_of(const AuditEntry& entry);

/// The entry after one with that sequence and hash; those of the first are 0 and empty.
AuditEntry next_entry(
    std::int64_t last_sequence, std::string last_hash, AuditChange change, Instant now);

/// A line of an export: the canonical JSON with the two hashes added, and a line feed.
std::string export_line(const AuditEntry& entry);

/// Reads a line of an export.
/// @error Corrupt "store.bad_audit_line"
Result<AuditEntry> parse_audit_line(std::string_view line);

/// Follows a chain from its first entry.
class AuditVerifier {
public:
    /// @error Corrupt "store.broken_chain"  says which entry and what is wrong with it
    Result<void> add(const AuditEntry& entry);
    [[nodiscard]] std::int64_t entries() const { return sequence_; }
    [[nodiscard]] const std::string& head() const { return hash_; }

private:
    std::int64_t sequence_ = 0;
    std::string hash_;
};

}  // namespace thimble::store
