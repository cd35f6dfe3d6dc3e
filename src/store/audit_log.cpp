#include "thimble/store/audit_log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace thimble::store {
namespace {

constexpr std::int64_t kPage = 500;

AuditEntry entry_of(const Row& row) {
    return AuditEntry{
        number_at(row, 0),
        Instant(std::chrono::seconds(number_at(row, 1))),
        AuditChange{
            text_at(row, 2),
            text_at(row, 3),
            text_at(row, 4),
            text_at(row, 5),
            text_at(row, 6),
            text_at(row, 7)},
        text_at(row, 8),
        text_at(row, 9)};
}

Result<void> for_each_behind(
    Connection& connection,
    std::int64_t last,
    const std::function<Result<void>(const AuditEntry&)>& take) {
    for (;;) {
        THIMBLE_TRY(const auto page, audit_entries(connection, last, kPage));
        for (const AuditEntry& entry : page) {
            THIMBLE_TRY(take(entry));
            last = entry.sequence;
        }
        if (std::cmp_less(page.size(), kPage)) {
            return {};
        }
    }
}

}  // namespace

Result<AuditEntry> append_audit(Connection& connection, AuditChange change, Instant now) {
    // First of all a write: other writers of the log wait here for the end of our transaction.
    THIMBLE_TRY(connection.execute("UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1"));
    THIMBLE_TRY(
        const auto head, connection.query("SELECT sequence, hash FROM audit_head WHERE id = 1"));
    if (head.empty()) {
        return failure(ErrorKind::Corrupt, "store.broken_chain", "the audit log has no head");
    }
    AuditEntry entry = next_entry(
        number_at(head.front(), 0) - 1, text_at(head.front(), 1), std::move(change), now);
    THIMBLE_TRY(connection.execute(
        "INSERT INTO audit (sequence, at, actor, action, subject, before_json, after_json, reason, "
        "previous_hash, hash) VALUES (:sequence, :at, :actor, :action, :subject, :before, :after, "
        ":reason, :previous, :hash)",
        {entry.sequence,
         entry.at.time_since_epoch().count(),
         entry.change.actor,
         entry.change.action,
         entry.change.subject,
         entry.change.before,
         entry.change.after,
         entry.change.why,
         entry.previous_hash,
         entry.hash}));
    THIMBLE_TRY(
        connection.execute("UPDATE audit_head SET hash = :hash WHERE id = 1", {entry.hash}));
    return entry;
}

Result<std::int64_t> audit_head(Connection& connection) {
    THIMBLE_TRY(const auto head, connection.query("SELECT sequence FROM audit_head WHERE id = 1"));
    return head.empty() ? 0 : number_at(head.front(), 0);
}

Result<std::string> audit_hash(Connection& connection, std::int64_t sequence) {
    THIMBLE_TRY(
        const auto rows,
        connection.query("SELECT hash FROM audit WHERE sequence = :sequence", {sequence}));
    return rows.empty() ? std::string() : text_at(rows.front(), 0);
}

Result<std::vector<AuditEntry>> audit_entries(
    Connection& connection, std::int64_t after, std::int64_t limit) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT sequence, at, actor, action, subject, before_json, after_json, reason, "
            "previous_hash, hash FROM audit WHERE sequence > :after ORDER BY sequence LIMIT :limit",
            {after, limit}));
    std::vector<AuditEntry> entries;
    entries.reserve(rows.size());
    std::ranges::transform(rows, std::back_inserter(entries), entry_of);
    return entries;
}

Result<void> for_each_audit_entry(
    Connection& connection, const std::function<Result<void>(const AuditEntry&)>& take) {
    return for_each_behind(connection, std::numeric_limits<std::int64_t>::min(), take);
}

Result<AuditVerifier> verify_audit(Connection& connection) {
    AuditVerifier verifier;
    const auto add = [&](const AuditEntry& entry) {
        return verifier.add(entry);
    };
    THIMBLE_TRY(for_each_audit_entry(connection, add));
    for (;;) {
        THIMBLE_TRY(
            const auto head,
            connection.query("SELECT sequence, hash FROM audit_head WHERE id = 1"));
        if (!head.empty() && number_at(head.front(), 0) == verifier.entries()
            && text_at(head.front(), 1) == verifier.head()) {
            return verifier;
        }
        // A server that runs has appended meanwhile, or they are missing.
        const std::int64_t before = verifier.entries();
        if (!head.empty() && number_at(head.front(), 0) > before) {
            THIMBLE_TRY(for_each_behind(connection, before, add));
        }
        if (verifier.entries() == before) {
            return failure(
                ErrorKind::Corrupt,
                "store.broken_chain",
                "the audit log does not end where its head says: entries were cut off");
        }
    }
}

}  // namespace thimble::store
