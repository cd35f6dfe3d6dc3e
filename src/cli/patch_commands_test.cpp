#include "thimble/cli/patch_commands.hpp"

#include "thimble/cli/aimed_commands.hpp"
#include "thimble/cli/blocked_patches.hpp"
#include "thimble/cli/patch_arguments.hpp"
#include "thimble/cli/run_words.hpp"
#include "thimble/cli/verify_report.hpp"
#include "thimble/model/selection_words.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
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

/// Why the real command line refuses it; empty: it does not.
std::string refusal_of(const std::string& command) {
    CLI::App app{"", "thimble"};
    PatchOptions options;
    std::optional<PatchVerb> chosen;
    declare_patch_commands(app, options, chosen);
    // Of scan only that it is another program's.
    app.add_subcommand("scan")->allow_extras();
    try {
        app.parse(command, true);
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
    std::vector<std::string> words;
    std::string word;
    bool is_quoted = false;
    bool has_begun = false;
    for (std::size_t at = 0; at <= command.size(); ++at) {
        const char c = at < command.size() ? command[at] : ' ';
        if (c == '\'' || (c == '\\' && !is_quoted)) {
            is_quoted = c == '\'' ? !is_quoted : is_quoted;
            at += c == '\\' ? 1U : 0U;
            word += c == '\\' ? command.substr(at, 1) : "";
            has_begun = true;
        } else if (c == ' ' && !is_quoted) {
            if (has_begun) {
                words.push_back(std::exchange(word, {}));
            }
            has_begun = false;
        } else {
            word += c;
            has_begun = true;
        }
    }
    return words;
}

/// What the real command line makes of a command.
model::PlanSelection selection_asked_by(const std::string& command) {
    CLI::App app{"", "thimble"};
    PatchOptions options;
    std::optional<PatchVerb> chosen;
    declare_patch_commands(app, options, chosen);
    std::vector<std::string> words = words_of_shell(command);
    words.erase(words.begin());
    std::ranges::reverse(words);
    app.parse(words);
    EXPECT_TRUE(finish_patch_options(options)) << command;
    return options.selection;
}

TEST(PlanCommand, AsksForTheSameSelection) {
    const std::vector<std::vector<std::string>> names{{}, {"curl"}, {"lib*", "it's a b"}, {"-x"}};
    for (const auto& packages : names) {
        for (const bool security : {false, true}) {
            for (const bool all : {false, true}) {
                const bool names_others = all || !packages.empty();
                const model::PlanSelection selection{
                    .security = security || !names_others,
                    .all = all,
                    .vulnerabilities =
                        all ? std::vector<std::string>{"CVE-2026-1"} : std::vector<std::string>{},
                    .packages = security ? std::vector<std::string>{"curl:amd64"}
                                         : std::vector<std::string>{},
                    .advisories = packages,
                    .excluded = packages,
                    .level = all ? model::UpgradeLevel::Full : model::UpgradeLevel::SecurityOnly};
                const std::string command = model::plan_command(selection, kHost + " --retry");
                EXPECT_EQ(selection_asked_by(command), selection) << command;
            }
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
