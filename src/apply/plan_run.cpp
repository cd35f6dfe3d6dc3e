#include "thimble/apply/plan_run.hpp"

#include "thimble/apply/configuration_return.hpp"
#include "thimble/apply/fetched_archives.hpp"
#include "thimble/apply/room_set_aside.hpp"
#include "thimble/apply/sha256.hpp"
#include "thimble/apply/way_back.hpp"
#include "thimble/apply/whole_file.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

namespace thimble::apply {
namespace {

/// What a report says about itself in the journal.
std::string detail_of(const TransactionReport& report) {
    return report.detail.empty() ? report.output : report.detail + "\n" + report.output;
}

std::string word_of(const HealthVerdict& verdict) {
    if (!verdict.healthy) {
        return "unhealthy";
    }
    return verdict.looked ? "healthy" : "not_looked_at";
}

/// Packages that are removed again and whose configuration files dpkg still knows; empty: none.
std::string remembered_words(const std::vector<std::string>& packages) {
    std::string names;
    for (const std::string& name : packages) {
        names.append(names.empty() ? "" : " ").append(name);
    }
    return names.empty() ? names
                         : "dpkg still knows the configuration files of what is removed again, and "
                           "does not bring those that are gone; if none of them is wanted: dpkg "
                           "--purge "
            + names;
}

std::string reasons_of(const std::vector<PrecheckRefusal>& refusals) {
    std::string text;
    for (const PrecheckRefusal& refusal : refusals) {
        text += (text.empty() ? "" : "; ") + refusal.detail + " [" + refusal.code + "]";
        text += refusal.next.empty() ? "" : ". " + refusal.next;
    }
    return text;
}

/// Kept archives are ours, but the disk is not: what goes back on the host is checked again.
Result<void> check_kept(const std::vector<KeptArchive>& kept, const std::string& folder) {
    for (const KeptArchive& archive : kept) {
        if (!archive.step.archive) {
            continue;
        }
        const std::string& file = archive.step.archive->file_name;
        std::string path = folder;
        path.append("/").append(file);
        THIMBLE_TRY(const std::string digest, sha256_of_file(path));
        if (digest != archive.step.archive->sha256) {
            return failure(
                ErrorKind::Corrupt,
                "apply.wrong_archive",
                "the kept archive " + file + " is damaged");
        }
    }
    return {};
}

/// Where packages are unpacked, and for the record of the run, which may lie on another disk.
std::array<Room, 2> rooms_of(const RunPlaces& places) {
    return {
        {{.root = places.root, .folder = "/usr", .name = ".thimble-room"},
         {.root = "/", .folder = places.kept, .name = "room"}}};
}

}  // namespace

Result<void> PlanRun::note(
    RunJournal& journal, RunPhase phase, std::string word, std::string detail) {
    const JournalEntry entry{
        .phase = phase,
        .at = ports_.clock.now(),
        .word = std::move(word),
        .detail = std::move(detail)};
    if (const auto appended = journal.append(entry); !appended) {
        if (!give_rooms_back()) {
            return appended.error();
        }
        THIMBLE_TRY(journal.append(entry));
    }
    if (ports_.wrote) {
        ports_.wrote(journal.entries().back());
    }
    return {};
}

Result<void> PlanRun::set_rooms_aside() {
    const auto [unpacking, record] = rooms_of(places_);
    THIMBLE_TRY(set_room_aside(unpacking, room_for_way_back(plan_)));
    return set_room_aside(record, room_for_record(plan_));
}

bool PlanRun::give_rooms_back() {
    bool were_there = false;
    for (const Room& room : rooms_of(places_)) {
        were_there = give_room_back(room) || were_there;
    }
    return were_there;
}

Result<void> PlanRun::conclude(RunJournal& journal, RunResult result, const std::string& why) {
    give_rooms_back();
    // A way back that ends before it has begun again, or where somebody else has gone on.
    const bool is_back = last_entry(journal.entries(), RunPhase::RollingBack) != nullptr;
    if (is_back && !are_versions_before()) {
        const auto returned = configuration_return().return_aside();
        const std::string words = returned ? why : why + "; " + returned.error().text();
        return note(journal, RunPhase::Ended, std::string(run_result_name(result)), words);
    }
    return note(journal, RunPhase::Ended, std::string(run_result_name(result)), why);
}

RunState PlanRun::state_of(const RunJournal& journal, bool resumed) {
    RunState state;
    const auto& entries = journal.entries();
    state.phase = entries.empty() ? RunPhase::Begun : entries.back().phase;
    state.word = entries.empty() ? "" : entries.back().word;
    state.resumed = resumed;
    if (state.phase == RunPhase::Examined || state.phase == RunPhase::ExaminedBack) {
        state.doubt = doubt_words(entries.back().detail);
    }
    if (state.phase == RunPhase::ExaminedBack) {
        state.found = parse_findings(entries.back().detail).value_or("the record cannot be read");
        const JournalEntry* ended = last_entry(entries, RunPhase::Applied);
        state.ending = ended == nullptr ? "" : ended->word;
    }
    const auto count = [&](RunPhase phase) {
        return static_cast<std::uint32_t>(std::ranges::count(entries, phase, &JournalEntry::phase));
    };
    state.attempts = count(RunPhase::Applying);
    state.returns = count(RunPhase::RollingBack);
    state.backward = origin_.taken_back || state.returns > 0;
    state.roll_back_on_failure = plan_.policy.roll_back_on_failure;
    look_at_packages(state);
    return state;
}

/// To ask is to have the package manager look at everything: not where nothing depends on it.
void PlanRun::look_at_packages(RunState& state) {
    const bool goes_back_next = state.phase == RunPhase::Examined && state.word != "healthy"
        && plan_.policy.roll_back_on_failure;
    const bool depends = depends_on_packages(state.phase, state.resumed);
    if (!depends && !goes_back_next) {
        return;
    }
    const auto installed = ports_.packages.installed();
    state.moved = installed
        ? moved_words(plan_.steps, *installed, absent_after(state.phase, state.word))
        : std::string();
    if (depends) {
        const auto health = ports_.packages.health();
        // What cannot be read is not taken for well.
        state.standing = installed ? standing_of(plan_.steps, *installed) : Standing::Between;
        state.clean = health && health->is_clean();
        state.unclean = health ? unclean_words(*health) : health.error().text();
        state.not_back = installed ? not_back_words(plan_.steps, *installed) : std::string();
    }
}

Result<RunReport> PlanRun::drive(RunJournal& journal) {
    bool resumed = !journal.entries().empty();
    if (!resumed) {
        THIMBLE_TRY(note(
            journal, RunPhase::Begun, origin_.taken_back ? "rollback" : "apply", origin_.reason));
    }
    for (;;) {
        if (journal.entries().back().phase == RunPhase::Ended) {
            const JournalEntry& last = journal.entries().back();
            return RunReport{
                .result = run_result_named(last.word).value_or(RunResult::Failed),
                .why = last.detail};
        }
        const NextAct next = next_act(state_of(journal, resumed));
        resumed = false;
        THIMBLE_TRY(perform(journal, next));
    }
}

Result<void> PlanRun::perform(RunJournal& journal, const NextAct& next) {
    switch (next.act) {
        case RunAct::Check: return check(journal);
        case RunAct::Observe: return observe(journal);
        case RunAct::Prepare: return prepare(journal);
        case RunAct::Apply: return transact(journal, Direction::Forward);
        case RunAct::Repair: return repair(journal);
        case RunAct::Examine: return examine(journal);
        case RunAct::RollBack: return transact(journal, Direction::Back);
        case RunAct::ExamineBack: return examine_back(journal);
        case RunAct::End: return conclude(journal, next.result, next.why);
    }
    return conclude(journal, RunResult::Failed, "unknown act");
}

Result<void> PlanRun::check(RunJournal& journal) {
    // What is installed is looked at afterwards: whoever holds it may change that.
    wait_for_lock(plan_.policy.lock_timeout);
    const auto refusals =
        precheck(plan_, ports_.look(), origin_.taken_back ? Direction::Back : Direction::Forward);
    if (!refusals.empty()) {
        return conclude(journal, RunResult::Skipped, reasons_of(refusals));
    }
    return note(journal, RunPhase::Checked, "passed", "");
}

Result<void> PlanRun::observe(RunJournal& journal) {
    if (!origin_.baseline.empty()) {
        // What the patch has broken is not what the host is to be like.
        return note(journal, RunPhase::Observed, "before", origin_.baseline);
    }
    auto baseline = ports_.health.observe();
    if (!baseline) {
        return conclude(journal, RunResult::Unchanged, baseline.error().text());
    }
    return note(journal, RunPhase::Observed, "", *std::move(baseline));
}

/// A power cut in the transaction must find the archives of both directions.
Result<void> PlanRun::settle_archives() {
    std::vector<std::string> names;
    for (const model::PlannedStep& step : plan_.steps) {
        if (step.archive) {
            names.push_back(step.archive->file_name);
        }
    }
    THIMBLE_TRY(settle_files(places_.archives, names));
    THIMBLE_TRY(const auto kept, names_in(places_.kept));
    return settle_files(places_.kept, kept);
}

Result<void> PlanRun::prepare(RunJournal& journal) {
    if (origin_.taken_back) {
        return note(journal, RunPhase::Ready, "kept", format_kept(*origin_.taken_back));
    }
    if (const auto fetched = ports_.packages.fetch(plan_.steps, places_.archives, ports_.progress);
        !fetched) {
        return conclude(journal, RunResult::Unchanged, fetched.error().text());
    }
    const auto kept = ports_.packages.keep_current(plan_.steps, places_.kept);
    if (!kept && plan_.policy.roll_back_on_failure) {
        return conclude(
            journal,
            RunResult::Unchanged,
            "the versions before could not be kept, so that there is no way back: "
                + kept.error().text());
    }
    if (const auto configuration = configuration_return().keep(); !configuration) {
        return conclude(
            journal,
            RunResult::Unchanged,
            "the configuration files could not be kept: " + configuration.error().text());
    }
    if (const auto taken = ports_.snapshot ? ports_.snapshot() : Result<void>(); !taken) {
        return conclude(
            journal, RunResult::Unchanged, "no snapshot could be taken: " + taken.error().text());
    }
    if (const auto durable = settle_archives(); !durable) {
        return conclude(
            journal,
            RunResult::Unchanged,
            "the archives could not be written to the disk: " + durable.error().text());
    }
    if (const auto set = set_rooms_aside(); !set) {
        return conclude(journal, RunResult::Unchanged, set.error().text());
    }
    return note(
        journal,
        RunPhase::Ready,
        kept ? "kept" : "not_kept",
        kept ? format_kept(*kept) : kept.error().text());
}

Result<Transaction> PlanRun::transaction(const RunJournal& journal, Direction direction) {
    Transaction transaction;
    transaction.policy = plan_.policy;
    transaction.progress = ports_.progress;
    transaction.output = ports_.output;
    THIMBLE_TRY(
        direction == Direction::Forward ? aim_forward(journal, transaction)
                                        : aim_back(journal, transaction));
    return transaction;
}

Result<void> PlanRun::aim_forward(const RunJournal& journal, Transaction& transaction) {
    transaction.steps = plan_.steps;
    transaction.archives = places_.host_archives;
    if (journal.entries().back().phase == RunPhase::Ready) {
        return {};  // prepared just now
    }
    // Prepared by a process that is gone, maybe with the power.
    for (const model::PlannedStep& step : plan_.steps) {
        if (step.archive) {
            THIMBLE_TRY(check_archive(places_.archives, *step.archive));
        }
    }
    return {};
}

Result<void> PlanRun::aim_back(const RunJournal& journal, Transaction& transaction) const {
    const JournalEntry* ready = last_entry(journal.entries(), RunPhase::Ready);
    if (ready == nullptr || ready->word != "kept") {
        return failure(
            ErrorKind::NotFound, "apply.nothing_kept", "the versions before were not kept");
    }
    THIMBLE_TRY(const std::vector<KeptArchive> kept, parse_kept(ready->detail));
    THIMBLE_TRY(check_kept(kept, places_.kept));
    for (const KeptArchive& archive : kept) {
        transaction.steps.push_back(archive.step);
    }
    transaction.archives = places_.host_kept;
    // What was too slow on the way forward must not leave the host half way back.
    const model::PlanPolicy usual;
    transaction.policy.transaction_timeout =
        std::max(transaction.policy.transaction_timeout, usual.transaction_timeout);
    transaction.policy.silence_timeout =
        std::max(transaction.policy.silence_timeout, usual.silence_timeout);
    return {};
}

ConfigurationReturn PlanRun::configuration_return() {
    return {ports_.packages, places_.root, places_.archives, places_.kept, plan_.steps};
}

/// What became of the configuration files joins the package manager's own report.
TransactionReport PlanRun::with_configuration_back(TransactionReport report) {
    const auto restored = configuration_return().restore();
    if (!restored) {
        report.ending = TransactionEnding::Failed;
        report.detail =
            restored.error().text() + (report.detail.empty() ? "" : "; ") + report.detail;
        return report;
    }
    if (const std::string words = configuration_words(*restored); !words.empty()) {
        report.detail.append(report.detail.empty() ? "" : "; ").append(words);
    }
    const auto remembered = configuration_return().forget_brought();
    const std::string more = remembered ? remembered_words(*remembered) : remembered.error().text();
    const auto recorded = ports_.packages.return_records(places_.kept);
    for (const std::string& words : {more, recorded ? std::string() : recorded.error().text()}) {
        report.detail.append(report.detail.empty() || words.empty() ? "" : "; ").append(words);
    }
    return report;
}

/// The package manager says of a full disk neither which it was nor how full; what it said stays below. What no disk bears out is
/// no excuse of the patch.
void PlanRun::name_full_disk(TransactionReport& report, Direction direction) const {
    const bool is_refused = report.ending == TransactionEnding::Refused;
    const bool is_told = report.ending == TransactionEnding::NoSpace
        || (is_refused && detail_of(report).contains(kNoSpaceLeft));
    if (!is_told) {
        return;
    }
    const auto space = ports_.space ? ports_.space() : std::vector<FreeSpace>();
    const model::Plan rest = direction == Direction::Back ? rest_of_way_back() : plan_;
    // dpkg has taken away again what it could not write whole, so that there may be room by now.
    const bool is_full = report.is_own_word || is_disk_full(rest, space, direction);
    const std::string words = is_full ? full_disk_words(rest, space, direction)
                                      : "no space was left, was said, but no disk is full";
    if (!is_full && !is_refused) {
        report.ending = TransactionEnding::Failed;
    }
    report.detail = words + (report.detail.empty() ? std::string() : "\n" + report.detail);
}

/// What is not known is all to be done.
model::Plan PlanRun::rest_of_way_back() const {
    const auto installed = ports_.packages.installed();
    const auto health = ports_.packages.health();
    return installed && health ? apply::rest_of_way_back(plan_, *installed, *health) : plan_;
}

Result<TransactionReport> PlanRun::run_back(const Transaction& wanted) {
    THIMBLE_TRY(configuration_return().decide());
    // The new version runs with its files until the transaction can begin.
    wait_for_lock(plan_.policy.lock_timeout);
    const auto aside = configuration_return().step_aside();
    auto report = aside ? ports_.packages.run(wanted) : Result<TransactionReport>(aside.error());
    if (!report) {
        const auto returned = configuration_return().return_aside();
        return returned ? report.error() : because(returned.error().text(), report.error());
    }
    name_full_disk(*report, Direction::Back);
    return report->ending == TransactionEnding::Done || are_versions_before()
        ? with_configuration_back(*std::move(report))
        : with_configuration_of_now(*std::move(report));
}

/// Not known is for the caller's record, and changes nothing here.
bool PlanRun::are_versions_before() {
    const auto installed = ports_.packages.installed();
    return !installed || standing_of(plan_.steps, *installed) == Standing::Before;
}

/// The new versions are still there, or some of them, and want their own configuration.
TransactionReport PlanRun::with_configuration_of_now(TransactionReport report) {
    const auto returned = configuration_return().return_aside();
    if (!returned) {
        report.detail += (report.detail.empty() ? "" : "; ") + returned.error().text();
    }
    return report;
}

/// Looks at what a transaction forward, or the repair of one, has made of the configuration, and what it has left beside it joins
/// the report. Not known afterwards only means that everything is put back on a way back.
void PlanRun::look_at_configuration_after(TransactionReport& report) {
    const auto looked = configuration_return().look_after();
    const auto left =
        looked ? files_left_beside(places_.kept) : Result<std::vector<std::string>>(looked.error());
    if (!left || left->empty() || report.ending != TransactionEnding::Done) {
        return;
    }
    report.detail += report.detail.empty() ? "" : "\n";
    for (const std::string& path : *left) {
        report.detail += (path == left->front() ? "left beside: " : ", ") + path;
    }
}

Result<TransactionReport> PlanRun::run_forward(const Transaction& wanted) {
    auto report = ports_.packages.run(wanted);
    if (report) {
        name_full_disk(*report, Direction::Forward);
        look_at_configuration_after(*report);
    }
    return report;
}

host::ShutdownHold PlanRun::hold_machine() const {
    return ports_.hold ? ports_.hold() : host::ShutdownHold();
}

/// Nothing is begun on a machine that goes down. A run that has changed nothing is skipped, as by a pre-check; one that has must not
/// end here, and goes on with the next start.
Result<void> PlanRun::give_way(RunJournal& journal, const std::string& obstacle) {
    const auto& entries = journal.entries();
    const bool has_changed = last_entry(entries, RunPhase::Applying) != nullptr
        || last_entry(entries, RunPhase::RollingBack) != nullptr;
    if (!has_changed) {
        return conclude(journal, RunResult::Skipped, reasons_of({going_down_refusal(obstacle)}));
    }
    return failure(
        ErrorKind::Unavailable,
        "apply.going_down",
        obstacle + "; the run goes on when it is up again: thimble patch resume");
}

Result<void> PlanRun::transact(RunJournal& journal, Direction direction) {
    const bool forward = direction == Direction::Forward;
    auto wanted = transaction(journal, direction);
    const bool is_first_return =
        !forward && last_entry(journal.entries(), RunPhase::RollingBack) == nullptr;
    if (is_first_return) {
        // An earlier run's way back may have left its decision; files were changed since.
        THIMBLE_TRY(configuration_return().forget());
    }
    const host::ShutdownHold hold = hold_machine();
    if (!hold.obstacle().empty()) {
        return give_way(journal, hold.obstacle());
    }
    if (!forward) {
        give_rooms_back();
    }
    THIMBLE_TRY(note(
        journal,
        forward ? RunPhase::Applying : RunPhase::RollingBack,
        std::to_string(plan_.steps.size()),
        hold.words()));
    const RunPhase done = forward ? RunPhase::Applied : RunPhase::RolledBack;
    if (!wanted) {
        return note(journal, done, "failed", wanted.error().text());
    }
    wanted->held = hold.end();
    auto report = forward ? run_forward(*wanted) : run_back(*wanted);
    if (!report) {
        TransactionReport refused;
        refused.ending = TransactionEnding::Refused;
        refused.output = report.error().text();
        name_full_disk(refused, direction);
        report = std::move(refused);
    }
    return note(
        journal, done, std::string(transaction_ending_name(report->ending)), detail_of(*report));
}

/// Whoever else uses the package manager is not disturbed: another program, or that of a run that was killed.
void PlanRun::wait_for_lock(std::chrono::seconds most) {
    constexpr std::chrono::milliseconds kPause{200};
    std::optional<std::uint32_t> told;
    for (std::chrono::milliseconds waited{0}; waited < most; waited += kPause) {
        const auto holder = ports_.packages.lock_holder();
        if (!holder || !*holder) {
            return;
        }
        if (ports_.waits && (*holder)->pid != told) {
            told = (*holder)->pid;
            ports_.waits(**holder, most - std::chrono::floor<std::chrono::seconds>(waited));
        }
        ports_.wait(kPause);
    }
}

Result<void> PlanRun::repair(RunJournal& journal) {
    wait_for_lock(plan_.policy.transaction_timeout);
    const auto& entries = journal.entries();
    const bool backward = last_entry(entries, RunPhase::RollingBack) != nullptr;
    auto limits = transaction(journal, backward ? Direction::Back : Direction::Forward);
    if (!limits && backward) {
        limits = transaction(journal, Direction::Forward);
    }
    if (!limits) {
        return note(journal, RunPhase::Repaired, "failed", limits.error().text());
    }
    const host::ShutdownHold hold = hold_machine();
    if (!hold.obstacle().empty()) {
        return give_way(journal, hold.obstacle());
    }
    if (entries.back().phase != RunPhase::Repairing) {
        THIMBLE_TRY(note(journal, RunPhase::Repairing, "", hold.words()));
    }
    // What the repair changes is not to be taken for somebody else's: on a way back it is decided before
    // what goes back, and on the way forward what is there afterwards is what the transaction left.
    if (const auto decided = backward ? configuration_return().decide() : Result<void>();
        !decided) {
        return note(journal, RunPhase::Repaired, "failed", decided.error().text());
    }
    if (const auto installed = ports_.packages.installed()) {
        limits->steps = without_moved(limits->steps, *installed);
    }
    limits->held = hold.end();
    auto report = ports_.packages.repair(*limits);
    if (!report) {
        return note(journal, RunPhase::Repaired, "failed", report.error().text());
    }
    name_full_disk(*report, backward ? Direction::Back : Direction::Forward);
    if (!backward) {
        look_at_configuration_after(*report);
    }
    if (backward) {
        report = are_versions_before() ? with_configuration_back(*std::move(report))
                                       : with_configuration_of_now(*std::move(report));
    }
    return note(
        journal,
        RunPhase::Repaired,
        std::string(transaction_ending_name(report->ending)),
        detail_of(*report));
}

Result<void> PlanRun::examine_back(RunJournal& journal) {
    const JournalEntry* observed = last_entry(journal.entries(), RunPhase::Observed);
    const auto verdict = ports_.health.examine(observed == nullptr ? "" : observed->detail);
    if (!verdict) {
        return note(
            journal,
            RunPhase::ExaminedBack,
            "unknown",
            format_findings(verdict.error().text(), ""));
    }
    return note(
        journal,
        RunPhase::ExaminedBack,
        word_of(*verdict),
        format_findings(verdict->summary, verdict->document));
}

Result<void> PlanRun::examine(RunJournal& journal) {
    const JournalEntry* observed = last_entry(journal.entries(), RunPhase::Observed);
    const auto verdict = ports_.health.examine(observed == nullptr ? "" : observed->detail);
    if (!verdict) {
        return note(journal, RunPhase::Examined, "unhealthy", verdict.error().text());
    }
    return note(journal, RunPhase::Examined, word_of(*verdict), verdict->document);
}

}  // namespace thimble::apply
