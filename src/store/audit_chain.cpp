#include "thimble/store/audit_chain.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"

#include <fmt/format.h>

namespace thimble::store {
namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20U;

void write_members(JsonWriter& json, const AuditEntry& entry) {
    json.key("sequence").number(entry.sequence);
    json.member("at", format_instant(entry.at));
    json.member("actor", entry.change.actor);
    json.member("action", entry.change.action);
    json.member("subject", entry.change.subject);
    json.member("before", entry.change.before);
    json.member("after", entry.change.after);
    json.member("why", entry.change.why);
}

Error broken(std::int64_t sequence, std::string_view what) {
    return failure(
        ErrorKind::Corrupt,
        "store.broken_chain",
        fmt::format("entry {} of the audit log {}", sequence, what));
}

}  // namespace

std::string canonical_json(const AuditEntry& entry) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    write_members(json, entry);
    json.close_object();
    return text;
}

std::string hash_of(const AuditEntry& entry) {
    return sha256_of(entry.previous_hash + "\n" + canonical_json(entry));
}

AuditEntry next_entry(
    std::int64_t last_sequence, std::string last_hash, AuditChange change, Instant now) {
    AuditEntry entry{last_sequence + 1, now, std::move(change), std::move(last_hash), {}};
    entry.hash = hash_of(entry);
    return entry;
}

std::string export_line(const AuditEntry& entry) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    write_members(json, entry);
    json.member("previous_hash", entry.previous_hash);
    json.member("hash", entry.hash);
    json.close_object();
    return text + "\n";
}

Result<AuditEntry> parse_audit_line(std::string_view line) {
    const auto bad = [](std::string what) {
        return failure(ErrorKind::Corrupt, "store.bad_audit_line", std::move(what));
    };
    if (line.size() > kMaxLineBytes) {
        return bad("a line of an audit export is too long");
    }
    const auto document = parse_json(line);
    if (!document) {
        return bad("a line of an audit export is not JSON");
    }
    JsonMembers members(*document);
    AuditEntry entry;
    entry.sequence = members.number("sequence");
    const auto at = parse_instant(members.text("at"));
    entry.change = AuditChange{
        members.text("actor"),
        members.text("action"),
        members.text("subject"),
        members.text("before"),
        members.text("after"),
        members.text("why")};
    entry.previous_hash = members.text("previous_hash");
    entry.hash = members.text("hash");
    if (!at || !members.done()) {
        return bad("a line of an audit export lacks a member");
    }
    entry.at = *at;
    return entry;
}

Result<void> AuditVerifier::add(const AuditEntry& entry) {
    if (entry.sequence != sequence_ + 1) {
        return broken(sequence_ + 1, "is missing");
    }
    if (entry.previous_hash != hash_) {
        return broken(entry.sequence, "does not follow the one before");
    }
    if (entry.hash != hash_of(entry)) {
        return broken(entry.sequence, "was altered");
    }
    sequence_ = entry.sequence;
    hash_ = entry.hash;
    return {};
}

}  // namespace thimble::store
