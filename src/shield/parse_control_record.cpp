#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/mitigate/control.hpp"
#include "thimble/shield/control_record.hpp"

#include <algorithm>
#include <array>

namespace thimble::shield {
namespace {

constexpr auto kPhases = std::to_array<std::string_view>({"deploying", "deployed", "removing"});

Result<FormerState> read_former(const JsonValue& value) {
    JsonMembers members(value);
    FormerState former{members.text("what"), members.text("value")};
    THIMBLE_TRY(members.done());
    return former;
}

}  // namespace

std::string_view control_phase_name(ControlPhase phase) {
    return kPhases.at(static_cast<std::size_t>(phase));
}

std::string former(const ControlRecord& record, std::string_view what) {
    const auto found = std::ranges::find(record.before, what, &FormerState::what);
    return found == record.before.end() ? std::string() : found->value;
}

std::string format_control_record(const ControlRecord& record) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.control-record/1")
        .member("id", record.id)
        .member("digest", record.digest)
        .member("phase", control_phase_name(record.phase))
        .member("at", format_instant(record.at))
        .member("document", record.document)
        .member_or_null("previous", record.previous)
        .member_or_null("in_force", record.in_force);
    json.key("before").open_array();
    for (const FormerState& former : record.before) {
        json.open_object().member("what", former.what).member("value", former.value);
        json.close_object();
    }
    json.close_array().close_object();
    return text;
}

Result<ControlRecord> parse_control_record(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    if (members.text("format") != "thimble.control-record/1") {
        members.reject("format");
    }
    ControlRecord record;
    record.id = members.text("id");
    record.digest = members.text("digest");
    const auto* const phase = std::ranges::find(kPhases, members.text("phase"));
    record.document = members.text("document");
    record.previous = members.text_or_null("previous");
    record.in_force = members.text_or_null("in_force");
    THIMBLE_TRY(record.before, read_items<FormerState>(members.array("before"), read_former));
    const std::string at = members.text("at");
    if (phase == kPhases.end()) {
        members.reject("phase");
    } else {
        record.phase = static_cast<ControlPhase>(phase - kPhases.begin());
    }
    if (!mitigate::is_control_id(record.id)) {
        members.reject("id");
    }
    if (!is_sha256(record.digest)) {
        members.reject("digest");
    }
    THIMBLE_TRY(members.done());
    THIMBLE_TRY(record.at, parse_instant(at));
    return record;
}

}  // namespace thimble::shield
