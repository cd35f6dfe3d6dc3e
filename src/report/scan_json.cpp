#include "thimble/report/scan_json.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/model/decision.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/gap_json.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"
#include "thimble/report/finding_words.hpp"
#include "thimble/report/scan_report.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::report {
namespace {

using model::Finding;
using model::Patch;

void write_instant(JsonWriter& json, JsonKey name, const std::optional<Instant>& instant) {
    json.key(name);
    if (instant) {
        json.text(format_instant(*instant));
    } else {
        json.null();
    }
}

void write_date(JsonWriter& json, JsonKey name, const std::optional<Instant>& instant) {
    if (instant) {
        json.member(name, format_date(*instant));
    } else {
        json.key(name).null();
    }
}

class ScanWriter {
public:
    ScanWriter(const ScanReport& report, const std::function<void(std::string_view piece)>& take)
        : report_(report), take_(take), json_(text_) {
        text_.reserve(kPiece + kMargin);
    }

    void write() {
        json_.open_object().member("format", "thimble.scan/1");
        write_host();
        write_instant(json_, "taken_at", report_.inventory.taken_at);
        write_catalog();
        write_summary();
        write_patches();
        write_findings();
        write_pending_restarts();
        write_listeners();
        write_gaps();
        json_.close_object();
        take_(text_);
    }

    std::string patch(std::size_t index) {
        write_patch(index);
        return std::move(text_);
    }

    std::string finding(std::size_t index) {
        write_finding(index);
        return std::move(text_);
    }

private:
    static constexpr std::size_t kPiece = std::size_t{64} << 10;
    static constexpr std::size_t kMargin = std::size_t{8} << 10;  // longer than most items

    /// Between two items of a long list.
    void hand_over_when_full() {
        if (text_.size() >= kPiece) {
            take_(text_);
            text_.clear();
        }
    }

    void write_host() {
        const model::Inventory& inventory = report_.inventory;
        json_.key("host").open_object().member("name", inventory.host);
        json_.key("os").open_object();
        json_.member_or_null("id", inventory.os.id)
            .member_or_null("version_id", inventory.os.version_id);
        json_.member_or_null("pretty_name", inventory.os.pretty_name).close_object();
        json_.member_or_null("architecture", inventory.architecture);
        json_.key("packages").number(static_cast<std::int64_t>(inventory.packages.size()));
        json_.key("kernel").open_object();
        json_.member_or_null("running", inventory.kernel.running_release);
        json_.member_or_null("newest", inventory.kernel.newest_release);
        json_.key("container").boolean(inventory.kernel.container).close_object();
        json_.key("reboot_required").boolean(inventory.reboot_required);
        json_.key("index").open_object().key("asked").boolean(inventory.index.asked);
        write_instant(json_, "refreshed_at", inventory.index.refreshed_at);
        json_.close_object().close_object();
    }

    void write_catalog() {
        json_.key("catalog");
        if (!report_.catalog_built_at) {
            json_.null();
            return;
        }
        json_.open_object();
        write_instant(json_, "built_at", report_.catalog_built_at);
        json_.key("feeds").open_array();
        for (const FeedState& feed : report_.feeds) {
            json_.open_object().member("feed", feed.feed);
            write_date(json_, "as_of", feed.as_of);
            json_.key("records").number(static_cast<std::int64_t>(feed.records));
            json_.key("quarantined").number(static_cast<std::int64_t>(feed.quarantined));
            json_.key("undated").boolean(feed.undated);
            json_.key("stale").boolean(feed.stale).close_object();
        }
        json_.close_array().close_object();
    }

    void write_summary() {
        const ScanSummary summary = summarise(report_);
        const ToldSummary told = told_summary(report_, summary);
        json_.key("summary").open_object();
        write_number("overdue", told.overdue);
        write_number("exploited", told.exploited);
        write_number("pending", told.pending);
        write_number("blocked", told.blocked);
        json_.key("unknown").number(summary.unknown);
        write_number("open_without_fix", told.open_without_fix);
        json_.key("other_updates").number(report_.work.other_updates);
        json_.key("lower_bounds").open_array();
        for (const std::string_view name : told.lower_bounds) {
            json_.text(name);
        }
        json_.close_array().close_object();
    }

    void write_number(JsonKey name, std::optional<std::uint32_t> number) {
        json_.key(name);
        if (number) {
            json_.number(*number);
        } else {
            json_.null();
        }
    }

    void write_patches() {
        json_.key("patches").open_array();
        for (std::size_t i = 0; i < report_.work.patches.size(); ++i) {
            write_patch(i);
            hand_over_when_full();
        }
        json_.close_array();
    }

    void write_patch(std::size_t index) {
        const Patch& patch = report_.work.patches[index];
        json_.open_object().key("rank").number(static_cast<std::int64_t>(index) + 1);
        json_.member("source", patch.source).member_or_null("from", patch.from_version);
        json_.member_or_null("to", patch.to_version).key("packages").open_array();
        for (const std::uint32_t package : patch.packages) {
            json_.text(report_.inventory.packages[package].name);
        }
        json_.close_array().key("vulnerabilities").open_array();
        for (const std::uint32_t vulnerability : patch.vulnerabilities) {
            json_.text(report_.assessment.vulnerabilities[vulnerability].id);
        }
        json_.close_array();
        json_.key("kev").boolean(patch.decision.kev);
        json_.key("exploited").boolean(patch.decision.kev || patch.decision.exploited_elsewhere);
        json_.key("public_exploit").boolean(patch.decision.public_poc);
        json_.member("outcome", ssvc_outcome_name(patch.decision.outcome));
        write_date(json_, "due", patch.due.due);
        json_.member("rule", patch.due.rule);
        json_.key("collect_evidence_first").boolean(patch.decision.forensic);
        json_.member("state", readiness_name(readiness_of(patch)));
        write_blocker(patch);
        json_.key("offered");
        if (patch.offered || report_.inventory.index.asked) {
            json_.boolean(patch.offered);
        } else {
            json_.null();
        }
        json_.member("restart", restart_name(patch.restart)).member("services", patch.services);
        json_.member_or_null("urgency", patch.urgency).member("news", patch.news);
        json_.close_object();
    }

    void write_blocker(const Patch& patch) {
        json_.key("blocker");
        if (!patch.blockers.empty()) {
            const model::Blocker& root = patch.blockers.front();
            json_.open_object()
                .member("kind", model::blocker_name(root.kind))
                .member("detail", root.detail)
                .close_object();
        } else if (!patch.blocked_reason.empty()) {
            json_.open_object()
                .member("kind", patch.blocked_reason)
                .key("detail")
                .null()
                .close_object();
        } else {
            json_.null();
        }
    }

    void write_findings() {
        json_.key("findings").open_array();
        for (std::size_t i = 0; i < report_.assessment.findings.size(); ++i) {
            write_finding(i);
            hand_over_when_full();
        }
        json_.close_array();
    }

    /// Findings come by package, so one purl serves many.
    const std::string& purl_of(std::uint32_t package) {
        if (purl_package_ != package) {
            purl_ = package_purl(report_.inventory, report_.inventory.packages[package]);
            purl_package_ = package;
        }
        return purl_;
    }

    void write_finding(std::size_t index) {
        const Finding& finding = report_.assessment.findings[index];
        const model::InstalledPackage& package = report_.inventory.packages[finding.package];
        json_.open_object();
        json_.member_or_null(
            "vulnerability", report_.assessment.vulnerabilities[finding.vulnerability].id);
        json_.key("package")
            .open_object()
            .member("name", package.name)
            .member("version", package.version);
        json_.member("source", package.source_name)
            .member("source_version", package.source_version);
        json_.member_or_null("architecture", package.architecture);
        json_.member("purl", purl_of(finding.package)).close_object();
        json_.member("status", finding_status_name(finding.status));
        json_.member_or_null("reason", finding.reason)
            .member_or_null("fixed_version", finding.fixed_version);
        json_.member_or_null("called_unimportant_by", finding.called_unimportant_by);
        if (const auto* update = parts_of(report_, index).unread_update; update != nullptr) {
            json_.member("unread_update", update->source_version);
        }
        write_decision(index);
        write_evidence(finding);
        json_.close_object();
    }

    void write_decision(std::size_t index) {
        const model::Decision& decision =
            report_.work.decisions[report_.work.decision_of_finding[index]];
        const model::DueDate& due = report_.work.due_of_finding[index];
        json_.key("decision").open_object().member("outcome", ssvc_outcome_name(decision.outcome));
        write_date(json_, "due", due.due);
        json_.member("rule", due.rule);
        json_.key("bod_2604_row").number(decision.bod_row);
        json_.key("ssvc_deployer_row").number(decision.ssvc_row);
        json_.key("raised").boolean(decision.raised);
        json_.key("collect_evidence_first").boolean(decision.forensic);
        json_.key("inputs").open_array();
        known_inputs_.resize(std::max(known_inputs_.size(), decision.inputs.size()));
        for (std::size_t i = 0; i < decision.inputs.size(); ++i) {
            write_input(decision.inputs[i], known_inputs_[i]);
        }
        json_.close_array().close_object();
    }

    /// An input, and how it was written.
    struct KnownInput {
        const model::DecisionInput* input = nullptr;
        std::string text;
    };

    /// Most findings share most inputs with the one before, and inputs are half of the output.
    void write_input(const model::DecisionInput& input, KnownInput& known) {
        if (known.input == nullptr || *known.input != input) {
            known.input = &input;
            known.text.clear();
            JsonWriter json(known.text);
            json.open_object().member("name", input.name).member("value", input.value);
            json.member("source", input.source);
            write_date(json, "as_of", input.as_of);
            json.close_object();
        }
        json_.written(known.text);
    }

    void write_evidence(const Finding& finding) {
        json_.key("evidence").open_array();
        for (const model::Evidence& evidence : finding.evidence) {
            json_.open_object().member("feed", evidence.feed).member("record", evidence.record);
            json_.member("statement", evidence.statement);
            write_date(json_, "as_of", evidence.as_of);
            json_.close_object();
        }
        json_.close_array();
    }

    void write_pending_restarts() {
        json_.key("pending_restarts").open_array();
        for (const model::StaleProcess& process : report_.inventory.stale_processes) {
            json_.open_object().key("pid").number(process.pid).member("command", process.command);
            json_.member_or_null("unit", process.unit)
                .member_or_null("unit_kind", process.unit_kind);
            json_.key("heuristic")
                .boolean(process.heuristic)
                .member("files", process.files)
                .close_object();
        }
        json_.close_array();
    }

    void write_listeners() {
        json_.key("listeners").open_array();
        for (const model::Listener& listener : report_.inventory.listeners) {
            json_.open_object()
                .member("protocol", listener.protocol)
                .member("address", listener.address);
            json_.key("port").number(listener.port).key("loopback").boolean(listener.loopback);
            json_.member_or_null("command", listener.command)
                .member_or_null("package", listener.package);
            json_.close_object();
        }
        json_.close_array();
    }

    void write_gaps() {
        json_.key("gaps");
        model::write_gaps(json_, report_.assessment.gaps);
    }

    const ScanReport& report_;
    const std::function<void(std::string_view piece)>& take_;
    std::string text_;
    JsonWriter json_;
    std::vector<KnownInput> known_inputs_;  // by place
    std::string purl_;
    std::optional<std::uint32_t> purl_package_;
};

}  // namespace

void write_scan_json(
    const ScanReport& report, const std::function<void(std::string_view piece)>& take) {
    ScanWriter(report, take).write();
}

std::string patch_json(const ScanReport& report, std::size_t index) {
    return ScanWriter(report, {}).patch(index);
}

std::string finding_json(const ScanReport& report, std::size_t index) {
    return ScanWriter(report, {}).finding(index);
}

std::string scan_json(const ScanReport& report) {
    std::string out;
    write_scan_json(report, [&out](std::string_view piece) { out += piece; });
    return out;
}

}  // namespace thimble::report
