#include "thimble/cli/control_command.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/state_directory.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/shield/control_preview.hpp"
#include "thimble/shield/control_work.hpp"
#include "thimble/shield/outside_probe.hpp"
#include "thimble/shield/owned_file.hpp"
#include "thimble/shield/package_means.hpp"

#include <functional>
#include <utility>

namespace thimble::cli {
namespace {

using shield::ControlFolder;
using shield::ControlName;
using shield::ControlRecord;
using shield::ControlReport;

/// What is done to one control.
using Work =
    std::function<Result<ControlReport>(const ControlFolder&, const ControlName&, const Clock&)>;

Result<ControlFolder> open_folder(const ControlOptions& options) {
    if (!options.root.empty() && options.root != "/") {
        return failure(
            ErrorKind::Unsupported,
            "cli.no_control_in_root",
            "in a directory nothing runs, so no control can hold there; leave --root out");
    }
    return ControlFolder::open(state_directory(options.state));
}

std::string_view word_of(const std::optional<bool>& passed) {
    if (!passed) {
        return "unknown";
    }
    return *passed ? "ok     " : "WRONG  ";
}

void show(std::ostream& out, const ControlReport& report) {
    out << "control " << report.id << " (" << mitigate::control_kind_name(report.kind)
        << "): " << shield::control_outcome_name(report.state) << '\n';
    for (const shield::ControlCheck& check : report.checks) {
        out << "  " << word_of(check.passed) << "  " << printable(check.name) << ": "
            << printable(check.seen);
        if (check.passed != std::optional(true)) {
            out << " (wanted: " << printable(check.expected) << ")";
        }
        out << '\n';
    }
    for (const std::string& way : report.bypass) {
        out << "  BYPASS   " << printable(way) << '\n';
    }
}

int finish(const ControlOptions& options, ControlReport report, std::ostream& out) {
    report.job = options.job;
    if (options.json) {
        out << shield::format_control_report(report) << '\n';
    } else {
        show(out, report);
    }
    return shield::is_as_it_should_be(report) ? kNothingDue : kSomethingDue;
}

Result<int> deploy(const ControlOptions& options, std::ostream& out) {
    THIMBLE_TRY(std::string document, shield::text_of(options.file));
    std::string digest = options.digest;
    if (digest.empty()) {
        THIMBLE_TRY(const mitigate::Control control, mitigate::parse_control_file(document));
        document = mitigate::format_control(control);
        digest = sha256_of(document);
    }
    THIMBLE_TRY(const ControlFolder folder, open_folder(options));
    THIMBLE_TRY(
        ControlReport report,
        shield::deploy_control(
            folder, {options.id, std::move(digest)}, document, host::SystemClock()));
    return finish(options, std::move(report), out);
}

Result<int> work_on_one(const ControlOptions& options, const Work& work, std::ostream& out) {
    THIMBLE_TRY(const ControlFolder folder, open_folder(options));
    ControlName name{options.id, options.digest};
    if (name.digest.empty()) {
        THIMBLE_TRY(const ControlRecord record, folder.read(name.id));
        name.digest = record.digest;
    }
    THIMBLE_TRY(ControlReport report, work(folder, name, host::SystemClock()));
    return finish(options, std::move(report), out);
}

int run_on_one(
    const ControlOptions& options, const Work& work, std::ostream& out, std::ostream& err) {
    const auto status = work_on_one(options, work, out);
    return status ? *status : complain(err, status.error());
}

void write(JsonWriter& json, const std::string& id, const Result<ControlRecord>& record) {
    json.open_object().member("id", id);
    json.member_or_null("digest", record ? record->digest : "");
    json.member_or_null("phase", record ? shield::control_phase_name(record->phase) : "");
    json.member_or_null("at", record ? format_instant(record->at) : "");
    json.member_or_null("document", record ? record->document : "");
    json.member_or_null("problem", record ? "" : record.error().text()).close_object();
}

void show(std::ostream& out, const std::string& id, const Result<ControlRecord>& record) {
    if (!record) {
        out << id << "  " << printable(record.error().text()) << '\n';
        return;
    }
    const auto control = mitigate::parse_control(record->document);
    out << id << "  " << (control ? mitigate::control_kind_name(control->kind()) : "?") << "  "
        << shield::control_phase_name(record->phase) << "  " << format_instant(record->at) << "  "
        << record->digest << '\n';
}

Result<int> list(const ControlOptions& options, std::ostream& out) {
    THIMBLE_TRY(const ControlFolder folder, open_folder(options));
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.controls-installed/1");
    json.key("controls").open_array();
    for (const std::string& id : folder.ids()) {
        const auto record = folder.read(id);
        options.json ? write(json, id, record) : show(out, id, record);
    }
    json.close_array().close_object();
    if (options.json) {
        out << text << '\n';
    }
    return kNothingDue;
}

Result<std::string> preview(const ControlOptions& options) {
    if (!mitigate::is_control_id(options.id)) {
        return failure(
            ErrorKind::Invalid,
            "cli.bad_id",
            "the id of a control is letters, digits, underscores and dashes, at most 64");
    }
    THIMBLE_TRY(const std::string document, shield::text_of(options.file));
    THIMBLE_TRY(const mitigate::Control control, mitigate::parse_control_file(document));
    THIMBLE_TRY(std::string text, shield::control_preview(options.id, control));
    const auto* const hardening = std::get_if<mitigate::Hardening>(&control.settings);
    const auto* const package =
        hardening == nullptr ? nullptr : std::get_if<mitigate::RemovedPackage>(hardening);
    if (package != nullptr) {
        const std::string refusal = shield::removal_refusal(*package);
        text += "# on this host: "
            + (refusal.empty() ? "nothing needs it" : printable("refused: " + refusal)) + "\n";
    }
    return text;
}

}  // namespace

int run_control_preview(const ControlOptions& options, std::ostream& out, std::ostream& err) {
    const auto text = preview(options);
    if (!text) {
        return complain(err, text.error());
    }
    out << *text;
    return kNothingDue;
}

int run_control_deploy(const ControlOptions& options, std::ostream& out, std::ostream& err) {
    const auto status = deploy(options, out);
    return status ? *status : complain(err, status.error());
}

int run_control_verify(const ControlOptions& options, std::ostream& out, std::ostream& err) {
    return run_on_one(options, shield::verify_control, out, err);
}

int run_control_remove(const ControlOptions& options, std::ostream& out, std::ostream& err) {
    return run_on_one(options, shield::remove_control, out, err);
}

int run_control_recover(const ControlOptions& options, std::ostream& out, std::ostream& err) {
    return run_on_one(options, shield::recover_control, out, err);
}

int run_control_probe(const ControlOptions& options, std::ostream& out, std::ostream& err) {
    auto report = shield::probe_from_here(
        {options.id, options.digest, options.from == "allowed", options.address, options.port},
        host::SystemClock());
    return report ? finish(options, *std::move(report), out) : complain(err, report.error());
}

int run_control_restore(const ControlOptions& options, std::ostream& out, std::ostream& err) {
    const auto folder = open_folder(options);
    if (!folder) {
        return complain(err, folder.error());
    }
    const auto part = options.packet_filter ? shield::RestoredPart::PacketFilter
                                            : shield::RestoredPart::Everything;
    const auto problems = shield::restore_controls(*folder, part, host::SystemClock());
    for (const std::string& problem : problems) {
        tell(err, printable(problem));
    }
    if (problems.empty()) {
        out
            << (options.packet_filter ? "the rules of every control stand again\n"
                                      : "every control stands again\n");
    }
    return problems.empty() ? kNothingDue : kSomethingDue;
}

int run_control_installed(const ControlOptions& options, std::ostream& out, std::ostream& err) {
    const auto status = list(options, out);
    return status ? *status : complain(err, status.error());
}

}  // namespace thimble::cli
