#include "thimble/store/servers.hpp"

#include "thimble/store/columns.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace thimble::store {
namespace {

using Kind = ServerNews::Kind;

constexpr std::array<std::pair<Kind, std::string_view>, 5> kKinds{{
    {Kind::Host, "host"},
    {Kind::Inventory, "inventory"},
    {Kind::Document, "document"},
    {Kind::Job, "job"},
    {Kind::Halt, "halt"},
}};

std::string name_of(Kind kind) {
    const auto* found = std::ranges::find(kKinds, kind, &std::pair<Kind, std::string_view>::first);
    THIMBLE_CHECK(found != kKinds.end());
    return std::string(found->second);
}

Result<Kind> kind_named(const std::string& name) {
    const auto* found = std::ranges::find(kKinds, name, &std::pair<Kind, std::string_view>::second);
    if (found == kKinds.end()) {
        return failure(
            ErrorKind::Unsupported,
            "store.unknown_change",
            "another server tells of \"" + name + "\": bring all servers to one version");
    }
    return found->first;
}

/// Whole seconds since 1970 as text, which both databases give; as the statement itself runs, not when its
/// transaction began.
const char* clock_of(const Connection& connection) {
    return connection.kind() == DatabaseAddress::Kind::Postgresql
        ? "CAST(CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp())) AS BIGINT) AS TEXT)"
        : "strftime('%s', 'now')";
}

Instant instant_of(const std::string& text) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    THIMBLE_CHECK(error == std::errc() && end == text.data() + text.size());
    return Instant(std::chrono::seconds(seconds));
}

}  // namespace

Result<void> add_server_changes(
    Connection& connection, const std::string& server, std::span<const ServerNews> news) {
    if (news.empty()) {
        return {};
    }
    THIMBLE_TRY(
        const auto head, connection.query("SELECT number FROM server_change_head WHERE id = 1"));
    if (head.empty()) {
        return failure(ErrorKind::Corrupt, "store.no_head", "the changes have no head");
    }
    std::int64_t number = number_at(head.front(), 0);
    for (const ServerNews& one : news) {
        THIMBLE_TRY(connection.execute(
            "INSERT INTO server_change (number, server, kind, subject) VALUES (:number, :server, "
            ":kind, :subject)",
            {++number, server, name_of(one.kind), one.subject}));
    }
    THIMBLE_TRY(connection.execute(
        "UPDATE server_change_head SET number = :number WHERE id = 1", {number}));
    return {};
}

Result<std::vector<ServerChange>> server_changes(
    Connection& connection, std::int64_t after, std::int64_t until) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT number, server, kind, subject FROM server_change WHERE number > :after AND "
            "number <= :until ORDER BY number",
            {after, until}));
    std::vector<ServerChange> changes;
    changes.reserve(rows.size());
    for (const Row& row : rows) {
        THIMBLE_TRY(const Kind kind, kind_named(text_at(row, 2)));
        changes.push_back({number_at(row, 0), text_at(row, 1), {kind, text_at(row, 3)}});
    }
    return changes;
}

Result<void> forget_server_changes(Connection& connection, std::int64_t kept) {
    THIMBLE_TRY(connection.execute(
        "DELETE FROM server_change WHERE number <= (SELECT number FROM server_change_head WHERE id "
        "= 1) - :kept",
        {kept}));
    return {};
}

Result<ServersState> servers_state(Connection& connection) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT c.number, a.sequence, l.holder, l.address, l.until_at, ")
            + clock_of(connection)
            + " FROM server_change_head c, audit_head a, server_leader l WHERE c.id = 1 AND a.id = "
              "1 AND l.id = 1"));
    if (rows.empty()) {
        return failure(ErrorKind::Corrupt, "store.no_head", "the changes have no head");
    }
    const Row& row = rows.front();
    return ServersState{
        number_at(row, 0),
        number_at(row, 1),
        {text_at(row, 2), text_at(row, 3), instant_at(row, 4)},
        instant_of(text_at(row, 5))};
}

Result<void> set_server_lead(Connection& connection, const ServerLead& lead) {
    THIMBLE_TRY(connection.execute(
        "UPDATE server_leader SET holder = :holder, address = :address, until_at = :until WHERE id "
        "= 1",
        {lead.holder, lead.address, seconds_of(lead.until)}));
    return {};
}

}  // namespace thimble::store
