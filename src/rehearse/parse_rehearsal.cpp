#include "thimble/base/error.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/result.hpp"
#include "thimble/rehearse/rehearsal.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::int64_t>::max();

Error bad(Error cause) {
    Error error = because("the rehearsal", std::move(cause));
    error.kind = ErrorKind::Corrupt;
    error.code = "rehearse.bad_rehearsal";
    return error;
}

CheckVerdict verdict_of(JsonMembers& members) {
    const std::string name = members.text("verdict");
    for (const CheckVerdict verdict :
         {CheckVerdict::Pass, CheckVerdict::Warn, CheckVerdict::Fail}) {
        if (name == check_verdict_name(verdict)) {
            return verdict;
        }
    }
    members.reject("verdict");
    return CheckVerdict::Fail;
}

Result<Check> read_check(const JsonValue& value) {
    JsonMembers members(value);
    Check check;
    check.name = members.text("name");
    check.verdict = verdict_of(members);
    check.summary = members.text("summary");
    check.before = members.text_or_null("before");
    check.after = members.text_or_null("after");
    check.evidence = members.texts("evidence");
    THIMBLE_TRY(members.done());
    return check;
}

Result<Phase> read_phase(const JsonValue& value) {
    JsonMembers members(value);
    Phase phase;
    phase.name = members.text("name");
    phase.duration = std::chrono::milliseconds(
        static_cast<std::int64_t>(std::min(members.count("milliseconds"), kMaxNumber)));
    THIMBLE_TRY(members.done());
    return phase;
}

Result<std::optional<std::vector<apply::KeptFile>>> read_configuration(JsonMembers& members) {
    std::optional<std::vector<apply::KeptFile>> configuration;
    if (!members.is_null("configuration")) {
        std::string text;
        JsonWriter json(text);
        write_json(json, members.member("configuration"));
        THIMBLE_TRY(configuration, apply::parse_configuration(text));
    }
    return configuration;
}

Result<Rehearsal> read_rehearsal(const JsonValue& document) {
    JsonMembers members(document);
    Rehearsal rehearsal;
    rehearsal.plan_digest = members.text("plan_digest");
    rehearsal.host_state = members.text("host_state");
    const auto rehearsed_at = parse_instant(members.text("rehearsed_at"));
    if (rehearsed_at) {
        rehearsal.rehearsed_at = *rehearsed_at;
    } else {
        members.reject("rehearsed_at");
    }
    rehearsal.clone = members.text("clone");
    rehearsal.verdict = verdict_of(members);
    THIMBLE_TRY(rehearsal.checks, read_items<Check>(members.array("checks"), read_check));
    THIMBLE_TRY(rehearsal.phases, read_items<Phase>(members.array("phases"), read_phase));
    rehearsal.clone_bytes = std::min(members.count("clone_bytes"), kMaxNumber);
    rehearsal.left_out = members.texts("left_out");
    // Earlier versions had neither.
    THIMBLE_TRY(rehearsal.configuration, read_configuration(members));
    rehearsal.process_limit =
        members.is_null("process_limit") ? std::string() : members.text("process_limit");
    rehearsal.output = members.text_or_null("output");
    // A document that calls itself better than its checks was altered.
    if (rehearsal.verdict < worst_of(rehearsal.checks)) {
        members.reject("verdict");
    }
    THIMBLE_TRY(members.done());
    return rehearsal;
}

}  // namespace

Result<Rehearsal> parse_rehearsal(std::string_view text) {
    auto document = parse_json(text);
    if (!document) {
        return bad(std::move(document).error());
    }
    JsonMembers members(*document);
    const std::string format = members.text("format");
    if (auto done = members.done(); !done) {
        return bad(std::move(done).error());
    }
    if (format != "thimble.rehearsal/1") {
        return failure(
            ErrorKind::Unsupported,
            "rehearse.rehearsal_format",
            "the rehearsal is of another version of Thimble");
    }
    auto rehearsal = read_rehearsal(*document);
    if (!rehearsal) {
        return bad(std::move(rehearsal).error());
    }
    return rehearsal;
}

}  // namespace thimble::rehearse
