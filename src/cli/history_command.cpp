#include "thimble/cli/history_command.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/run_cause.hpp"
#include "thimble/apply/run_lock.hpp"
#include "thimble/apply/whole_file.hpp"
#include "thimble/base/counted.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/name_list.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/cli/patch_folders.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/cli/prune_command.hpp"
#include "thimble/cli/run_words.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/model/plan_command.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace thimble::cli {
namespace {

std::string result_of(const KeptRun& run) {
    if (!run.problem.empty()) {
        return run.is_lost ? "lost" : "damaged";
    }
    if (run.has_ended()) {
        return run.entries.back().word;
    }
    return run.entries.empty() ? "not_begun" : "unfinished";
}

/// How a run is told: who is at work in it may be told apart from one that was left.
struct Told {
    const KeptRun& run;
    std::string result;
    std::optional<apply::LockHolder> worker;  ///< of an unfinished run that goes on
};

/// Who carries runs of its host out works in an unfinished one, or is about to take it up.
Told told_of(const KeptRun& run) {
    Told told{.run = run, .result = result_of(run), .worker = std::nullopt};
    if (told.result == "unfinished") {
        told.worker = apply::RunLock::carrier(run.root);
    }
    return told;
}

/// For people.
std::string result_words(const Told& told) {
    return told.worker ? "running" : printable(spoken(told.result));
}

std::string sentence_of(const Told& told) {
    if (told.worker) {
        return "It is running: process " + std::to_string(told.worker->pid) + " ("
            + printable(told.worker->command, 100) + ") is at work, since "
            + format_instant(told.run.entries.front().at) + ".";
    }
    return run_sentence(told.result, told.run.entries);
}

/// The run that took another back and got there; null: none did.
const KeptRun* taken_back_by(const KeptRun& run, const std::vector<KeptRun>& all) {
    const auto back = std::ranges::find_if(all, [&run](const KeptRun& other) {
        return other.problem.empty() && other.is_of(run.root) && other.takes_back == run.id
            && other.has_ended()
            && other.entries.back().word == apply::run_result_name(apply::RunResult::RolledBack);
    });
    return back == all.end() ? nullptr : &*back;
}

/// Why it cannot be read, or what is not well although it was taken back.
std::string problem_of(const KeptRun& run) {
    return run.problem.empty() ? wrong_after_way_back(run.entries) : run.problem;
}

/// On what a run rested, and what was found after it.
struct Grounds {
    std::string rehearsal;     ///< its verdict; empty: there was none
    std::string verification;  ///< the document; empty: nobody has looked
};

Grounds grounds_of(const KeptRun& run) {
    constexpr std::size_t kMaxDocument = std::size_t{64} << 20;
    Grounds grounds;
    const auto rehearsal =
        apply::read_whole_file((run.folder / "rehearsal.json").string(), kMaxDocument);
    if (rehearsal) {
        const auto read = rehearse::parse_rehearsal(*rehearsal);
        grounds.rehearsal =
            read ? std::string(rehearse::check_verdict_name(read->verdict)) : "damaged";
    }
    const auto verification =
        apply::read_whole_file((run.folder / "verification.json").string(), kMaxDocument);
    if (verification && parse_json(*verification)) {
        grounds.verification = trimmed(*verification);
    }
    return grounds;
}

/// "curl verified, nginx installed pending restart at 2026-11-30T10:00:00Z"
std::string verification_words(const std::string& document) {
    const auto value = parse_json(document);
    if (!value) {
        return {};
    }
    JsonMembers members(*value);
    std::string words;
    for (const JsonValue& one : members.array("patches")) {
        JsonMembers patch(one);
        const std::string source = patch.text("source");
        words.append(words.empty() ? "" : ", ").append(source).append(" ");
        words.append(spoken(patch.text("state")));
    }
    return words + " at " + members.text("at");
}

std::string rehearsal_words(const KeptRun& run, const Grounds& grounds) {
    if (!grounds.rehearsal.empty()) {
        return grounds.rehearsal;
    }
    const bool is_forward = !run.entries.empty() && run.entries.front().word != "rollback";
    return is_forward ? "none: " + run.entries.front().detail : std::string();
}

std::string sources_of(const model::Plan& plan, std::size_t columns) {
    std::vector<std::string> names;
    std::ranges::transform(
        plan.patches, std::back_inserter(names), [](const model::PlannedPatch& patch) {
            return printable(patch.source);
        });
    return listed_names(names, " ", columns);
}

/// Whether they are there is not known where the host cannot be opened: then they are named.
std::vector<std::string> files_to_look_at(const KeptRun& run, const std::vector<KeptRun>& runs) {
    std::vector<std::string> left = left_files(run, runs);
    if (left.empty()) {
        return left;
    }
    if (run.root == "/") {
        host::LocalHost host;
        return still_there(host, left);
    }
    const auto host = host::RootHost::open(run.root);
    return host ? still_there(**host, left) : left;
}

using Blocks = std::map<std::string, BlockedRun>;

/// By run.
Blocks blocks_of(const std::vector<KeptRun>& runs) {
    Blocks blocks;
    std::set<std::string> roots;
    for (const KeptRun& run : runs) {
        roots.insert(run.root);
    }
    for (const std::string& root : roots) {
        for (BlockedRun& blocked : blocked_runs(runs, root)) {
            if (!blocked.copied_from.empty()) {
                continue;  // it is told of its own host
            }
            std::string run = blocked.run;
            blocks.emplace(std::move(run), std::move(blocked));
        }
    }
    return blocks;
}

void write_block(JsonWriter& json, const KeptRun& run, const Blocks& blocks) {
    const auto found = blocks.find(run.id);
    json.key("blocks").open_array();
    if (found != blocks.end()) {
        for (const apply::TakenBack& patch : found->second.patches) {
            json.open_object().member("source", patch.source);
            json.member("version", patch.version).close_object();
        }
    }
    json.close_array();
    const std::string pin = found == blocks.end() ? std::string() : pin_of(found->second);
    json.member_or_null("pin", pin);
    json.key("pin_is_there").boolean(!pin.empty() && is_pinned(found->second));
    json.key("unblocked");
    if (!run.unblocked) {
        json.null();
        return;
    }
    json.open_object().member("at", format_instant(run.unblocked->at));
    json.member("reason", run.unblocked->reason).close_object();
}

/// A paragraph that begins with so many blanks.
std::string paragraph(std::string_view text, std::size_t blanks) {
    const std::string indent(blanks, ' ');
    return wrapped_text(text, {.first = indent, .further = indent});
}

void show_block(const KeptRun& run, const Blocks& blocks, std::ostream& out) {
    const auto found = blocks.find(run.id);
    if (found != blocks.end()) {
        out << paragraph("blocked: " + printable(blocked_words(found->second, 800)), 2)
            << paragraph(printable(block_reach(found->second)), 4) << "    to allow it again:\n"
            << "      thimble patch unblock " << run.id << " --reason TEXT\n\n";
    } else if (run.unblocked) {
        out << paragraph(
            "allowed again at " + format_instant(run.unblocked->at) + ": "
                + printable(run.unblocked->reason, 400),
            2)
            << "\n";
    }
}

void write_worker(JsonWriter& json, const Told& told) {
    json.key("running");
    if (!told.worker) {
        json.null();
        return;
    }
    json.open_object().key("pid").number(std::int64_t{told.worker->pid});
    json.member("command", told.worker->command);
    json.member("since", format_instant(told.run.entries.front().at)).close_object();
}

void write_run(
    JsonWriter& json, const KeptRun& run, const std::vector<KeptRun>& all, const Blocks& blocks) {
    const Told told = told_of(run);
    json.open_object().member("run", run.id).member("result", told.result);
    write_worker(json, told);
    json.member_or_null("problem", problem_of(run));
    json.member_or_null("kind", run.entries.empty() ? "" : run.entries.front().word);
    json.member_or_null("root", run.root);
    const KeptRun* back = taken_back_by(run, all);
    json.member_or_null("takes_back", run.takes_back);
    json.member_or_null("taken_back_by", back == nullptr ? std::string() : back->id);
    json.member("host", run.plan.host).member("plan", apply::plan_digest(run.plan));
    json.member("folder", run.folder.string());
    json.member_or_null("snapshot", run.snapshot ? apply::way_back_words(*run.snapshot) : "");
    const Grounds grounds = grounds_of(run);
    json.member_or_null("rehearsal", grounds.rehearsal).key("verification");
    grounds.verification.empty() ? json.null() : json.written(grounds.verification);
    write_block(json, run, blocks);
    json.member("left_files", files_to_look_at(run, all));
    const auto pruned_at = archives_pruned_at(run.folder);
    json.member_or_null("archives_pruned_at", pruned_at ? format_instant(*pruned_at) : "");
    json.key("patches").open_array();
    for (const model::PlannedPatch& patch : run.plan.patches) {
        json.open_object().member("source", patch.source);
        json.member("from_version", patch.from_version).member("to_version", patch.to_version);
        json.member("vulnerabilities", patch.vulnerabilities).close_object();
    }
    json.close_array().key("entries").open_array();
    for (const apply::JournalEntry& entry : run.entries) {
        json.open_object().member("phase", apply::run_phase_name(entry.phase));
        json.member("at", format_instant(entry.at)).member("word", entry.word);
        json.member("detail", entry.detail).close_object();
    }
    json.close_array().close_object();
}

/// Of a run that changed another root than this host's own: a line that names it.
std::string where(const KeptRun& run) {
    return run.root == "/" ? "" : "    in " + printable(run.root, 200) + "\n";
}

/// What is to be done about a run now; what is allowed again is done with.
std::string step_for(
    const PatchOptions& options, const Told& told, const std::vector<KeptRun>& all) {
    const KeptRun& run = told.run;
    if (told.worker) {
        return "wait until it has ended, then thimble history " + run.id + same_host(options);
    }
    if (const KeptRun* back = taken_back_by(run, all)) {
        return "thimble history " + back->id + same_host(options);
    }
    const bool is_settled = !run.problem.empty() && run.unblocked;
    const bool went_back = told.result == "rolled_back" && run.takes_back.empty();
    const bool has_ended_early = told.result == "unchanged" || told.result == "skipped";
    const bool is_as_before =
        told.result == "rolled_back" || (has_ended_early && run.takes_back.empty());
    const apply::RunCause cause = cause_of(run, all);
    if (is_as_before && apply::is_of_surroundings(cause)) {
        return step_after_surroundings(
            cause,
            printable(apply::lock_words(run.entries), 300),
            model::plan_command(model::request_of(run.plan), same_host(options)));
    }
    if (const auto failed = failed_return(all, run.root); failed && failed->run == run.id) {
        return step_after_failed_return(*failed, same_host(options));
    }
    if (went_back && run.unblocked) {
        return model::plan_command(model::request_of(run.plan), same_host(options));
    }
    return step_of_history(
        is_settled ? "unchanged" : told.result,
        run.id,
        is_settled ? "" : run.takes_back,
        model::request_of(run.plan),
        same_host(options));
}

/// @param is_back  its versions before come back
std::string closed_words(const model::PlannedPatch& patch, bool is_back) {
    const std::size_t count = patch.vulnerabilities.size();
    if (count == 0) {
        return "no vulnerability is known that it closes";
    }
    return counted(count, "vulnerability", "vulnerabilities") + (is_back ? " open again" : "");
}

/// Of one root that was asked for, how many runs of others there are.
void show_others(std::size_t others, std::ostream& out) {
    if (others > 0) {
        out << counted(others, "run is", "runs are")
            << " of other roots: listed where --root is left out\n";
    }
}

/// @param others  how many runs of other roots are not among them
void show_list(
    const PatchOptions& options,
    const std::vector<KeptRun>& runs,
    const Blocks& blocks,
    std::size_t others,
    std::ostream& out) {
    if (runs.empty()) {
        const std::string of_root =
            others > 0 ? " of " + printable(root_of(options), 200) : std::string();
        out << "No run" << of_root << " yet. The first: thimble patch plan" << same_host(options)
            << "\n";
        show_others(others, out);
        return;
    }
    for (const KeptRun& run : runs) {
        const Told told = told_of(run);
        out << run.id << "  " << result_words(told) << "  " << sources_of(run.plan, 30) << "\n"
            << where(run) << paragraph(printable(sentence_of(told)), 4);
        if (const auto found = blocks.find(run.id); found != blocks.end()) {
            out << paragraph("Blocks " + printable(blocked_words(found->second, 200)) + ".", 4);
        }
        if (const KeptRun* back = taken_back_by(run, runs)) {
            out << paragraph("Run " + back->id + " took it back.", 4);
        }
    }
    if (others > 0) {
        out << "\n";
        show_others(others, out);
    }
    // Whatever else there is, a run that stopped halfway comes first.
    const auto open = std::ranges::find_if(runs, [](const KeptRun& run) {
        return run.problem.empty() ? !run.has_ended() && !run.entries.empty() : !run.unblocked;
    });
    out << "\nNext: "
        << (open == runs.end() ? "thimble history " + runs.back().id + same_host(options)
                               : step_for(options, told_of(*open), runs))
        << "\n";
}

void show_left(const KeptRun& run, const std::vector<KeptRun>& all, std::ostream& out) {
    const auto left = files_to_look_at(run, all);
    if (left.empty()) {
        return;
    }
    out << "  left beside configuration files, to be looked at:\n";
    for (const std::string& path : left) {
        out << "    " << printable(path, 400) << "\n";
    }
    out << "\n";
}

/// Of the end of a run that is all that its entries tell of it.
std::string sentence_in(const KeptRun& run, const apply::JournalEntry& entry) {
    return entry.phase == apply::RunPhase::Ended ? run_sentence(entry.word, run.entries)
                                                 : entry_sentence(entry);
}

void show_entry(const KeptRun& run, const apply::JournalEntry& entry, std::ostream& out) {
    out << entry_line(entry, 2) << paragraph(printable(sentence_in(run, entry), 1000), 6);
    if (entry.detail.starts_with('{')) {
        return;  // a document, for programs
    }
    // What went wrong stands first, or at the end of what the package manager said.
    constexpr std::size_t kMostAtBegin = 3;
    constexpr std::size_t kMostAtEnd = 10;
    std::vector<std::string_view> told;
    Lines lines(entry.detail);
    for (std::string_view line; lines.next(line);) {
        told.push_back(line);
    }
    const std::size_t most = kMostAtBegin + kMostAtEnd;
    const std::size_t left_out = told.size() > most ? told.size() - most : 0;
    for (std::size_t at = 0; at < told.size(); ++at) {
        if (left_out > 0 && at == kMostAtBegin) {
            out << "      (" << counted(left_out, "line") << " more; --json has all)\n";
            at += left_out;
        }
        out << paragraph(printable(told[at], 400), 6);
    }
}

/// The plan of a way back is that of the run which it takes back.
void show_patches(const KeptRun& run, std::ostream& out) {
    constexpr std::size_t kMost = 20;
    const model::Plan& plan = run.plan;
    const bool is_back = !run.entries.empty() && run.entries.front().word == "rollback";
    for (std::size_t at = 0; at < std::min(plan.patches.size(), kMost); ++at) {
        const model::PlannedPatch& patch = plan.patches[at];
        out << narrowed(
            "  " + printable(patch.source) + "  "
            + printable(is_back ? patch.to_version : patch.from_version) + " -> "
            + printable(is_back ? patch.from_version : patch.to_version) + "  ("
            + closed_words(patch, is_back) + ")\n");
    }
    if (plan.patches.size() > kMost) {
        out << "  and " << plan.patches.size() - kMost << " more; --json has all\n";
    }
    out << "\n";
}

void show_grounds(const KeptRun& run, std::ostream& out) {
    const Grounds grounds = grounds_of(run);
    if (const std::string words = rehearsal_words(run, grounds); !words.empty()) {
        out << paragraph("rehearsal: " + printable(words, 400), 2);
    }
    const std::string found = grounds.verification.empty()
        ? "nobody has looked since"
        : printable(verification_words(grounds.verification), 800);
    out << paragraph("verification: " + found, 2) << "\n";
}

void show_run(
    const PatchOptions& options,
    const KeptRun& run,
    const std::vector<KeptRun>& all,
    std::ostream& out) {
    const Told told = told_of(run);
    out << narrowed(
        "run " + run.id + " on " + printable(run.plan.host) + ": " + result_words(told) + "\n")
        << where(run) << paragraph(printable(sentence_of(told)), 2) << "  plan "
        << apply::plan_digest(run.plan) << "\n  " << run.folder.string() << "\n\n";
    if (!run.takes_back.empty()) {
        out << "  the way back of run " << printable(run.takes_back, 100) << "\n\n";
    }
    if (const KeptRun* back = taken_back_by(run, all)) {
        out << paragraph(
            "taken back by run " + back->id + " on " + format_instant(back->last_at()) + ", since "
                + printable(why_taken_back(back->entries), 1000),
            2)
            << "\n";
    }
    if (result_of(run) == "rolled_back") {
        out << paragraph("taken back since " + printable(why_taken_back(run.entries), 1000), 2)
            << "\n";
    }
    if (!run.problem.empty()) {
        out << paragraph(printable(run.problem, 400), 2) << "\n";
    }
    if (run.snapshot) {
        out << paragraph("snapshot: " + printable(apply::way_back_words(*run.snapshot)), 2) << "\n";
    }
    show_block(run, blocks_of(all), out);
    if (const auto pruned_at = archives_pruned_at(run.folder)) {
        out << paragraph(
            "cannot be taken back: its archives were removed at " + format_instant(*pruned_at), 2)
            << "\n";
    }
    show_left(run, all, out);
    show_grounds(run, out);
    show_patches(run, out);
    for (const apply::JournalEntry& entry : run.entries) {
        show_entry(run, entry, out);
    }
    out << "\nNext: " << step_for(options, told, all) << "\n";
}

}  // namespace

int run_history(const PatchOptions& options, std::ostream& out, std::ostream& err) {
    const std::vector<KeptRun> all = list_runs(patch_state(options));
    std::vector<KeptRun> runs = all;
    std::size_t others = 0;
    if (!options.run.empty()) {
        const auto run = find_run(patch_state(options), options.run);
        if (!run && run.error().kind != ErrorKind::Corrupt) {
            return complain(err, run.error());
        }
        std::erase_if(runs, [&](const KeptRun& other) { return other.id != options.run; });
    } else if (!options.root.empty()) {
        const std::string root = root_of(options);
        others = std::erase_if(runs, [&](const KeptRun& run) { return !run.may_be_of(root); });
    }
    const Blocks blocks = blocks_of(all);
    if (options.json) {
        std::string text;
        JsonWriter json(text);
        json.open_object().member("format", "thimble.history/1").key("runs").open_array();
        for (const KeptRun& run : runs) {
            write_run(json, run, all, blocks);
        }
        json.close_array().key("runs_of_other_roots").number(static_cast<std::int64_t>(others));
        json.close_object();
        out << text << "\n";
    } else if (options.run.empty()) {
        show_list(options, runs, blocks, others, out);
    } else {
        show_run(options, runs.front(), all, out);
    }
    const bool all_ended = std::ranges::all_of(runs, [](const KeptRun& run) {
        return run.problem.empty() && (run.has_ended() || run.entries.empty());
    });
    return all_ended ? kNothingDue : kSomethingDue;
}

}  // namespace thimble::cli
