#pragma once
/// @file The journal of a run: one line an entry, on disk before what it announces is done.

#include "thimble/apply/run_steps.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {

/// One entry. Format: docs/formats/run.md.
struct JournalEntry {
    RunPhase phase = RunPhase::Begun;
    Instant at;
    std::string word;    ///< short and stable: an ending, a result
    std::string detail;  ///< text, or a JSON document of its own
    bool operator==(const JournalEntry&) const = default;
};

/// The line of an entry, with its checksum and its newline.
std::string format_journal_entry(const JournalEntry& entry);

struct JournalContent {
    std::vector<JournalEntry> entries;
    bool torn = false;  ///< the last line was not finished: the process was killed while it wrote
};

/// @error Corrupt "apply.bad_journal": a line other than the last is damaged
Result<JournalContent> parse_journal(std::string_view text);

/// Appends to the journal of one run. Each entry is synced to the disk before `append` returns.
class RunJournal {
public:
    /// Opens the file, or makes it. A torn last line is cut off.
    /// @error Denied, Unavailable "apply.journal_unwritable"; Corrupt "apply.bad_journal"
    static Result<RunJournal> open(const std::string& path);

    RunJournal(RunJournal&& other) noexcept;
    RunJournal& operator=(RunJournal&& other) noexcept;
    RunJournal(const RunJournal&) = delete;
    RunJournal& operator=(const RunJournal&) = delete;
    ~RunJournal();

    Result<void> append(JournalEntry entry);
    [[nodiscard]] const std::vector<JournalEntry>& entries() const { return entries_; }

private:
    RunJournal(int descriptor, std::string path, std::vector<JournalEntry> entries);

    int descriptor_;
    std::string path_;
    std::vector<JournalEntry> entries_;
};

}  // namespace thimble::apply
