#include "thimble/client/exceptions.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/client/list_view.hpp"

#include <span>
#include <utility>

namespace thimble::client {

Result<AskedException> request_exception(const FleetContext& context, const ExceptionWish& wish) {
    std::string body;
    JsonWriter json(body);
    json.open_object().member("reason", wish.reason).member("owner", wish.owner);
    json.member("until", wish.until);
    json.member_or_null("group", wish.group).member_or_null("tag", wish.tag);
    json.member("hosts", std::span<const std::string>(wish.hosts));
    json.member("packages", std::span<const std::string>(wish.packages));
    json.member("vulnerabilities", std::span<const std::string>(wish.vulnerabilities));
    json.member("controls", std::span<const std::string>(wish.controls));
    json.member("why", wish.why).close_object();
    THIMBLE_TRY(
        const std::string made, call_api(context, {"POST", "/api/v1/exceptions", std::move(body)}));
    THIMBLE_TRY(const JsonValue answer, parse_json(made));
    return AskedException{
        member_text(answer, "id").value_or(""),
        member_text(answer, "would_cover").value_or("?"),
        warnings_of(answer)};
}

Result<void> act_on_exception(const FleetContext& context, const ExceptionAnswer& answer) {
    std::string body;
    JsonWriter json(body);
    json.open_object().member("act", answer.act).member("why", answer.why);
    json.member_or_null("until", answer.until == Instant() ? "" : format_instant(answer.until));
    json.close_object();
    THIMBLE_TRY(call_api(
        context, {"POST", "/api/v1/exceptions/" + encoded(answer.id) + "/acts", std::move(body)}));
    return {};
}

Result<void> attach_to_exception(
    const FleetContext& context, const std::string& id, const std::string& text) {
    std::string body;
    JsonWriter(body).open_object().member("text", text).close_object();
    THIMBLE_TRY(call_api(
        context, {"POST", "/api/v1/exceptions/" + encoded(id) + "/evidence", std::move(body)}));
    return {};
}

}  // namespace thimble::client
