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

}  // namespace thimble::apply
