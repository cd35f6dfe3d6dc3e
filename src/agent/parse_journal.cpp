#include "thimble/agent/report_journal.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/protocol/signing.hpp"

namespace thimble::agent {
namespace {

constexpr std::size_t kChecksumBytes = 16;

Error bad_journal(std::string message) {
    return failure(
        ErrorKind::Corrupt, "agent.bad_journal", "the journal of reports: " + std::move(message));
}

std::string checksum_of(std::string_view text) {
    return sha256_of(text).substr(0, kChecksumBytes);
}

/// A line without its newline.
Result<protocol::Report> parse_line(std::string_view line) {
    if (line.size() <= kChecksumBytes || line[kChecksumBytes] != ' '
        || checksum_of(line.substr(kChecksumBytes + 1)) != line.substr(0, kChecksumBytes)) {
        return bad_journal("a line does not fit its checksum");
    }
    return protocol::parse_report(line.substr(kChecksumBytes + 1));
}

}  // namespace

std::string format_journal_line(const protocol::Report& report) {
    const std::string text = protocol::format_report(report);
    return checksum_of(text) + " " + text + "\n";
}

Result<ParsedJournal> parse_journal(std::string_view bytes) {
    ParsedJournal journal;
    if (bytes.size() > kMaxJournalBytes) {
        return bad_journal("it is too long");
    }
    while (journal.good_bytes < bytes.size()) {
        const std::string_view rest = bytes.substr(journal.good_bytes);
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) {
            break;
        }
        auto report = parse_line(rest.substr(0, end));
        if (!report) {
            if (end + 1 == rest.size()) {
                break;
            }
            return bad_journal(report.error().text());
        }
        if (!journal.reports.empty() && report->sequence != journal.reports.back().sequence + 1) {
            return bad_journal("a report is missing");
        }
        journal.reports.push_back(*std::move(report));
        journal.good_bytes += end + 1;
    }
    return journal;
}

}  // namespace thimble::agent
