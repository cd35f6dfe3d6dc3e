#pragma once
/// @file What is to be reported, on the disk before it is sent: a server that is away loses nothing.

#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/protocol/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::agent {

constexpr std::size_t kMaxJournalBytes = std::size_t{64} << 20;
/// Beyond it progress is not written any more; results still are.
constexpr std::size_t kMaxProgressBytes = std::size_t{16} << 20;

/// A report without its sequence, which the journal gives.
struct Entry {
    std::string kind;
    std::string content;
};

/// What the bytes of a journal hold.
struct ParsedJournal {
    std::vector<protocol::Report> reports;
    std::size_t good_bytes = 0;  ///< after them a torn last line begins
    bool operator==(const ParsedJournal&) const = default;
};

/// One line of a journal: checksum, blank, report, newline.
/// @source docs/formats/agent-state.md
std::string format_journal_line(const protocol::Report& report);

/// A torn last line was being written when the power went; a damaged one elsewhere is an error, as is a
/// sequence with a hole.
/// @error Corrupt "agent.bad_journal"
Result<ParsedJournal> parse_journal(std::string_view bytes);

/// The journal of one agent; one process at a time.
class ReportJournal {
public:
    /// @error Corrupt "agent.bad_journal"; Conflict "agent.runs_already"; Denied, Unavailable
    static Result<ReportJournal> open(const std::filesystem::path& file);

    /// Writes entries in one go, and syncs; all of them are there after a crash, or none.
    /// @error Unavailable "agent.journal_full", "agent.cannot_write"
    Result<void> append(std::span<const Entry> entries);

    /// Reports after `sequence`, oldest first, as many as one message takes.
    [[nodiscard]] std::vector<protocol::Report> after(std::uint64_t sequence) const;

    /// Drops what the server has, once the file has grown. The last report stays: it tells the sequence.
    Result<void> trim(std::uint64_t reported);

    [[nodiscard]] std::uint64_t last() const {
        return reports_.empty() ? 0 : reports_.back().sequence;
    }
    [[nodiscard]] const std::vector<protocol::Report>& reports() const { return reports_; }

private:
    std::filesystem::path path_;
    host::Descriptor lock_;
    host::Descriptor file_;
    std::vector<protocol::Report> reports_;
    std::size_t bytes_ = 0;
};

}  // namespace thimble::agent
