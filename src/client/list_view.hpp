#pragma once
/// @file Lists of a server as tables and JSON: one entry of a table a list, nothing else. Pure.

#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/client/fleet_coverage.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::client {

/// What a column holds, and what of it is shown.
enum class CellKind : std::uint8_t {
    Whole,  ///< a name or a version: all of it
    Id,     ///< as much as tells it from the others
    Prose,  ///< words for people: cut to the width
    List,   ///< comma separated items: those that fit, each whole
    Count,  ///< a number; "?" where the server does not know it
};

/// A column that is shown.
struct ViewColumn {
    std::string_view member;  ///< of the item
    std::string_view heading;
    std::size_t width = 0;  ///< at least
    CellKind kind = CellKind::Whole;
};

/// How one list is shown. As long as names and versions are short, an item is a line of 80 columns; else it has further ones.
struct ListView {
    std::string_view list;  ///< also the member of the JSON
    std::string_view command;
    std::string_view what;   ///< one sentence for the help
    std::string_view empty;  ///< what is said of no items
    std::span<const ViewColumn> columns;
    bool has_host = false;  ///< its items are of one host each
    /// Where the host is said; empty: `columns`.
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns where it is left out
    std::span<const ViewColumn> columns_of_host = {};
};

/// In the order of their names.
std::span<const ListView> list_views();
const ListView* list_view_named(std::string_view list);

/// A page as the server gives it.
struct ItemPage {
    std::vector<JsonValue> items;
    std::string next_cursor;  ///< empty: the last one
};

/// @error Corrupt "client.odd_answer"
Result<ItemPage> parse_item_page(std::string_view text);

/// What an item says; none for null, empty or a member that is not there.
std::optional<std::string> member_text(const JsonValue& item, std::string_view member);

/// Likewise a number; 0: it says none.
std::int64_t member_number(const JsonValue& item, std::string_view member);

std::string view_table(const ListView& view, std::span<const JsonValue> items);

/// {"format":"thimble.<list>/1","<list>":[…]}, the items as the server gave them.
/// @param coverage  of a list over hosts: then also "unknown_hosts" and "unread_changelogs"
std::string view_json(
    std::string_view list,
    std::span<const JsonValue> items,
    const std::optional<FleetCoverage>& coverage = std::nullopt);

}  // namespace thimble::client
