#pragma once
/// @file Whole lists of a server, page by page.

#include "thimble/base/json_members.hpp"
#include "thimble/client/fleet_context.hpp"
#include "thimble/client/fleet_page.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::client {

/// A list and which of its items: "hosts", "&name=web1".
struct ListWish {
    std::string list;
    std::string filter = {};  // NOLINT(readability-redundant-member-init): left out by most
};

/// `&COLUMN=VALUE` with the value encoded for an address.
std::string filter_of(std::string_view column, std::string_view value);

/// Asks for page after page until one says that it is the last.
/// @param read  is given each, and gives the cursor of the next one; empty: it was the last
/// @error as ApiConnection::ask; Corrupt "client.odd_answer" of a list without end; those of `read`
Result<void> each_page(
    const FleetContext& context,
    const ListWish& wish,
    const std::function<Result<std::string>(const std::string&)>& read);

/// @error as ApiConnection::ask; Corrupt "client.odd_answer"
Result<std::vector<ListedHost>> all_hosts(const FleetContext& context, const ListWish& wish);
/// Of `patches` or `fleet-patches`. @error likewise
Result<std::vector<ListedPatch>> all_patches(const FleetContext& context, const ListWish& wish);

/// Of any list, as the server gave them. @error likewise
Result<std::vector<JsonValue>> all_items(const FleetContext& context, const ListWish& wish);

/// How people are told of the items of a list.
struct ItemNoun {
    std::string_view list;
    std::string_view one;   ///< "exception"
    std::string_view next;  ///< the command that lists them
};
/// The item whose id is `wanted`, or the only one whose id begins so.
/// @error NotFound "client.no_item", Invalid "client.many_items", with the command that lists them; as all_items
Result<JsonValue> item_named(
    const FleetContext& context, const ItemNoun& noun, const std::string& wanted);

}  // namespace thimble::client
