#include "thimble/agent/report_journal.hpp"

#include "thimble/agent/state_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace thimble::agent {
namespace {

using host::Descriptor;

constexpr std::size_t kTrimAtBytes = std::size_t{256} << 10;
constexpr unsigned kPrivateFile = 0600;
constexpr std::string_view kProgress = "job.progress";

Error cannot_write(const std::filesystem::path& path, int error_number) {
    Error error = host::system_error(error_number, path.string());
    error.code = "agent.cannot_write";
    return error;
}

Result<Descriptor> open_file(const std::filesystem::path& path, int flags) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is declared so
    Descriptor file(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kPrivateFile));
    if (file.number() < 0) {
        return cannot_write(path, errno);
    }
    return file;
}

}  // namespace

Result<ReportJournal> ReportJournal::open(const std::filesystem::path& file) {
    ReportJournal journal;
    journal.path_ = file;
    // A file of its own: the journal itself is replaced when it is trimmed.
    THIMBLE_TRY(journal.lock_, open_file(file.string() + ".lock", O_RDWR | O_CREAT));
    if (::flock(journal.lock_.number(), LOCK_EX | LOCK_NB) != 0) {
        return failure(
            ErrorKind::Conflict, "agent.runs_already", "another agent runs on this state");
    }
    THIMBLE_TRY(journal.file_, open_file(file, O_RDWR | O_CREAT | O_APPEND));
    THIMBLE_TRY(const std::string bytes, read_state_file(file, kMaxJournalBytes));
    THIMBLE_TRY(ParsedJournal parsed, parse_journal(bytes));
    if (parsed.good_bytes < bytes.size()
        && ::ftruncate(journal.file_.number(), static_cast<off_t>(parsed.good_bytes)) != 0) {
        return cannot_write(file, errno);
    }
    journal.reports_ = std::move(parsed.reports);
    journal.bytes_ = parsed.good_bytes;
    return journal;
}

Result<void> ReportJournal::append(std::span<const Entry> entries) {
    std::string lines;
    std::vector<protocol::Report> fresh;
    const bool is_crowded = bytes_ > kMaxProgressBytes;
    for (const Entry& entry : entries) {
        if (is_crowded && entry.kind == kProgress) {
            continue;
        }
        fresh.push_back(
            {.sequence = last() + fresh.size() + 1,
             .kind = entry.kind,
             .content = entry.content.substr(0, protocol::kMaxReportBytes)});
        lines += format_journal_line(fresh.back());
    }
    if (bytes_ + lines.size() > kMaxJournalBytes) {
        return failure(
            ErrorKind::Unavailable,
            "agent.journal_full",
            "the journal of reports is full; the server has not taken any for too long");
    }
    // One write: a line that is torn by a crash takes those after it along, and none before it.
    if (::write(file_.number(), lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())
        || ::fsync(file_.number()) != 0) {
        const Error error = cannot_write(path_, errno);
        // What is left of the line is cut off here, or at the next start.
        return ::ftruncate(file_.number(), static_cast<off_t>(bytes_)) == 0
            ? error
            : cannot_write(path_, errno);
    }
    bytes_ += lines.size();
    std::ranges::move(fresh, std::back_inserter(reports_));
    return {};
}

std::vector<protocol::Report> ReportJournal::after(std::uint64_t sequence) const {
    std::vector<protocol::Report> chosen;
    std::size_t bytes = 0;
    for (const protocol::Report& report : reports_) {
        if (report.sequence <= sequence) {
            continue;
        }
        bytes += report.content.size();
        if (chosen.size() == protocol::kMaxReports || bytes > protocol::kMaxReportsBytes) {
            break;
        }
        chosen.push_back(report);
    }
    return chosen;
}

Result<void> ReportJournal::trim(std::uint64_t reported) {
    if (bytes_ < kTrimAtBytes || reports_.size() < 2 || reported <= reports_.front().sequence) {
        return {};
    }
    std::vector<protocol::Report> kept;
    std::string lines;
    for (const protocol::Report& report : reports_) {
        if (report.sequence > reported || report.sequence == last()) {
            kept.push_back(report);
            lines += format_journal_line(report);
        }
    }
    THIMBLE_TRY(write_state_file(path_, lines));
    THIMBLE_TRY(file_, open_file(path_, O_RDWR | O_APPEND));
    reports_ = std::move(kept);
    bytes_ = lines.size();
    return {};
}

}  // namespace thimble::agent
