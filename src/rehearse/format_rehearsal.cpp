#include "thimble/base/instant.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/rehearse/rehearsal.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::rehearse {
namespace {

void write_check(JsonWriter& json, const Check& check) {
    json.open_object()
        .member("name", check.name)
        .member("verdict", check_verdict_name(check.verdict))
        .member("summary", check.summary)
        .member_or_null("before", check.before)
        .member_or_null("after", check.after);
    json.member("evidence", check.evidence);
    json.close_object();
}

}  // namespace

std::string format_rehearsal(const Rehearsal& rehearsal) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.rehearsal/1")
        .member("plan_digest", rehearsal.plan_digest)
        .member("host_state", rehearsal.host_state)
        .key("configuration");
    rehearsal.configuration ? json.written(apply::format_configuration(*rehearsal.configuration))
                            : json.null();
    json.member("rehearsed_at", format_instant(rehearsal.rehearsed_at))
        .member("clone", rehearsal.clone)
        .member("verdict", check_verdict_name(rehearsal.verdict));
    json.key("checks").open_array();
    for (const Check& check : rehearsal.checks) {
        write_check(json, check);
    }
    json.close_array().key("phases").open_array();
    for (const Phase& phase : rehearsal.phases) {
        json.open_object()
            .member("name", phase.name)
            .key("milliseconds")
            .number(phase.duration.count())
            .close_object();
    }
    json.close_array().key("clone_bytes").number(static_cast<std::int64_t>(rehearsal.clone_bytes));
    json.member("left_out", rehearsal.left_out);
    json.member_or_null("process_limit", rehearsal.process_limit);
    json.member_or_null("output", rehearsal.output).close_object();
    return text;
}

}  // namespace thimble::rehearse
