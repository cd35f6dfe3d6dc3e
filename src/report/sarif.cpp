#include "thimble/report/sarif.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/decision.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/vulnerability.hpp"
#include "thimble/report/content_digest.hpp"
#include "thimble/report/finding_words.hpp"
#include "thimble/report/scan_report.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::report {
namespace {

using model::FindingStatus;
using model::SsvcOutcome;

constexpr std::string_view kSchema = "https://json.schemastore.org/sarif-2.1.0.json";
constexpr std::string_view kUnjudgedRule = "thimble/unjudged";

std::string_view level_of(SsvcOutcome outcome) {
    switch (outcome) {
        case SsvcOutcome::Immediate:
        case SsvcOutcome::OutOfCycle: return "error";
        case SsvcOutcome::Scheduled: return "warning";
        case SsvcOutcome::Defer: return "note";
    }
    return "warning";
}

/// SARIF 3.27.9: "open" is "insufficient information to decide"; its level must be "none".
bool is_undecided(FindingStatus status) {
    return status == FindingStatus::Unknown || status == FindingStatus::UnderInvestigation;
}

/// Where each package manager keeps its records, below the root directory.
struct PackageRecords {
    std::string_view type;
    std::string_view path;
};
constexpr std::array kPackageRecords{
    PackageRecords{"apk", "lib/apk/db/installed"},
    PackageRecords{"deb", "var/lib/dpkg/status"},
    PackageRecords{"rpm", "var/lib/rpm"},
};

std::string_view records_of(std::string_view type) {
    const auto* row = std::ranges::find_if(
        kPackageRecords, [type](const PackageRecords& records) { return records.type == type; });
    return row == kPackageRecords.end() ? std::string_view{} : row->path;
}

void write_message(JsonWriter& json, JsonKey name, std::string_view text) {
    json.key(name).open_object().member("text", text).close_object();
}

class SarifWriter {
public:
    SarifWriter(const ScanReport& report, std::string& out) : report_(report), json_(out) {
        const std::vector<model::Finding>& findings = report.assessment.findings;
        for (std::size_t i = 0; i < findings.size(); ++i) {
            if (model::is_open(findings[i].status)) {
                open_.push_back(i);
                rule_numbers_.emplace(findings[i].vulnerability, 0);
            }
        }
        std::int64_t next = 0;
        for (auto& [vulnerability, number] : rule_numbers_) {
            number = next++;
        }
    }

    void write() {
        json_.open_object().member("$schema", kSchema).member("version", "2.1.0");
        json_.key("runs").open_array().open_object();
        write_tool();
        write_invocation();
        json_.key("automationDetails").open_object();
        json_.member("id", "thimble/" + report_.inventory.host + "/").close_object();
        json_.key("originalUriBaseIds").open_object().key("ROOT").open_object();
        json_.member("uri", "file:///").close_object().close_object();
        json_.member("columnKind", "utf16CodeUnits");
        json_.key("results").open_array();
        for (const std::size_t index : open_) {
            write_result(parts_of(report_, index));
        }
        json_.close_array().close_object().close_array().close_object();
    }

private:
    void write_tool() {
        json_.key("tool").open_object().key("driver").open_object().member("name", "Thimble");
        json_.key("rules").open_array();
        for (const auto& [vulnerability, number] : rule_numbers_) {
            write_rule(report_.assessment.vulnerabilities[vulnerability]);
        }
        json_.close_array().close_object().close_object();
    }

    void write_rule(const model::VulnerabilityFacts& facts) {
        if (facts.id.empty()) {
            json_.open_object().member("id", kUnjudgedRule).member("name", "Unjudged");
            write_message(json_, "shortDescription", "Packages that could not be judged");
            write_message(
                json_,
                "help",
                "Nothing is known of these packages, neither good nor bad. The message of each "
                "result "
                "says why.");
            json_.close_object();
            return;
        }
        json_.open_object().member("id", facts.id);
        write_message(json_, "shortDescription", facts.summary.empty() ? facts.id : facts.summary);
        write_message(json_, "fullDescription", facts.summary.empty() ? facts.id : facts.summary);
        json_.member("helpUri", vulnerability_page(facts.id).url);
        write_message(json_, "help", help_text(facts));
        write_rule_properties(facts);
        json_.close_object();
    }

    static std::string help_text(const model::VulnerabilityFacts& facts) {
        std::string help = facts.id + (facts.summary.empty() ? "." : ": " + facts.summary);
        if (facts.kev) {
            help += "\nExploited: in CISA's catalog since " + format_date(facts.kev->added)
                + (facts.kev->ransomware ? ", also by ransomware." : ".");
        }
        for (const model::ExploitEvidence& exploit : facts.exploits) {
            help += "\nPublic exploit: " + exploit.source + " " + exploit.reference;
        }
        return help + "\nMore: " + vulnerability_page(facts.id).url;
    }

    void write_rule_properties(const model::VulnerabilityFacts& facts) {
        json_.key("properties").open_object();
        json_.key("tags").open_array().text("security").text("vulnerability");
        if (facts.kev) {
            json_.text("kev");
        }
        if (!facts.exploits.empty()) {
            json_.text("public-exploit");
        }
        json_.close_array();
        if (facts.cvss.version != 0) {
            json_.member("security-severity", score_text(facts.cvss.score_tenths));
        }
        json_.close_object();
    }

    void write_invocation() {
        json_.key("invocations").open_array().open_object();
        json_.key("executionSuccessful").boolean(true);
        json_.member("endTimeUtc", format_instant(report_.now));
        json_.key("toolExecutionNotifications").open_array();
        for (const model::Gap& gap : report_.assessment.gaps) {
            json_.open_object().member("level", "warning");
            write_message(
                json_,
                "message",
                gap.next.empty() ? gap.detail : gap.detail + " (next: " + gap.next + ")");
            json_.key("descriptor").open_object().member("id", gap.code).close_object();
            json_.close_object();
        }
        json_.close_array().close_object().close_array();
    }

    void write_result(const FindingParts& parts) {
        const std::string_view rule =
            parts.facts.id.empty() ? kUnjudgedRule : std::string_view(parts.facts.id);
        const bool undecided = is_undecided(parts.finding.status);
        json_.open_object().member("ruleId", rule);
        json_.key("ruleIndex").number(rule_numbers_.at(parts.finding.vulnerability));
        json_.member("kind", undecided ? "open" : "fail");
        json_.member("level", undecided ? "none" : level_of(parts.decision.outcome));
        write_message(
            json_, "message", finding_sentence(parts) + ". " + action_sentence(parts) + ".");
        write_location(parts.package);
        json_.key("partialFingerprints").open_object();
        json_.member("thimbleFinding/v1", fingerprint(rule, parts.package)).close_object();
        write_result_properties(parts);
        json_.close_object();
    }

    /// Without versions: an update that does not fix the finding leaves it the same finding.
    [[nodiscard]] std::string fingerprint(
        std::string_view rule, const model::InstalledPackage& package) const {
        return ContentDigest()
            .add(report_.inventory.host)
            .add(rule)
            .add(package.type)
            .add(package.name)
            .add(package.architecture)
            .hex();
    }

    void write_location(const model::InstalledPackage& package) {
        json_.key("locations").open_array().open_object();
        if (const std::string_view path = records_of(package.type); !path.empty()) {
            json_.key("physicalLocation").open_object().key("artifactLocation").open_object();
            json_.member("uri", path).member("uriBaseId", "ROOT").close_object().close_object();
        }
        json_.key("logicalLocations").open_array().open_object();
        json_.member("name", package.name);
        json_.member("fullyQualifiedName", package_purl(report_.inventory, package));
        json_.member("kind", "package").close_object().close_array();
        json_.close_object().close_array();
    }

    void write_result_properties(const FindingParts& parts) {
        json_.key("properties").open_object();
        json_.member("status", finding_status_name(parts.finding.status));
        json_.member_or_null("reason", parts.finding.reason);
        json_.member_or_null("fixedVersion", parts.finding.fixed_version);
        json_.member_or_null("calledUnimportantBy", parts.finding.called_unimportant_by);
        json_.member("outcome", ssvc_outcome_name(parts.decision.outcome));
        json_.member_or_null("due", parts.due.due ? format_date(*parts.due.due) : "");
        json_.member("rule", parts.due.rule);
        json_.close_object();
    }

    const ScanReport& report_;
    JsonWriter json_;
    std::vector<std::size_t> open_;                       // indexes of the open findings
    std::map<std::uint32_t, std::int64_t> rule_numbers_;  // by vulnerability
};

}  // namespace

std::string scan_sarif(const ScanReport& report) {
    std::string out;
    out.reserve(4096 + report.assessment.findings.size() * 1000);
    SarifWriter(report, out).write();
    return out;
}

}  // namespace thimble::report
