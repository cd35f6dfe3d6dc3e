#include "thimble/apply/plan_run.hpp"
#include "thimble/apply/plan_words.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"

#include <algorithm>
#include <ranges>

namespace thimble::apply {
namespace {

Result<KeptArchive> read_kept(const JsonValue& value) {
    JsonMembers members(value);
    KeptArchive kept;
    kept.obtained = members.text("obtained");
    THIMBLE_TRY(kept.step, read_step(members.member("step")));
    THIMBLE_TRY(members.done());
    return kept;
}

Result<std::vector<KeptArchive>> read_all_kept(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    THIMBLE_TRY(auto kept, read_items<KeptArchive>(members.array("kept"), read_kept));
    THIMBLE_TRY(members.done());
    return kept;
}

}  // namespace

std::string format_kept(const std::vector<KeptArchive>& kept) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("kept").open_array();
    for (const KeptArchive& archive : kept) {
        json.open_object().member("obtained", archive.obtained).key("step");
        write_step(json, archive.step);
        json.close_object();
    }
    json.close_array().close_object();
    return text;
}

Result<std::vector<KeptArchive>> parse_kept(std::string_view text) {
    auto kept = read_all_kept(text);
    if (!kept) {
        Error error = std::move(kept).error();
        error.code = "apply.bad_journal";
        return because("the record of the kept archives", std::move(error));
    }
    return kept;
}

const JournalEntry* last_entry(const std::vector<JournalEntry>& entries, RunPhase phase) {
    const auto backwards = std::views::reverse(entries);
    const auto found = std::ranges::find(backwards, phase, &JournalEntry::phase);
    return found == backwards.end() ? nullptr : &*found;
}

bool is_end_of_way_back(const std::vector<JournalEntry>& entries) {
    if (entries.empty()) {
        return false;
    }
    const RunPhase last = entries.back().phase;
    return last == RunPhase::RolledBack
        || (last == RunPhase::Repaired && last_entry(entries, RunPhase::RollingBack) != nullptr);
}

}  // namespace thimble::apply
