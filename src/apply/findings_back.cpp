#include "thimble/apply/plan_run.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"

namespace thimble::apply {
namespace {

Result<std::string> read_summary(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    std::string summary = members.text("summary");
    THIMBLE_TRY(members.done());
    return summary;
}

}  // namespace

std::string format_findings(const std::string& summary, const std::string& checks) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("summary", summary);
    if (!checks.empty()) {
        json.key("found").written(checks);
    }
    json.close_object();
    return text;
}

Result<std::string> parse_findings(std::string_view text) {
    auto summary = read_summary(text);
    if (!summary) {
        Error error = std::move(summary).error();
        error.code = "apply.bad_journal";
        return because("the record of the checks after the way back", std::move(error));
    }
    return summary;
}

std::string doubt_words(std::string_view looked) {
    const auto document = parse_json(looked);
    if (!document) {
        return {};
    }
    // After a way back they stand within what was found.
    const JsonValue* found = member_of(*document, "found");
    JsonMembers members(found == nullptr ? *document : *found);
    std::string names;
    std::size_t count = 0;
    for (const JsonValue& value : members.array("checks")) {
        JsonMembers check(value);
        const std::string name = check.text("name");
        // Of a probe it is the one thing to be warned of.
        if (name.starts_with("probe ") && check.text("verdict") == "warn") {
            names += (names.empty() ? "" : ", ") + name;
            ++count;
        }
    }
    if (names.empty()) {
        return names;
    }
    return names
        + (count == 1 ? " fails, as it failed before: nothing is known of it"
                      : " fail, as they failed before: nothing is known of them");
}

}  // namespace thimble::apply
