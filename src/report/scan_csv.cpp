#include "thimble/report/scan_csv.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/cvss.hpp"
#include "thimble/model/decision.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/report/finding_words.hpp"
#include "thimble/report/scan_report.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::report {
namespace {

/// What a row is made from.
struct Row {
    const ScanReport& report;
    const FindingParts& parts;
};

std::string yes_or_no(bool value) {
    return value ? "yes" : "no";
}

struct Column {
    std::string_view name;
    std::string (*cell)(const Row& row);
};

constexpr std::array kColumns{
    Column{
        "host",
        [](const Row& row) {
            return row.report.inventory.host;
        }},
    Column{
        "vulnerability",
        [](const Row& row) {
            return row.parts.facts.id;
        }},
    Column{
        "package",
        [](const Row& row) {
            return row.parts.package.name;
        }},
    Column{
        "version",
        [](const Row& row) {
            return row.parts.package.version;
        }},
    Column{
        "architecture",
        [](const Row& row) {
            return row.parts.package.architecture;
        }},
    Column{
        "source",
        [](const Row& row) {
            return row.parts.package.source_name;
        }},
    Column{
        "source_version",
        [](const Row& row) {
            return row.parts.package.source_version;
        }},
    Column{
        "purl",
        [](const Row& row) {
            return package_purl(row.report.inventory, row.parts.package);
        }},
    Column{
        "status",
        [](const Row& row) {
            return std::string(finding_status_name(row.parts.finding.status));
        }},
    Column{
        "reason",
        [](const Row& row) {
            return row.parts.finding.reason;
        }},
    Column{
        "fixed_version",
        [](const Row& row) {
            return row.parts.finding.fixed_version;
        }},
    Column{
        "outcome",
        [](const Row& row) {
            return std::string(ssvc_outcome_name(row.parts.decision.outcome));
        }},
    Column{
        "due",
        [](const Row& row) {
            return row.parts.due.due ? format_date(*row.parts.due.due) : std::string();
        }},
    Column{
        "rule",
        [](const Row& row) {
            return row.parts.due.rule;
        }},
    Column{
        "kev",
        [](const Row& row) {
            return yes_or_no(row.parts.decision.kev);
        }},
    Column{
        "exploited",
        [](const Row& row) {
            return yes_or_no(row.parts.decision.kev || row.parts.decision.exploited_elsewhere);
        }},
    Column{
        "public_exploit",
        [](const Row& row) {
            return yes_or_no(row.parts.decision.public_poc);
        }},
    Column{
        "epss",
        [](const Row& row) {
            return row.parts.facts.epss ? probability_text(*row.parts.facts.epss) : std::string();
        }},
    Column{
        "cvss",
        [](const Row& row) {
            const model::Cvss& cvss = row.parts.facts.cvss;
            return cvss.version == 0 ? std::string() : score_text(cvss.score_tenths);
        }},
    Column{
        "severity",
        [](const Row& row) {
            return std::string(severity_name(row.parts.facts.cvss.severity));
        }},
    Column{
        "called_unimportant_by",
        [](const Row& row) {
            return row.parts.finding.called_unimportant_by;
        }},
};

/// Spreadsheets hold at most this many characters in a cell.
constexpr std::size_t kMostBytes = 32'767;

/// @source OWASP, "CSV Injection"
bool is_formula(std::string_view text) {
    constexpr std::string_view kStarts = "=+-@\t\r\n";
    return !text.empty() && kStarts.contains(text.front());
}

void append_cell(std::string& out, std::string_view text) {
    const std::string shown = (is_formula(text) ? "'" : "") + printable(text, kMostBytes - 1);
    if (shown.find_first_of(",\"") == std::string::npos) {
        out += shown;
        return;
    }
    out += '"';
    for (const char c : shown) {
        out += c;
        if (c == '"') {
            out += '"';
        }
    }
    out += '"';
}

template <class CellOf>
void append_row(std::string& out, const CellOf& cell_of) {
    bool first = true;
    for (const Column& column : kColumns) {
        if (!first) {
            out += ',';
        }
        first = false;
        append_cell(out, cell_of(column));
    }
    out += "\r\n";
}

}  // namespace

std::string scan_csv(const ScanReport& report) {
    std::string out;
    append_row(out, [](const Column& column) { return std::string(column.name); });
    for (std::size_t i = 0; i < report.assessment.findings.size(); ++i) {
        if (!model::is_open(report.assessment.findings[i].status)) {
            continue;
        }
        const FindingParts parts = parts_of(report, i);
        const Row row{report, parts};
        append_row(out, [&row](const Column& column) { return column.cell(row); });
    }
    return out;
}

}  // namespace thimble::report
