#include "thimble/report/cyclonedx.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/cvss.hpp"
#include "thimble/model/decision.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/report/content_digest.hpp"
#include "thimble/report/finding_words.hpp"
#include "thimble/report/scan_report.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace thimble::report {
namespace {

using model::FindingStatus;

constexpr std::string_view kHostReference = "host";

std::string_view analysis_state(FindingStatus status) {
    switch (status) {
        case FindingStatus::AffectedFixAvailable:
        case FindingStatus::AffectedNoFix:
        case FindingStatus::AffectedFixNotInMyRepos:
        case FindingStatus::FixedInstalledNotRunning: return "exploitable";
        case FindingStatus::Fixed: return "resolved";
        case FindingStatus::NotAffected: return "not_affected";
        case FindingStatus::UnderInvestigation:
        case FindingStatus::Unknown: return "in_triage";
    }
    return "in_triage";
}

std::string_view version_status(FindingStatus status) {
    switch (status) {
        case FindingStatus::AffectedFixAvailable:
        case FindingStatus::AffectedNoFix:
        case FindingStatus::AffectedFixNotInMyRepos:
        case FindingStatus::FixedInstalledNotRunning: return "affected";
        case FindingStatus::Fixed:
        case FindingStatus::NotAffected: return "unaffected";
        case FindingStatus::UnderInvestigation:
        case FindingStatus::Unknown: return "unknown";
    }
    return "unknown";
}

/// What the vendor does about it; empty: not known.
std::string_view vendor_response(const model::Finding& finding) {
    if (finding.status == FindingStatus::AffectedNoFix) {
        const bool never = finding.reason == "will_not_fix" || finding.reason == "end_of_life";
        return never ? "will_not_fix" : "";
    }
    const bool has_fix = finding.status == FindingStatus::AffectedFixAvailable
        || finding.status == FindingStatus::AffectedFixNotInMyRepos
        || finding.status == FindingStatus::FixedInstalledNotRunning;
    return has_fix ? "update" : "";
}

struct Justification {
    std::string_view reason;
    std::string_view justification;
};
constexpr std::array kJustifications{
    Justification{"for_another_build", "code_not_present"},
    Justification{"outside_ranges", "code_not_present"},
};

struct CvssMethod {
    std::uint8_t version;
    std::string_view method;
};
constexpr std::array kCvssMethods{
    CvssMethod{20, "CVSSv2"},
    CvssMethod{30, "CVSSv3"},
    CvssMethod{31, "CVSSv31"},
    CvssMethod{40, "CVSSv4"},
};

std::string_view cvss_method(std::uint8_t version) {
    const auto* row = std::ranges::find_if(
        kCvssMethods, [version](const CvssMethod& known) { return known.version == version; });
    return row == kCvssMethods.end() ? "other" : row->method;
}

std::string_view severity_word(model::Severity severity) {
    switch (severity) {
        case model::Severity::Unknown: return "unknown";
        case model::Severity::None: return "none";
        case model::Severity::Low: return "low";
        case model::Severity::Medium: return "medium";
        case model::Severity::High: return "high";
        case model::Severity::Critical: return "critical";
    }
    return "unknown";
}

/// The schema's limit for a version.
constexpr std::size_t kLongestVersion = 1024;

std::string_view version_text(std::string_view version) {
    return version.substr(0, kLongestVersion);
}

class Properties {
public:
    explicit Properties(JsonWriter& json) : json_(json) { json_.key("properties").open_array(); }
    Properties& add(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            json_.open_object().member("name", name).member("value", value).close_object();
        }
        return *this;
    }
    void close() { json_.close_array(); }

private:
    JsonWriter& json_;
};

class CycloneDxWriter {
public:
    CycloneDxWriter(const ScanReport& report, std::string& out) : report_(report), json_(out) {
        name_components();
        gather();
    }

    void write() {
        json_.open_object().member("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
        json_.member("bomFormat", "CycloneDX").member("specVersion", "1.6");
        json_.member("serialNumber", "urn:uuid:" + std::string(kUnnamedUuid));
        json_.key("version").number(1);
        write_metadata();
        json_.key("components").open_array();
        write_operating_system();
        for (std::size_t i = 0; i < report_.inventory.packages.size(); ++i) {
            write_component(i);
        }
        json_.close_array().key("vulnerabilities").open_array();
        for (const auto& [key, findings] : entries_) {
            write_vulnerability(findings);
        }
        json_.close_array();
        write_gaps();
        json_.close_object();
    }

private:
    /// Findings with one id and one verdict become one entry.
    using Key = std::tuple<
        std::string_view,
        FindingStatus,
        std::string_view,
        std::string_view,
        std::string_view,
        std::string_view>;

    /// A reference is the package URL; packages that share one get their place in the list as well.
    void name_components() {
        std::set<std::string> taken{std::string(kHostReference)};
        for (const model::InstalledPackage& package : report_.inventory.packages) {
            std::string reference = package_purl(report_.inventory, package);
            if (!taken.insert(reference).second) {
                reference += "#" + std::to_string(references_.size());
                taken.insert(reference);
            }
            references_.push_back(std::move(reference));
        }
        unjudged_.resize(references_.size());
    }

    void gather() {
        for (std::size_t i = 0; i < report_.assessment.findings.size(); ++i) {
            const FindingParts parts = parts_of(report_, i);
            if (parts.facts.id.empty()) {
                unjudged_[parts.finding.package] = parts.finding.reason;
                continue;
            }
            entries_[{parts.facts.id,
                      parts.finding.status,
                      parts.finding.reason,
                      parts.package.source_name,
                      parts.finding.fixed_version,
                      parts.finding.called_unimportant_by}]
                .push_back(i);
        }
    }

    void write_metadata() {
        const model::Inventory& inventory = report_.inventory;
        json_.key("metadata").open_object().member("timestamp", format_instant(report_.now));
        json_.key("lifecycles").open_array().open_object().member("phase", "operations");
        json_.close_object().close_array();
        json_.key("tools").open_object().key("components").open_array().open_object();
        json_.member("type", "application").member("name", "Thimble");
        json_.close_object().close_array().close_object();
        json_.key("component").open_object().member("type", "device");
        json_.member("bom-ref", kHostReference).member("name", inventory.host);
        Properties(json_)
            .add("thimble:architecture", inventory.architecture)
            .add("thimble:running_kernel", inventory.kernel.running_release)
            .add("thimble:taken_at", format_instant(inventory.taken_at))
            .close();
        json_.close_object().close_object();
    }

    void write_operating_system() {
        const model::OsRelease& os = report_.inventory.os;
        if (os.id.empty()) {
            return;
        }
        json_.open_object().member("type", "operating-system").member("name", os.id);
        if (!os.version_id.empty()) {
            json_.member("version", version_text(os.version_id));
        }
        if (!os.pretty_name.empty()) {
            json_.member("description", os.pretty_name);
        }
        json_.close_object();
    }

    void write_component(std::size_t index) {
        const model::InstalledPackage& package = report_.inventory.packages[index];
        json_.open_object().member("type", "library").member("bom-ref", references_[index]);
        json_.member("name", package.name).member("version", version_text(package.version));
        json_.member("purl", package_purl(report_.inventory, package));
        Properties(json_)
            .add("thimble:source", package.source_name)
            .add("thimble:source_version", package.source_version)
            .add("thimble:unjudged", unjudged_[index])
            .close();
        json_.close_object();
    }

    void write_vulnerability(const std::vector<std::size_t>& findings) {
        const FindingParts parts = parts_of(report_, findings.front());
        const VulnerabilityPage page = vulnerability_page(parts.facts.id);
        json_.open_object().member("id", parts.facts.id);
        json_.key("source").open_object().member("name", page.publisher).member("url", page.url);
        json_.close_object();
        write_ratings(parts.facts);
        if (!parts.facts.summary.empty()) {
            json_.member("description", parts.facts.summary);
        }
        if (model::is_open(parts.finding.status)) {
            json_.member("recommendation", action_sentence(parts));
        }
        if (parts.facts.published) {
            json_.member("published", format_instant(*parts.facts.published));
        }
        write_analysis(parts);
        write_affects(findings);
        write_properties(parts);
        json_.close_object();
    }

    void write_ratings(const model::VulnerabilityFacts& facts) {
        json_.key("ratings").open_array();
        for (const std::string& vector : facts.cvss_vectors) {
            if (const auto cvss = model::parse_cvss(vector)) {
                write_rating(*cvss, vector);
            }
        }
        if (facts.cvss_vectors.empty() && facts.cvss != model::Cvss{}) {
            write_rating(facts.cvss, "");
        }
        json_.close_array();
    }

    void write_rating(const model::Cvss& cvss, std::string_view vector) {
        json_.open_object();
        if (cvss.version != 0) {
            json_.key("score").real(static_cast<double>(cvss.score_tenths) / 10, 1);
        }
        json_.member("severity", severity_word(cvss.severity));
        json_.member("method", cvss_method(cvss.version));
        if (!vector.empty()) {
            json_.member("vector", vector);
        }
        json_.close_object();
    }

    void write_analysis(const FindingParts& parts) {
        const model::Finding& finding = parts.finding;
        json_.key("analysis").open_object().member("state", analysis_state(finding.status));
        for (const Justification& known : kJustifications) {
            if (finding.status == FindingStatus::NotAffected && known.reason == finding.reason) {
                json_.member("justification", known.justification);
            }
        }
        if (const std::string_view response = vendor_response(finding); !response.empty()) {
            json_.key("response").open_array().text(response).close_array();
        }
        json_.member("detail", finding_sentence(parts)).close_object();
    }

    void write_affects(const std::vector<std::size_t>& findings) {
        std::set<std::uint32_t> written;
        json_.key("affects").open_array();
        for (const std::size_t index : findings) {
            const FindingParts parts = parts_of(report_, index);
            if (!written.insert(parts.finding.package).second) {
                continue;
            }
            json_.open_object().member("ref", references_[parts.finding.package]);
            json_.key("versions").open_array().open_object();
            json_.member("version", version_text(parts.package.version));
            json_.member("status", version_status(parts.finding.status));
            json_.close_object().close_array().close_object();
        }
        json_.close_array();
    }

    void write_properties(const FindingParts& parts) {
        const model::VulnerabilityFacts& facts = parts.facts;
        Properties(json_)
            .add("thimble:status", finding_status_name(parts.finding.status))
            .add("thimble:reason", parts.finding.reason)
            .add("thimble:fixed_version", parts.finding.fixed_version)
            .add("thimble:called_unimportant_by", parts.finding.called_unimportant_by)
            .add("thimble:outcome", ssvc_outcome_name(parts.decision.outcome))
            .add("thimble:due", parts.due.due ? format_date(*parts.due.due) : "")
            .add("thimble:rule", parts.due.rule)
            .add("thimble:kev_added", facts.kev ? format_date(facts.kev->added) : "")
            .add("thimble:public_exploit", facts.exploits.empty() ? "" : facts.exploits[0].source)
            .add("thimble:epss", facts.epss ? probability_text(*facts.epss) : "")
            .close();
    }

    void write_gaps() {
        Properties properties(json_);
        for (const model::Gap& gap : report_.assessment.gaps) {
            properties.add("thimble:gap:" + gap.code, gap.detail);
        }
        properties.close();
    }

    const ScanReport& report_;
    JsonWriter json_;
    std::vector<std::string> references_;              // by package
    std::vector<std::string_view> unjudged_;           // by package: the reason
    std::map<Key, std::vector<std::size_t>> entries_;  // indexes of findings
};

}  // namespace

std::string scan_cyclonedx(const ScanReport& report) {
    std::string out;
    CycloneDxWriter(report, out).write();
    name_document(out, report.inventory.host);
    return out;
}

}  // namespace thimble::report
