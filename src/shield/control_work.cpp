#include "thimble/shield/control_work.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/shield/control_means.hpp"
#include "thimble/shield/hardening_steps.hpp"

#include <memory>
#include <utility>

namespace thimble::shield {
namespace {

using mitigate::Control;

/// A record with what its document says.
struct KeptControl {
    ControlRecord record;
    Control control;
    std::unique_ptr<ControlMeans> means;
};

Error other_document(const std::string& what) {
    return failure(ErrorKind::Conflict, "shield.other_document", what);
}

Result<KeptControl> with_means(const ControlFolder& folder, ControlRecord record) {
    THIMBLE_TRY(Control control, mitigate::parse_control(record.document));
    THIMBLE_TRY(auto means, means_of(record.id, control, folder.path_of(record.id)));
    return KeptControl{std::move(record), std::move(control), std::move(means)};
}

/// @error NotFound: there is none under that id
Result<KeptControl> standing(const ControlFolder& folder, const std::string& id) {
    THIMBLE_TRY(ControlRecord record, folder.read(id));
    return with_means(folder, std::move(record));
}

/// @error NotFound: there is none under that id; Conflict: it is of another document
Result<KeptControl> kept(const ControlFolder& folder, const ControlName& name) {
    THIMBLE_TRY(KeptControl found, standing(folder, name.id));
    if (found.record.digest != name.digest) {
        return other_document("under this id stands a control of another document");
    }
    return found;
}

ControlReport report_on(const KeptControl& kept, ControlAction action, const Clock& clock) {
    ControlReport report{
        .id = kept.record.id,
        .digest = kept.record.digest,
        .kind = kept.control.kind(),
        .action = action,
        .state = ControlState::Broken,
        .at = clock.now(),
        .mode = {},
        .checks = {},
        .bypass = {}};
    if (const auto* const patch =
            std::get_if<mitigate::VirtualPatchDelivery>(&kept.control.settings)) {
        report.mode = patch->mode;
    }
    return report;
}

/// Of a control that is not there: what kind it was nobody knows here.
ControlReport report_on_nothing(const ControlName& name, ControlAction action, const Clock& clock) {
    const bool is_removed = action == ControlAction::Remove;
    return {
        .id = name.id,
        .digest = name.digest,
        .kind = mitigate::ControlKind::External,
        .action = action,
        .state = is_removed ? ControlState::Removed : ControlState::Broken,
        .at = clock.now(),
        .mode = {},
        .checks =
            {{.name = "installed",
              .expected = is_removed ? "no" : "yes",
              .seen = "no",
              .passed = is_removed}},
        .bypass = {}};
}

void add_failure(ControlReport& report, std::string name, const Error& error) {
    report.checks.push_back(
        {.name = std::move(name), .expected = "done", .seen = error.text(), .passed = false});
}

/// The document that stood before stands again, or nothing does.
Result<void> undo(const ControlFolder& folder, KeptControl& kept) {
    THIMBLE_TRY(kept.means->take_away(kept.record));
    if (kept.record.previous.empty()) {
        return folder.forget(kept.record.id);
    }
    ControlRecord former = kept.record;
    former.document = std::exchange(former.previous, "");
    former.digest = sha256_of(former.document);
    THIMBLE_TRY(KeptControl again, with_means(folder, std::move(former)));
    THIMBLE_TRY(again.means->put_up(again.record));
    again.record.phase = ControlPhase::Deployed;
    return folder.write(again.record);
}

Result<ControlReport> removed(const ControlFolder& folder, KeptControl& kept, const Clock& clock) {
    kept.record.phase = ControlPhase::Removing;
    THIMBLE_TRY(folder.write(kept.record));
    ControlReport report = report_on(kept, ControlAction::Remove, clock);
    if (const auto gone = kept.means->take_away(kept.record); !gone) {
        add_failure(report, "taken away", gone.error());
    }
    kept.means->look_for(kept.record, report);
    const bool is_gone = all_hold(report.checks);
    report.state = is_gone ? ControlState::Removed : ControlState::Failed;
    if (is_gone) {
        THIMBLE_TRY(folder.forget(kept.record.id));
    }
    return report;
}

ControlReport looked_at(KeptControl& kept, ControlAction action, const Clock& clock) {
    ControlReport report = report_on(kept, action, clock);
    report.checks.push_back(
        {.name = "installed",
         .expected = "deployed",
         .seen = std::string(control_phase_name(kept.record.phase)),
         .passed = kept.record.phase == ControlPhase::Deployed});
    kept.means->look(kept.record, report);
    report.state = all_hold(report.checks) && report.bypass.empty() ? ControlState::Holding
                                                                    : ControlState::Broken;
    return report;
}

/// The record under which a document is put up: with what was there before it, however many documents there were.
Result<ControlRecord> record_for(
    const ControlFolder& folder,
    const ControlName& name,
    const std::string& document,
    const Clock& clock) {
    ControlRecord record{
        .id = name.id,
        .digest = name.digest,
        .phase = ControlPhase::Deploying,
        .at = clock.now(),
        .document = document,
        .previous = {},
        .in_force = {},
        .before = {}};
    auto former = folder.read(name.id);
    if (!former) {
        return former.error().kind == ErrorKind::NotFound ? Result<ControlRecord>(record)
                                                          : former.error();
    }
    if (former->phase != ControlPhase::Deployed) {
        // Broken off, and nobody is at it: the folder is ours.
        THIMBLE_TRY(recover_control(folder, {former->id, former->digest}, clock));
        former = folder.read(name.id);
        if (!former) {
            return record;
        }
    }
    record.previous = former->document;
    record.before = std::move(former->before);
    return record;
}

/// Whether a document may follow another one under its id: what a hardening changed would be forgotten.
Result<void> check_succession(const KeptControl& kept) {
    if (kept.record.previous.empty() || kept.record.previous == kept.record.document) {
        return {};
    }
    THIMBLE_TRY(const Control former, mitigate::parse_control(kept.record.previous));
    if (former.kind() != kept.control.kind()
        || kept.control.kind() == mitigate::ControlKind::Hardening) {
        return other_document("another control stands under this id; remove it first");
    }
    return {};
}

Error hardened_already(const std::string& id, const std::string& target) {
    return failure(
        ErrorKind::Conflict,
        "shield.hardened_already",
        "the control " + id + " hardens the " + target
            + " already, and neither could be removed without undoing the other; remove that one "
              "first");
}

Error hardens_who_knows_what(const std::string& id, const Error& why) {
    return because("nobody knows what the control " + id + " hardens", why);
}

/// Two controls that harden the same thing would each give back what the other one has changed.
Result<void> check_alone(const ControlFolder& folder, const KeptControl& kept) {
    const auto* const hardening = std::get_if<mitigate::Hardening>(&kept.control.settings);
    if (hardening == nullptr) {
        return {};
    }
    const std::string target = hardening_target(*hardening);
    for (const std::string& id : folder.ids()) {
        const auto record = folder.read(id);
        if (id == kept.record.id || (!record && record.error().kind == ErrorKind::NotFound)) {
            continue;
        }
        if (!record) {
            return hardens_who_knows_what(id, record.error());
        }
        THIMBLE_TRY(const Control control, mitigate::parse_control(record->document));
        const auto* const other = std::get_if<mitigate::Hardening>(&control.settings);
        if (other != nullptr && hardening_target(*other) == target) {
            return hardened_already(id, target);
        }
    }
    return {};
}

/// What a control that is new needs to know of the time before it.
Result<std::vector<FormerState>> remember(const ControlFolder& folder, const KeptControl& kept) {
    THIMBLE_TRY(check_alone(folder, kept));
    return kept.means->remember();
}

Result<void> check_name(const ControlName& name) {
    if (!mitigate::is_control_id(name.id)) {
        return failure(
            ErrorKind::Invalid,
            "shield.bad_id",
            "the id of a control is letters, digits, underscores and dashes, at most 64");
    }
    return {};
}

/// Where neither the network nor the service manager is up: rules that stood, and nothing that would have to be asked.
/// Of a control that was broken off those before it; what else is to be done waits.
Result<void> restore_rules(const ControlFolder& folder, ControlRecord record) {
    if (record.phase == ControlPhase::Deploying && !record.previous.empty()) {
        record.document = std::exchange(record.previous, "");
    } else if (record.phase != ControlPhase::Deployed) {
        return {};
    }
    THIMBLE_TRY(const KeptControl kept, with_means(folder, std::move(record)));
    const bool is_filter = kept.control.kind() == mitigate::ControlKind::Segmentation
        || kept.control.kind() == mitigate::ControlKind::Isolation;
    return is_filter ? kept.means->restore(kept.record) : Result<void>();
}

}  // namespace

Result<ControlReport> deploy_control(
    const ControlFolder& folder,
    const ControlName& name,
    const std::string& document,
    const Clock& clock) {
    THIMBLE_TRY(check_name(name));
    if (sha256_of(document) != name.digest) {
        return other_document("the document is not the one of that digest");
    }
    THIMBLE_TRY(ControlRecord record, record_for(folder, name, document, clock));
    THIMBLE_TRY(KeptControl kept, with_means(folder, std::move(record)));
    THIMBLE_TRY(check_succession(kept));
    ControlReport report = report_on(kept, ControlAction::Deploy, clock);
    if (kept.record.previous.empty()) {
        auto before = remember(folder, kept);
        if (!before) {
            add_failure(report, "state before", before.error());
            report.state = ControlState::Failed;
            return report;
        }
        kept.record.before = *std::move(before);
    }
    THIMBLE_TRY(folder.write(kept.record));
    const auto put_up = kept.means->put_up(kept.record);
    if (put_up) {
        kept.means->look(kept.record, report);
    } else {
        add_failure(report, "put up", put_up.error());
    }
    if (!all_hold(report.checks)) {
        report.state = ControlState::Failed;
        if (const auto undone = undo(folder, kept); !undone) {
            add_failure(report, "undone", undone.error());
        }
        return report;
    }
    kept.record.phase = ControlPhase::Deployed;
    kept.record.previous.clear();
    THIMBLE_TRY(folder.write(kept.record));
    report.state = ControlState::Deployed;
    return report;
}

Result<ControlReport> verify_control(
    const ControlFolder& folder, const ControlName& name, const Clock& clock) {
    THIMBLE_TRY(check_name(name));
    auto found = kept(folder, name);
    if (!found) {
        return found.error().kind == ErrorKind::NotFound
            ? Result<ControlReport>(report_on_nothing(name, ControlAction::Verify, clock))
            : found.error();
    }
    return looked_at(*found, ControlAction::Verify, clock);
}

Result<ControlReport> remove_control(
    const ControlFolder& folder, const ControlName& name, const Clock& clock) {
    THIMBLE_TRY(check_name(name));
    // Whatever document stands: who asks may not have heard that another one was taken back.
    auto found = standing(folder, name.id);
    if (!found) {
        return found.error().kind == ErrorKind::NotFound
            ? Result<ControlReport>(report_on_nothing(name, ControlAction::Remove, clock))
            : found.error();
    }
    THIMBLE_TRY(ControlReport report, removed(folder, *found, clock));
    report.digest = name.digest;  // it answers to what was asked; the record keeps what stands
    return report;
}

Result<ControlReport> recover_control(
    const ControlFolder& folder, const ControlName& name, const Clock& clock) {
    THIMBLE_TRY(check_name(name));
    auto found = kept(folder, name);
    if (!found) {
        return found.error().kind == ErrorKind::NotFound
            ? Result<ControlReport>(report_on_nothing(name, ControlAction::Remove, clock))
            : found.error();
    }
    switch (found->record.phase) {
        case ControlPhase::Deployed: return looked_at(*found, ControlAction::Verify, clock);
        case ControlPhase::Removing: return removed(folder, *found, clock);
        case ControlPhase::Deploying: break;
    }
    ControlReport report = report_on(*found, ControlAction::Deploy, clock);
    report.state = ControlState::Failed;
    report.checks.push_back(
        {.name = "put up",
         .expected = "done",
         .seen = "broken off; what was before stands again",
         .passed = false});
    if (const auto undone = undo(folder, *found); !undone) {
        add_failure(report, "undone", undone.error());
    }
    return report;
}

std::vector<std::string> restore_controls(
    const ControlFolder& folder, RestoredPart part, const Clock& clock) {
    std::vector<std::string> problems;
    const auto restore = [&](const std::string& id) -> Result<void> {
        THIMBLE_TRY(ControlRecord record, folder.read(id));
        if (part == RestoredPart::PacketFilter) {
            return restore_rules(folder, std::move(record));
        }
        if (record.phase != ControlPhase::Deployed) {
            THIMBLE_TRY(recover_control(folder, {record.id, record.digest}, clock));
            return {};
        }
        THIMBLE_TRY(const KeptControl kept, with_means(folder, std::move(record)));
        return kept.means->restore(kept.record);
    };
    for (const std::string& id : folder.ids()) {
        if (const auto done = restore(id); !done) {
            problems.push_back(id + ": " + done.error().text());
        }
    }
    return problems;
}

}  // namespace thimble::shield
