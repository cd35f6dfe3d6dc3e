#include "thimble/cli/patch_commands.hpp"

#include "thimble/apply/plan_file.hpp"
#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/patch_arguments.hpp"
#include "thimble/cli/run_words.hpp"
#include "thimble/cli/verify_report.hpp"
#include "thimble/model/plan_command.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>
#include <wordexp.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

constexpr std::string_view kProgram = "thimble ";
const std::string kHost = " --root '/srv/my image' --state /srv/state";

/// What somebody would paste: from the name of the program to what no command has.
std::vector<std::string> commands_in(std::string_view text) {
    std::vector<std::string> commands;
    for (std::size_t begin = text.find(kProgram); begin != std::string_view::npos;
         begin = text.find(kProgram, begin + 1)) {
        const std::string_view rest = text.substr(begin);
        commands.emplace_back(rest.substr(0, rest.find_first_of(";,`)\n")));
    }
    return commands;
}

/// The words of a command behind the name of the program; '' is an empty one.
std::vector<std::string> words_of(std::string_view command) {
    return CLI::detail::split_up(std::string(command.substr(kProgram.size())));
}

/// Why the real command line refuses it; empty: it does not.
std::string refusal_of(const std::string& command) {
    CLI::App app{"", "thimble"};
    PatchOptions options;
    std::optional<PatchVerb> chosen;
    declare_patch_commands(app, options, chosen);
    // Of scan only that it is another program's.
    app.add_subcommand("scan")->allow_extras();
    std::vector<std::string> words = words_of(command);
    std::ranges::reverse(words);  // as it takes them
    try {
        app.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
        return command + ": " + error.what();
    }
    return {};
}

/// @return what is wrong with the steps of a text, or that there is none
std::string wrong_with(const std::string& text) {
    const auto commands = commands_in(text);
    std::string wrong = commands.empty() ? "no command in: " + text : "";
    for (const std::string& command : commands) {
        wrong += refusal_of(command);
    }
    return wrong;
}

TEST(RefusalOf, KnowsACommandThatCannotBePasted) {
    EXPECT_EQ(refusal_of("thimble patch unblock r1 --reason TEXT" + kHost), "");
    EXPECT_NE(refusal_of("thimble patch unblock r1"), "") << "the reason is wanting";
    EXPECT_NE(refusal_of("thimble patch rolback r1"), "");
}

TEST(Options, OfApprovalsMeanNothingWithoutAList) {
    const std::string apply = "thimble patch apply p.json ";
    EXPECT_TRUE(refusal_of(apply + "--approvals 3").contains("--approvals requires --approvers"));
    EXPECT_TRUE(refusal_of(apply + "--approval e").contains("--approval requires --approvers"));
    EXPECT_EQ(refusal_of(apply + "--approvers l --approval e --approvals 3"), "");
}

TEST(Options, OfARehearsalMeanNothingWithoutOne) {
    const std::string apply = "thimble patch apply p.json ";
    EXPECT_TRUE(
        refusal_of(apply + "--without-rehearsal --reason x --max-age 1").contains("excludes"));
    EXPECT_EQ(refusal_of(apply + "--max-age 1 --reason x"), "") << "every run records its reason";
}

TEST(Options, ThatNameSomethingAreNotEmpty) {
    // As of a variable that is not set: this machine would be patched instead, and nobody need have signed.
    for (const char* const words :
         {"patch apply p.json --root ''",
          "patch apply p.json --state ''",
          "patch apply p.json --approvers ''",
          "patch apply p.json --approvers l --approval ''",
          "patch apply ''",
          "patch rehearse ''",
          "patch rehearse p.json --mask ''",
          "patch plan --root ''",
          "patch plan --catalog ''",
          "patch plan --output ''",
          "patch plan --exclude ''",
          "patch rollback ''",
          "verify ''",
          "verify --plan ''",
          "history ''",
          "doctor --root ''"}) {
        EXPECT_TRUE(refusal_of(std::string("thimble ") + words).contains("is empty")) << words;
    }
}

TEST(Options, OfNumbersAreBounded) {
    for (const char* const words :
         {"patch plan --settle -5",
          "patch plan --settle 99999999999999999999",
          "patch plan --settle 604801",
          "patch plan --settle-tries 0",
          "patch plan --settle-tries 1001",
          "patch plan --reserve -1",
          "patch plan --reserve 1125899906842625",
          "patch plan --transaction-limit -1",
          "patch plan --transaction-limit 0",
          "patch plan --transaction-limit 604801",
          "patch plan --silence-limit -7",
          "patch plan --probe-limit 0",
          "patch rehearse p.json --size-limit -1",
          "patch rehearse p.json --size-limit 0",
          "patch rehearse p.json --time-limit -5",
          "patch apply p.json --max-age -1",
          "patch apply p.json --approvers l --approvals 0",
          "patch prune --keep -1",
          "patch prune --archive-days 36501"}) {
        EXPECT_TRUE(refusal_of(std::string("thimble ") + words).contains("give a whole number"))
            << words;
    }
}

TEST(Options, OfNumbersTakeWhatAPlanMayHave) {
    CLI::App app{"", "thimble"};
    PatchOptions options;
    std::optional<PatchVerb> chosen;
    declare_patch_commands(app, options, chosen);
    app.parse(
        "thimble patch plan --settle 604800 --settle-tries 1000 --reserve 1125899906842624 "
        "--transaction-limit 604800 --silence-limit 604800 --probe-limit 604800 "
        "--probe db=tcp:127.0.0.1:65535",
        true);
    ASSERT_TRUE(finish_patch_options(options).has_value());
    model::Plan plan;
    plan.policy = options.policy;

    const auto read = apply::parse_plan(apply::format_plan(plan));

    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(read->policy, options.policy);
}

TEST(PrintedSteps, ParseAfterARun) {
    using apply::RunResult;
    for (int number = 0; number <= static_cast<int>(RunResult::RollbackFailed); ++number) {
        const auto result = static_cast<RunResult>(number);
        if (result == RunResult::Skipped) {
            continue;  // what its reason asks for
        }
        for (const bool is_rollback : {false, true}) {
            EXPECT_EQ(wrong_with(step_after_run(result, is_rollback, "r1" + kHost)), "");
        }
    }
}

TEST(PrintedSteps, ParseInTheHistory) {
    for (const char* const result :
         {"applied",
          "skipped",
          "unchanged",
          "rolled_back",
          "failed",
          "failed_health",
          "rollback_failed",
          "unfinished",
          "not_begun",
          "damaged",
          "lost"}) {
        for (const char* const takes_back : {"", "r0"}) {
            EXPECT_EQ(wrong_with(step_of_history(result, "r1", takes_back, {}, kHost)), "")
                << result;
        }
    }
    EXPECT_EQ(step_of_history("unfinished", "r1", "", {}, ""), "thimble patch resume");
    EXPECT_EQ(
        step_of_history("unchanged", "r1", "r0", {}, ""),
        "mend the reason, then thimble patch rollback r0");
}

TEST(PrintedSteps, ParseWhereSomethingIsBlocked) {
    BlockedRun blocked;
    blocked.run = "20261124T111500Z-00";
    EXPECT_EQ(wrong_with(unblock_step(blocked)), "");
    blocked.problem = "a checksum is wrong";
    EXPECT_EQ(wrong_with(unblock_step(blocked)), "");
    EXPECT_EQ(
        wrong_with(aimed_commands(unblock_step(blocked), {.root = " --root /a", .state = ""})), "");
}

/// The words of a command as a shell reads them.
std::vector<std::string> words_of_shell(const std::string& command) {
    wordexp_t found{};
    EXPECT_EQ(::wordexp(command.c_str(), &found, WRDE_NOCMD | WRDE_UNDEF), 0) << command;
    const std::span words(found.we_wordv, found.we_wordc);
    std::vector<std::string> all(words.begin(), words.end());
    ::wordfree(&found);
    return all;
}

/// What the real command line makes of a command.
model::PlanRequest asked_by(const std::string& command) {
    CLI::App app{"", "thimble"};
    PatchOptions options;
    std::optional<PatchVerb> chosen;
    declare_patch_commands(app, options, chosen);
    std::vector<std::string> words = words_of_shell(command);
    words.erase(words.begin());
    std::ranges::reverse(words);
    app.parse(words);
    EXPECT_TRUE(finish_patch_options(options)) << command;
    return {.selection = options.selection, .policy = options.policy};
}

/// Each way of asking, with names of all kinds.
std::vector<model::PlanSelection> selections() {
    const std::vector<std::string> names{"curl", "curl:amd64", "lib*", "it's a b", "$x", "-x"};
    const std::vector<std::string> advisories{"DSA-5477-1", "openSUSE-SU-2026:0123-1"};
    std::vector<model::PlanSelection> all(7);
    all[1].excluded = names;
    all[2].all = true;
    all[2].security = false;
    all[3].security = false;
    all[3].packages = {"curl", "lib*", "libc6:amd64"};
    all[4].security = false;
    all[4].advisories = advisories;
    all[5].vulnerabilities = {"CVE-2026-1", "CVE-2026-2"};
    all[5].level = model::UpgradeLevel::Full;
    all[6] = all[5];
    all[6].all = true;
    all[6].advisories = advisories;
    all[6].excluded = names;
    return all;
}

/// The default and its opposite, with values of all kinds.
std::vector<model::PlanPolicy> policies() {
    std::vector<model::PlanPolicy> all(2);
    model::PlanPolicy& other = all[1];
    other.origins = {"label=Debian Backports,suite=*", "site=it's"};
    other.allow_removals = other.allow_downgrades = other.allow_untrusted = true;
    other.conffiles = model::ConffilePolicy::Refuse;
    other.roll_back_on_failure = false;
    other.reserve_bytes = 0;
    other.settle = std::chrono::seconds(0);
    other.settle_tries = 1;
    other.transaction_timeout = std::chrono::seconds(61);
    other.silence_timeout = std::chrono::seconds(0);
    const auto probe =
        [](model::ProbeKind kind, std::string target, std::vector<std::string> argv) {
            return model::HealthProbe{
                .name = "it's " + std::string(model::probe_kind_name(kind)),
                .kind = kind,
                .target = std::move(target),
                .argv = std::move(argv),
                .timeout = std::chrono::seconds(7)};
        };
    other.probes = {
        probe(model::ProbeKind::Tcp, "[::1]:22", {}),
        probe(model::ProbeKind::Http, "https://h/?a=b&$c", {}),
        probe(model::ProbeKind::Command, "", {"test", "-f", "/x;y"})};
    return all;
}

TEST(PlanCommand, AsksForTheSame) {
    for (const model::PlanSelection& selection : selections()) {
        for (const model::PlanPolicy& policy : policies()) {
            const model::PlanRequest request{.selection = selection, .policy = policy};
            const std::string command = model::plan_command(request, kHost + " --retry");
            EXPECT_EQ(asked_by(command), request) << command;
        }
    }
}

TEST(PrintedSteps, ParseAfterAVerification) {
    using model::PatchState;
    for (const PatchState state :
         {PatchState::Verified,
          PatchState::Missing,
          PatchState::Failed,
          PatchState::FailedHealth,
          PatchState::RolledBack,
          PatchState::Unknown,
          PatchState::InstalledPendingRestart,
          PatchState::InstalledPendingReboot}) {
        VerifyReport report;
        report.run = "r1";
        report.facts.inventory.processes_known = true;
        verify::PatchVerdict verdict;
        verdict.state = state;
        report.patches.push_back(verdict);
        const std::string text = verify_text(report, kHost);
        const std::string next = text.substr(text.find("Next: "));
        // Prose may name a command within brackets.
        if (state != PatchState::Unknown) {
            EXPECT_EQ(wrong_with(next), "");
        }
    }
}

}  // namespace
}  // namespace thimble::cli
