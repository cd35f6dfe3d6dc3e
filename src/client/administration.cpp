#include "thimble/client/administration.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/fleet_page.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/model/host_tags.hpp"

#include <array>
#include <span>
#include <utility>

namespace thimble::client {
namespace {

void write_tags(JsonWriter& json, JsonKey name, const std::vector<std::string>& tags) {
    if (!tags.empty()) {
        json.member(name, std::span<const std::string>(tags));
    }
}

Result<std::string> user_id(const FleetContext& context, const std::string& name) {
    THIMBLE_TRY(const auto users, all_items(context, {"users", filter_of("name", name)}));
    if (users.empty()) {
        return failure(
            ErrorKind::NotFound,
            "client.no_user",
            "the server knows nobody of the name " + name + ": thimble users");
    }
    return member_text(users.front(), "id").value_or("");
}

/// A token by the list that it is in.
struct FoundToken {
    std::string list;
    std::string id;
    std::string name;
};

Result<std::vector<FoundToken>> tokens_with(const FleetContext& context, const std::string& id) {
    static constexpr std::array kLists{"enrolment-tokens", "api-tokens"};
    std::vector<FoundToken> found;
    for (const char* list : kLists) {
        const auto items =
            all_items(context, {list, filter_of("id.prefix", id) + "&revoked_at=null"});
        if (!items && items.error().kind == ErrorKind::Denied) {
            continue;  // who may not see it cannot mean one of it
        }
        if (!items) {
            return items.error();
        }
        for (const JsonValue& item : *items) {
            found.push_back(
                {list,
                 member_text(item, "id").value_or(""),
                 member_text(item, "name").value_or("")});
        }
    }
    return found;
}

}  // namespace

Result<void> remove_host(
    const FleetContext& context, const std::string& host_id, const std::string& why) {
    THIMBLE_TRY(call_api(
        context,
        {"DELETE",
         "/api/v1/hosts/" + encoded(host_id) + (why.empty() ? "" : "?why=" + encoded(why))}));
    return {};
}

Result<void> change_host(
    const FleetContext& context, const std::string& host_id, const HostWish& wish) {
    std::string body;
    JsonWriter json(body);
    json.open_object().member_or_null("group", wish.group);
    write_tags(json, "add_tags", wish.add_tags);
    write_tags(json, "remove_tags", wish.remove_tags);
    json.member_or_null("why", wish.why).close_object();
    THIMBLE_TRY(call_api(context, {"PATCH", "/api/v1/hosts/" + encoded(host_id), std::move(body)}));
    return {};
}

Result<HostWish> parse_tag_words(const std::vector<std::string>& words) {
    HostWish wish;
    for (const std::string& word : words) {
        const bool is_signed = word.starts_with('+') || word.starts_with('-');
        const std::string tag = is_signed ? word.substr(1) : word;
        THIMBLE_TRY(model::check_tag(tag));
        (word.starts_with('-') ? wish.remove_tags : wish.add_tags).push_back(tag);
    }
    return wish;
}

Result<void> change_user(
    const FleetContext& context, const std::string& name, const UserWish& wish) {
    THIMBLE_TRY(const std::string id, user_id(context, name));
    std::string body;
    JsonWriter json(body);
    json.open_object().member_or_null("role", wish.role);
    if (!wish.disabled.empty()) {
        json.key("disabled").boolean(wish.disabled == "true");
    }
    json.member_or_null("why", wish.why).close_object();
    THIMBLE_TRY(call_api(context, {"PATCH", "/api/v1/users/" + encoded(id), std::move(body)}));
    return {};
}

Result<std::string> link_for_user(const FleetContext& context, const std::string& name) {
    THIMBLE_TRY(const std::string id, user_id(context, name));
    THIMBLE_TRY(
        const std::string made,
        call_api(context, {"POST", "/api/v1/users/" + encoded(id) + "/links"}));
    return parse_answer_member(made, "link");
}

Result<std::string> revoke_token(const FleetContext& context, const std::string& id) {
    THIMBLE_TRY(const auto found, tokens_with(context, id));
    if (found.empty() || id.empty()) {
        return failure(
            ErrorKind::NotFound,
            "client.no_token",
            "the server has no token " + id + " that is not revoked: thimble tokens list");
    }
    if (found.size() > 1) {
        return failure(
            ErrorKind::Invalid,
            "client.many_tokens",
            std::to_string(found.size()) + " tokens begin with " + id + ": say more of its id");
    }
    const FoundToken& token = found.front();
    THIMBLE_TRY(call_api(context, {"DELETE", "/api/v1/" + token.list + "/" + encoded(token.id)}));
    return token.name;
}

Result<void> log_out(const FleetContext& context) {
    THIMBLE_TRY(call_api(context, {"DELETE", "/api/v1/session"}));
    return {};
}

}  // namespace thimble::client
