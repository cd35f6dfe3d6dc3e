#include "thimble/client/fleet_lists.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/client/api_connection.hpp"
#include "thimble/client/list_view.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace thimble::client {
namespace {

constexpr int kPageItems = 1000;
constexpr std::size_t kMostPages = 1000;  // a million hosts; a server that never ends is none

template <class Item>
Result<std::vector<Item>> all_of(
    const FleetContext& context,
    const ListWish& wish,
    Result<ListPage<Item>> (*parse)(std::string_view)) {
    std::vector<Item> items;
    THIMBLE_TRY(each_page(context, wish, [&](const std::string& body) -> Result<std::string> {
        THIMBLE_TRY(ListPage<Item> page, parse(body));
        std::move(page.items.begin(), page.items.end(), std::back_inserter(items));
        return std::move(page.next_cursor);
    }));
    return items;
}

}  // namespace

Result<void> each_page(
    const FleetContext& context,
    const ListWish& wish,
    const std::function<Result<std::string>(const std::string&)>& read) {
    ApiConnection connection = ApiConnection::open(context.url, context.authority);
    std::string cursor;
    for (std::size_t page = 0; page < kMostPages; ++page) {
        THIMBLE_TRY(
            const std::string body,
            connection.ask(
                {"GET",
                 fmt::format("/api/v1/{}?limit={}{}", wish.list, kPageItems, wish.filter)
                     + (cursor.empty() ? "" : filter_of("cursor", cursor)),
                 "",
                 {"Authorization: Bearer " + context.token}}));
        THIMBLE_TRY(cursor, read(body));
        if (cursor.empty()) {
            return {};
        }
    }
    return failure(ErrorKind::Corrupt, "client.odd_answer", "the list of the server has no end");
}

std::string filter_of(std::string_view column, std::string_view value) {
    return fmt::format("&{}={}", encoded(column), encoded(value));
}

Result<std::vector<ListedHost>> all_hosts(const FleetContext& context, const ListWish& wish) {
    return all_of<ListedHost>(context, wish, parse_host_page);
}

Result<std::vector<ListedPatch>> all_patches(const FleetContext& context, const ListWish& wish) {
    return all_of<ListedPatch>(
        context, wish, wish.list == "patches" ? parse_patch_page : parse_fleet_patch_page);
}

Result<std::vector<JsonValue>> all_items(const FleetContext& context, const ListWish& wish) {
    std::vector<JsonValue> items;
    THIMBLE_TRY(each_page(context, wish, [&](const std::string& body) -> Result<std::string> {
        THIMBLE_TRY(ItemPage page, parse_item_page(body));
        std::move(page.items.begin(), page.items.end(), std::back_inserter(items));
        return std::move(page.next_cursor);
    }));
    return items;
}

Result<JsonValue> item_named(
    const FleetContext& context, const ItemNoun& noun, const std::string& wanted) {
    THIMBLE_TRY(auto items, all_items(context, {std::string(noun.list)}));
    std::erase_if(items, [&](const JsonValue& item) {
        return wanted.empty() || !member_text(item, "id").value_or("").starts_with(wanted);
    });
    if (items.size() == 1) {
        return std::move(items.front());
    }
    std::string what = items.empty() ? "the server knows no " : "more than one ";
    what.append(noun.one).append(items.empty() ? " " : " begins with ");
    what.append(printable(wanted)).append(": ").append(noun.next);
    return failure(
        items.empty() ? ErrorKind::NotFound : ErrorKind::Invalid,
        items.empty() ? "client.no_item" : "client.many_items",
        std::move(what));
}

}  // namespace thimble::client
