#include "thimble/apply/run_journal.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"

namespace thimble::apply {
namespace {

constexpr std::size_t kChecksumDigits = 16;
constexpr std::size_t kMaxEntries = 10'000;

Error bad_journal(std::size_t line) {
    return failure(
        ErrorKind::Corrupt,
        "apply.bad_journal",
        "line " + std::to_string(line) + " of the journal is damaged");
}

Result<JournalEntry> read_entry(std::string_view line) {
    if (line.size() <= kChecksumDigits || line[kChecksumDigits] != ' '
        || sha256_of(line.substr(kChecksumDigits + 1)).substr(0, kChecksumDigits)
            != line.substr(0, kChecksumDigits)) {
        return failure(ErrorKind::Corrupt, "apply.bad_journal", "the checksum differs");
    }
    THIMBLE_TRY(const JsonValue document, parse_json(line.substr(kChecksumDigits + 1)));
    JsonMembers members(document);
    const auto phase = run_phase_named(members.text("phase"));
    if (!phase) {
        members.reject("phase");
    }
    JournalEntry entry{
        .phase = phase.value_or(RunPhase::Begun),
        .at = {},
        .word = members.text("word"),
        .detail = members.text("detail")};
    THIMBLE_TRY(entry.at, parse_instant(members.text("at")));
    THIMBLE_TRY(members.done());
    return entry;
}

}  // namespace

std::string format_journal_entry(const JournalEntry& entry) {
    std::string body;
    JsonWriter json(body);
    json.open_object();
    json.member("phase", run_phase_name(entry.phase)).member("at", format_instant(entry.at));
    json.member("word", entry.word).member("detail", entry.detail).close_object();
    return sha256_of(body).substr(0, kChecksumDigits) + " " + body + "\n";
}

Result<JournalContent> parse_journal(std::string_view text) {
    JournalContent content;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = text.find('\n');
        const bool is_last = end == std::string_view::npos || end + 1 == text.size();
        auto entry = read_entry(text.substr(0, end));
        if (end == std::string_view::npos || (!entry && is_last)) {
            content.torn = true;
            return content;
        }
        if (!entry || content.entries.size() >= kMaxEntries) {
            return bad_journal(line);
        }
        content.entries.push_back(*std::move(entry));
        text.remove_prefix(end + 1);
    }
    return content;
}

}  // namespace thimble::apply
