#include "thimble/cli/explain_json.hpp"

#include "thimble/assess/records.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/cli/next_steps.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/gap_json.hpp"
#include "thimble/prioritize/alternatives.hpp"
#include "thimble/prioritize/exposure.hpp"
#include "thimble/report/finding_words.hpp"
#include "thimble/report/scan_json.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

void write_date(JsonWriter& json, JsonKey name, const std::optional<Instant>& date) {
    json.member_or_null(name, date ? format_date(*date) : std::string());
}

void write_facts(JsonWriter& json, const model::VulnerabilityFacts& facts) {
    json.open_object().member("id", facts.id).key("cvss");
    if (facts.cvss.version == 0) {
        json.null();
    } else {
        json.open_object();
        json.key("version").real(facts.cvss.version / 10.0, 1);
        json.key("score").real(facts.cvss.score_tenths / 10.0, 1);
        json.member("severity", severity_name(facts.cvss.severity));
        json.member("vectors", facts.cvss_vectors).close_object();
    }
    json.key("kev");
    if (facts.kev) {
        json.open_object().member("added", format_date(facts.kev->added));
        json.key("ransomware").boolean(facts.kev->ransomware).close_object();
    } else {
        json.null();
    }
    json.key("epss");
    if (facts.epss) {
        json.open_object().key("score").real(facts.epss->score_millionths / 1e6, 6);
        json.member("as_of", format_date(facts.epss->scored)).close_object();
    } else {
        json.null();
    }
    json.key("exploits").open_array();
    for (const model::ExploitEvidence& exploit : facts.exploits) {
        json.open_object().member("source", exploit.source);
        json.member("reference", exploit.reference).close_object();
    }
    json.close_array().key("rejected").boolean(facts.rejected).close_object();
}

/// Writes the explanation of one scan.
class ExplainWriter {
public:
    ExplainWriter(const Scan& scan, const ScanOptions& options, const Explained& found)
        : scan_(scan),
          options_(options),
          found_(found),
          report_(report_of(scan)),
          exposures_(scan.inventory, options.policy.exposure),
          json_(text_) {}

    std::string write() {
        json_.open_object().member("format", "thimble.explain/1");
        json_.member("subject", found_.subject).member("host", scan_.inventory.host);
        json_.member("taken_at", format_instant(scan_.inventory.taken_at));
        write_vulnerabilities();
        write_patches();
        write_updates();
        json_.key("findings").open_array();
        for (const std::size_t index : found_.findings) {
            write_finding(index);
        }
        json_.close_array().key("gaps");
        std::vector<model::Gap> gaps = scan_.assessment.gaps;
        if (found_.not_known) {
            gaps.push_back(*found_.not_known);
        }
        model::write_gaps(json_, gaps);
        json_.close_object();
        return text_;
    }

private:
    void write_vulnerabilities() {
        json_.key("vulnerabilities").open_array();
        std::set<std::uint32_t> written{0};  // which is none in particular
        for (const std::size_t index : found_.findings) {
            const std::uint32_t one = scan_.assessment.findings[index].vulnerability;
            if (written.insert(one).second) {
                write_facts(json_, scan_.assessment.vulnerabilities[one]);
            }
        }
        if (found_.facts) {
            write_facts(json_, *found_.facts);
        }
        json_.close_array();
    }

    void write_patches() {
        json_.key("patches").open_array();
        for (const std::size_t index : found_.patches) {
            const model::Patch& patch = scan_.work.patches[index];
            json_.open_object().key("patch").written(report::patch_json(report_, index));
            json_.key("vulnerabilities_known").boolean(model::vulnerabilities_known(patch));
            json_.member("lift", lifts(patch));
            json_.member_or_null("install", install_step(patch, scan_.inventory, options_));
            json_.close_object();
        }
        json_.close_array();
    }

    void write_updates() {
        json_.key("updates").open_array();
        for (const model::Patch& update : found_.updates) {
            json_.open_object().member("source", update.source);
            json_.member("from", update.from_version).member("to", update.to_version);
            json_.key("blockers").open_array();
            for (const model::Blocker& blocker : update.blockers) {
                json_.open_object().member("kind", model::blocker_name(blocker.kind));
                json_.member("detail", blocker.detail).close_object();
            }
            json_.close_array().member("lift", lifts(update));
            json_.member_or_null("install", install_step(update, scan_.inventory, options_));
            json_.close_object();
        }
        json_.close_array();
    }

    [[nodiscard]] std::vector<std::string> lifts(const model::Patch& patch) const {
        std::vector<std::string> words;
        for (LiftingStep& step : lifting_steps(patch, scan_.inventory, options_)) {
            words.push_back(std::move(step.words));
        }
        return words;
    }

    void write_finding(std::size_t index) {
        const report::FindingParts parts = report::parts_of(report_, index);
        const bool is_open = model::is_open(parts.finding.status);
        json_.open_object().key("finding").written(report::finding_json(report_, index));
        json_.member_or_null("exposure", exposures_.of(parts.package.source_name).detail);
        write_records(parts);
        json_.key("alternatives").open_array();
        if (is_open && parts.finding.vulnerability != 0) {
            write_alternatives(parts);
        }
        json_.close_array();
        json_.member_or_null("next", is_open ? report::action_sentence(parts) : std::string());
        json_.close_object();
    }

    /// Null where they cannot be told.
    void write_records(const report::FindingParts& parts) {
        json_.key("records");
        const auto notes = scan_.catalog
            ? assess::records_about(
                  *scan_.catalog, scan_.inventory.os, parts.package, parts.facts.id)
            : Result<std::vector<assess::RecordNote>>{std::vector<assess::RecordNote>()};
        if (!scan_.catalog || !notes) {
            json_.null();
            return;
        }
        json_.open_array();
        for (const assess::RecordNote& note : *notes) {
            json_.open_object().member("feed", note.feed).member("record", note.record);
            write_date(json_, "as_of", note.as_of);
            json_.member("claim", note.claim).member("standing", note.standing);
            json_.key("unimportant").boolean(note.unimportant).close_object();
        }
        json_.close_array();
    }

    void write_alternatives(const report::FindingParts& parts) {
        const bool fix = parts.finding.status != model::FindingStatus::AffectedNoFix;
        for (const prioritize::Alternative& one : prioritize::alternatives(
                 parts.facts, exposures_.of(parts.package.source_name), options_.policy, fix)) {
            json_.open_object().member("change", one.change);
            json_.member("outcome", ssvc_outcome_name(one.decision.outcome)).key("within_days");
            if (one.decision.deadline) {
                json_.number(one.decision.deadline->count());
            } else {
                json_.null();
            }
            json_.key("collect_evidence_first").boolean(one.decision.forensic).close_object();
        }
    }

    const Scan& scan_;
    const ScanOptions& options_;
    const Explained& found_;
    report::ScanReport report_;
    prioritize::ExposureMap exposures_;
    std::string text_;
    JsonWriter json_;
};

}  // namespace

std::string explain_json(const Scan& scan, const ScanOptions& options, const Explained& found) {
    return ExplainWriter(scan, options, found).write();
}

}  // namespace thimble::cli
