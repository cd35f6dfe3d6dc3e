#include "thimble/client/halt.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/client/api_call.hpp"

namespace thimble::client {

Result<HaltStatus> parse_halt(std::string_view text) {
    const auto document = parse_json(text);
    if (!document) {
        return failure(ErrorKind::Corrupt, "client.odd_answer", "the server's answer is not JSON");
    }
    JsonMembers members(*document);
    HaltStatus halt{
        members.boolean("halted"),
        members.text_or_null("since"),
        members.text_or_null("by"),
        members.text_or_null("why")};
    if (!members.done()) {
        return failure(
            ErrorKind::Corrupt, "client.odd_answer", "the server's answer is not as documented");
    }
    return halt;
}

Result<HaltStatus> read_halt(const FleetContext& context) {
    THIMBLE_TRY(const std::string body, call_api(context, {"GET", "/api/v1/halt"}));
    return parse_halt(body);
}

Result<void> set_halt(const FleetContext& context, const std::string& why) {
    if (why.empty()) {
        THIMBLE_TRY(call_api(context, {"DELETE", "/api/v1/halt"}));
        return {};
    }
    std::string body;
    JsonWriter(body).open_object().member("why", why).close_object();
    THIMBLE_TRY(call_api(context, {"PUT", "/api/v1/halt", std::move(body)}));
    return {};
}

std::string halt_line(const HaltStatus& halt) {
    if (!halt.halted) {
        return {};
    }
    std::string line = "Everything is halted";
    line += halt.since.empty() ? "" : " since " + halt.since;
    line += halt.by.empty() ? "" : " by " + halt.by;
    line += halt.why.empty() ? "" : ": " + halt.why;
    return printable(line + "; no host begins a change (thimble halt end)", 8192);
}

std::string halt_json(const HaltStatus& halt) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.halt/1");
    json.key("halted").boolean(halt.halted);
    json.member_or_null("since", halt.since).member_or_null("by", halt.by);
    json.member_or_null("why", halt.why).close_object();
    return text;
}

}  // namespace thimble::client
