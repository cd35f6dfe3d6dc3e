#include "thimble/report/openvex.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/report/content_digest.hpp"
#include "thimble/report/finding_words.hpp"
#include "thimble/report/percent_encoding.hpp"
#include "thimble/report/scan_report.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace thimble::report {
namespace {

using model::FindingStatus;

constexpr std::string_view kContext = "https://openvex.dev/ns/v0.2.0";

/// Name of the vulnerability in statements about packages that nothing is known of.
constexpr std::string_view kAnyVulnerability = "thimble:any";

std::string_view vex_status(FindingStatus status) {
    switch (status) {
        case FindingStatus::AffectedFixAvailable:
        case FindingStatus::AffectedNoFix:
        case FindingStatus::AffectedFixNotInMyRepos:
        case FindingStatus::FixedInstalledNotRunning: return "affected";
        case FindingStatus::Fixed: return "fixed";
        case FindingStatus::NotAffected: return "not_affected";
        case FindingStatus::UnderInvestigation:
        case FindingStatus::Unknown: return "under_investigation";
    }
    return "under_investigation";
}

/// Justifications for not_affected. A reason that is not here proves nothing about the code, so its
/// sentence becomes the impact statement instead.
struct Justification {
    std::string_view reason;
    std::string_view justification;
};
constexpr std::array kJustifications{
    Justification{"for_another_build", "vulnerable_code_not_present"},
    Justification{"outside_ranges", "vulnerable_code_not_present"},
};

std::string_view justification_of(std::string_view reason) {
    const auto* row = std::ranges::find_if(
        kJustifications, [reason](const Justification& known) { return known.reason == reason; });
    return row == kJustifications.end() ? std::string_view{} : row->justification;
}

/// Findings of one vulnerability that differ in the package alone.
struct Statement {
    std::size_t first = 0;  // index of a finding that stands for all
    std::set<std::string> products;
};

class OpenVexWriter {
public:
    explicit OpenVexWriter(const ScanReport& report) : report_(report) { gather(); }

    std::string write(std::string_view author) {
        std::string out;
        JsonWriter json(out);
        json.open_object().member("@context", kContext);
        json.member("@id", "urn:uuid:" + std::string(kUnnamedUuid));
        json.member("author", author.empty() ? "Thimble" : author);
        json.member("role", "Patch management");
        json.member("timestamp", format_instant(report_.now)).key("version").number(1);
        json.member("tooling", "Thimble").key("statements").open_array();
        for (const auto& [key, statement] : statements_) {
            write_statement(json, statement);
        }
        if (statements_.empty()) {
            write_nothing_found(json);
        }
        json.close_array().close_object();
        name_document(out, report_.inventory.host);
        return out;
    }

private:
    using Key = std::tuple<
        std::string_view,
        FindingStatus,
        std::string_view,
        std::string_view,
        std::string_view,
        std::string_view>;

    void gather() {
        for (std::size_t i = 0; i < report_.assessment.findings.size(); ++i) {
            const FindingParts parts = parts_of(report_, i);
            const Key key{
                parts.facts.id,
                parts.finding.status,
                parts.finding.reason,
                parts.package.source_name,
                parts.finding.fixed_version,
                parts.finding.called_unimportant_by};
            Statement& statement = statements_.try_emplace(key, Statement{i, {}}).first->second;
            statement.products.insert(package_purl(report_.inventory, parts.package));
        }
    }

    void write_statement(JsonWriter& json, const Statement& statement) const {
        const FindingParts parts = parts_of(report_, statement.first);
        json.open_object();
        write_vulnerability(json, parts.facts);
        json.key("products").open_array();
        for (const std::string& purl : statement.products) {
            json.open_object().member("@id", purl);
            json.key("identifiers").open_object().member("purl", purl).close_object();
            json.close_object();
        }
        json.close_array().member("status", vex_status(parts.finding.status));
        write_explanation(json, parts);
        json.close_object();
    }

    static void write_vulnerability(JsonWriter& json, const model::VulnerabilityFacts& facts) {
        json.key("vulnerability").open_object();
        if (facts.id.empty()) {
            json.member("name", kAnyVulnerability);
            json.member("description", "Any vulnerability: the packages could not be judged");
        } else {
            json.member("@id", vulnerability_page(facts.id).url).member("name", facts.id);
            if (!facts.summary.empty()) {
                json.member("description", facts.summary);
            }
        }
        json.close_object();
    }

    static void write_explanation(JsonWriter& json, const FindingParts& parts) {
        const std::string& reason = parts.finding.reason;
        switch (parts.finding.status) {
            case FindingStatus::AffectedFixAvailable:
            case FindingStatus::AffectedNoFix:
            case FindingStatus::AffectedFixNotInMyRepos:
            case FindingStatus::FixedInstalledNotRunning:
                json.member(
                    "status_notes",
                    with_unimportant(
                        parts, std::string(finding_status_name(parts.finding.status))));
                json.member("action_statement", action_sentence(parts));
                return;
            case FindingStatus::Fixed:
                if (!parts.finding.fixed_version.empty()) {
                    json.member("status_notes", "fixed in " + parts.finding.fixed_version);
                }
                return;
            case FindingStatus::NotAffected: write_not_affected(json, reason); return;
            case FindingStatus::UnderInvestigation:
                json.member(
                    "status_notes",
                    with_unimportant(parts, "the vendor has not yet determined it"));
                return;
            case FindingStatus::Unknown:
                json.member(
                    "status_notes",
                    with_unimportant(parts, "could not be judged: " + reason_sentence(reason)));
                return;
        }
    }

    static std::string with_unimportant(const FindingParts& parts, const std::string& notes) {
        const std::string word = unimportant_sentence(parts);
        return word.empty() ? notes : notes + "; " + word;
    }

    static void write_not_affected(JsonWriter& json, std::string_view reason) {
        if (const std::string_view known = justification_of(reason); !known.empty()) {
            json.member("justification", known);
        }
        json.member("impact_statement", reason.empty() ? "not affected" : reason_sentence(reason));
    }

    /// A document needs a statement (the schema's minItems), and "nothing found" is not "not affected".
    void write_nothing_found(JsonWriter& json) const {
        json.open_object().key("vulnerability").open_object();
        json.member("name", kAnyVulnerability).close_object();
        json.key("products").open_array().open_object();
        json.member("@id", "urn:thimble:host:" + percent_encoded(report_.inventory.host));
        json.close_object().close_array().member("status", "under_investigation");
        json.member(
            "status_notes",
            "no finding among " + counted(report_.inventory.packages.size(), "package")
                + "; this does not rule out vulnerabilities that no advisory names");
        json.close_object();
    }

    const ScanReport& report_;
    std::map<Key, Statement> statements_;
};

}  // namespace

std::string scan_openvex(const ScanReport& report, std::string_view author) {
    return OpenVexWriter(report).write(author);
}

}  // namespace thimble::report
