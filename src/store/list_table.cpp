#include "thimble/store/list_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace thimble::store {
namespace {

using enum ColumnType;

constexpr std::array kApiTokenColumns{
    ListColumn{"id", "t.id", Text, "Id of the token"},
    ListColumn{"name", "t.name", Text, "What it is for"},
    ListColumn{"user", "a.name", Text, "The account that it stands for"},
    ListColumn{"actions", "t.actions", Text, "Names of actions, comma separated"},
    ListColumn{"group", "t.host_group", Text, "The host group that it is limited to, or *"},
    ListColumn{"created_at", "t.created_at", Instant, "When it was made"},
    ListColumn{"expires_at", "t.expires_at", Instant, "When it ends"},
    ListColumn{"revoked_at", "t.revoked_at", Instant, "When it was revoked"},
};

constexpr std::array kAuditColumns{
    ListColumn{"sequence", "sequence", Number, "1, 2, 3 without holes"},
    ListColumn{"at", "at", Instant, "When it was done"},
    ListColumn{"actor", "actor", Text, "Who did it: user:NAME, token:ID, host:ID or server"},
    ListColumn{"action", "action", Text, "What was done, for example token.create"},
    ListColumn{"subject", "subject", Text, "The id of what it was done to"},
    ListColumn{"before", "before_json", Text, "JSON as text, or empty"},
    ListColumn{"after", "after_json", Text, "JSON as text, or empty"},
    ListColumn{"why", "reason", Text, "The reason that was given"},
    ListColumn{"previous_hash", "previous_hash", Text, "Hash of the entry before"},
    ListColumn{"hash", "hash", Text, "SHA-256 over previous_hash and this entry"},
};

constexpr std::array kEnrolmentTokenColumns{
    ListColumn{"id", "id", Text, "Id of the token"},
    ListColumn{"name", "name", Text, "What it is for"},
    ListColumn{"group", "host_group", Text, "The group that hosts enrol into"},
    ListColumn{"reusable", "reusable", Boolean, "Whether more than one host may use it"},
    ListColumn{"used", "used", Number, "How many hosts used it"},
    ListColumn{"created_by", "created_by", Text, "Who made it"},
    ListColumn{"created_at", "created_at", Instant, "When it was made"},
    ListColumn{"expires_at", "expires_at", Instant, "When it ends"},
    ListColumn{"revoked_at", "revoked_at", Instant, "When it was revoked"},
};

constexpr std::array kHostColumns{
    ListColumn{"id", "id", Text, "Id of the host, the common name of its certificate"},
    ListColumn{"name", "name", Text, "Its host name"},
    ListColumn{"group", "host_group", Text, "The group that it belongs to"},
    ListColumn{"operating_system", "operating_system", Text, "For example Debian 12"},
    ListColumn{"architecture", "architecture", Text, "For example amd64"},
    ListColumn{"agent_version", "agent_version", Text, "Version of its agent"},
    ListColumn{"boot_id", "boot_id", Text, "Changes with every boot"},
    ListColumn{"inventory_digest", "inventory_digest", Text, "SHA-256 of its inventory"},
    ListColumn{"report_sequence", "report_sequence", Number, "The last report that was taken"},
    ListColumn{
        "certificate_expires_at", "certificate_expires_at", Instant, "When it must have renewed"},
    ListColumn{"enrolled_at", "enrolled_at", Instant, "When it enrolled"},
    ListColumn{"last_seen_at", "last_seen_at", Instant, "When it last checked in, within seconds"},
    ListColumn{"revoked_at", "revoked_at", Instant, "When its certificate was revoked"},
};

constexpr std::array kDocumentColumns{
    ListColumn{"digest", "digest", Text, "SHA-256 of the expanded document"},
    ListColumn{"expanded_bytes", "expanded_bytes", Number, "Its size"},
    ListColumn{"stored_at", "stored_at", Instant, "When it first came"},
};

constexpr std::array kJobColumns{
    ListColumn{"id", "j.id", Text, "Id of the job"},
    ListColumn{"host_id", "j.host_id", Text, "The host that it is for"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"created_by", "j.created_by", Text, "Who made it"},
    ListColumn{"created_at", "j.created_at", Instant, "When it was made"},
    ListColumn{"expires_at", "j.expires_at", Instant, "When it is no longer given out"},
    ListColumn{"finished_at", "j.finished_at", Instant, "When its host reported its end"},
};

constexpr std::array kReportColumns{
    // One text as key: a report is known by its host and its number there.
    ListColumn{
        "id", "r.host_id || '.' || CAST(r.sequence AS TEXT)", Text, "Host id, a dot, sequence"},
    ListColumn{"host_id", "r.host_id", Text, "The host that reported"},
    ListColumn{"group", "h.host_group", Text, "The group of that host"},
    ListColumn{"sequence", "r.sequence", Number, "1, 2, 3 without holes, per host"},
    ListColumn{"received_at", "r.received_at", Instant, "When it came"},
    ListColumn{"kind", "r.kind", Text, "What kind of report it is"},
    ListColumn{"content", "r.content", Text, "JSON as text"},
};

constexpr std::array kUserColumns{
    ListColumn{"id", "id", Text, "Id of the account"},
    ListColumn{"name", "name", Text, "The name to sign in with"},
    ListColumn{"role", "role", Text, "viewer, operator, approver or administrator"},
    ListColumn{"created_at", "created_at", Instant, "When it was made"},
    ListColumn{"disabled_at", "disabled_at", Instant, "When it was disabled"},
};

constexpr std::array kTables{
    ListTable{
        "api-tokens",
        "api_token t JOIN account a ON a.id = t.account_id",
        kApiTokenColumns,
        false,
        "name",
        "A token with which a program uses the API"},
    ListTable{"audit", "audit", kAuditColumns, false, "sequence", "An entry of the audit log"},
    ListTable{
        "enrolment-tokens",
        "enrolment_token",
        kEnrolmentTokenColumns,
        true,
        "name",
        "A token with which hosts enrol"},
    ListTable{"hosts", "host", kHostColumns, true, "name", "A host that enrolled"},
    ListTable{
        "inventory-documents",
        "inventory_document",
        kDocumentColumns,
        false,
        "digest",
        "An inventory, kept once for all hosts that have it"},
    ListTable{
        "jobs",
        "job j JOIN host h ON h.id = j.host_id",
        kJobColumns,
        true,
        "-created_at",
        "A signed job for one host"},
    ListTable{
        "reports",
        "report r JOIN host h ON h.id = r.host_id",
        kReportColumns,
        true,
        "-received_at",
        "What an agent reported"},
    ListTable{"users", "account", kUserColumns, false, "name", "Somebody who may sign in"},
};

/// Gives every bound value a name of its own.
class Binding {
public:
    std::string bind(const Value& value) {
        values_.push_back(value);
        return fmt::format(":v{}", values_.size());
    }
    Row take() { return std::move(values_); }

private:
    Row values_;
};

std::string condition(const ListTable& table, const ListFilter& filter, Binding& binding) {
    const std::string_view expression = table.columns[filter.column].expression;
    switch (filter.comparison) {
        case Comparison::Equal:
            return fmt::format("{} = {}", expression, binding.bind(filter.value));
        case Comparison::Prefix: {
            // Not LIKE: its letters of either case and its wild cards differ by database.
            const auto length = static_cast<std::int64_t>(std::ranges::count_if(
                std::get<std::string>(filter.value),
                [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
            return fmt::format(
                "substr({}, 1, {}) = {}", expression, length, binding.bind(filter.value));
        }
        case Comparison::AtLeast:
            return fmt::format("{} >= {}", expression, binding.bind(filter.value));
        case Comparison::Below:
            return fmt::format("{} < {}", expression, binding.bind(filter.value));
    }
    return "1 = 0";
}

std::string beyond(
    const ListTable& table, const ListQuery& query, const ListPosition& after, Binding& binding) {
    const std::string_view direction = query.descending ? "<" : ">";
    const std::string_view key = table.columns.front().expression;
    if (query.sort == 0) {
        return fmt::format("{} {} {}", key, direction, binding.bind(after.key));
    }
    const std::string_view sorted = table.columns[query.sort].expression;
    const std::string further = binding.bind(after.sorted);
    const std::string same = binding.bind(after.sorted);
    return fmt::format(
        "({0} {1} {2} OR ({0} = {3} AND {4} {1} {5}))",
        sorted,
        direction,
        further,
        same,
        key,
        binding.bind(after.key));
}

}  // namespace

std::span<const ListTable> list_tables() {
    return kTables;
}

std::optional<std::size_t> column_of(const ListTable& table, std::string_view name) {
    const auto found = std::ranges::find(table.columns, name, &ListColumn::name);
    return found == table.columns.end()
        ? std::nullopt
        : std::optional(static_cast<std::size_t>(found - table.columns.begin()));
}

ListStatement plan_list(const ListTable& table, const ListQuery& query) {
    Binding binding;
    std::string text = "SELECT ";
    for (const ListColumn& column : table.columns) {
        text.append(&column == table.columns.data() ? "" : ", ").append(column.expression);
    }
    text.append(" FROM ").append(table.from);
    std::string_view join = " WHERE ";
    for (const ListFilter& filter : query.filters) {
        text.append(join).append(condition(table, filter, binding));
        join = " AND ";
    }
    if (query.after) {
        text.append(join).append(beyond(table, query, *query.after, binding));
    }
    const std::string_view direction = query.descending ? " DESC" : "";
    text.append(" ORDER BY ");
    if (query.sort != 0) {
        text.append(table.columns[query.sort].expression).append(direction).append(", ");
    }
    text.append(table.columns.front().expression).append(direction);
    text += fmt::format(" LIMIT {}", query.limit + 1);
    return {std::move(text), binding.take()};
}

}  // namespace thimble::store
