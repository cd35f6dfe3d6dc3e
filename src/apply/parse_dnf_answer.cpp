#include "thimble/apply/dnf_answer.hpp"
#include "thimble/apply/run_steps.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"

namespace thimble::apply {

std::string format_dnf_steps(std::span<const model::PlannedStep> steps) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("steps").open_array();
    for (const model::PlannedStep& step : steps) {
        json.open_object()
            .member("change", model::planned_change_name(step.change))
            .member("name", step.name)
            .member("architecture", step.architecture)
            .member_or_null("from_version", step.from_version)
            .member_or_null("to_version", step.to_version)
            .member_or_null("file_name", step.archive ? step.archive->file_name : std::string())
            .key("automatic")
            .boolean(step.automatic)
            .close_object();
    }
    json.close_array().close_object();
    return text;
}

Result<TransactionReport> parse_dnf_ending(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    TransactionReport report;
    const auto ending = transaction_ending_named(members.text("ending"));
    report.detail = members.text("detail");
    report.failed_package = members.text("failed_package");
    if (!ending) {
        members.reject("ending");
    }
    THIMBLE_TRY(members.done());
    report.ending = ending.value_or(TransactionEnding::Failed);
    return report;
}

Result<bool> parse_dnf_history(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    const bool unfinished = members.boolean("unfinished");
    THIMBLE_TRY(members.done());
    return unfinished;
}

}  // namespace thimble::apply
