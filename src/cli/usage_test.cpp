#include "thimble/cli/usage.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/cli/exit_status.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace thimble::cli {
namespace {

struct Told {
    int status = 0;
    std::string out;
    std::string err;
};

Told told_of(const std::string& words) {
    CLI::App app{"What it is for", "thimble"};
    std::string one;
    app.add_option(
        "--approvers",
        one,
        "Who must have signed what is applied, as ssh-keygen -Y reads it; where it is not there, "
        "nobody");
    std::ostringstream out;
    std::ostringstream err;
    Told told;
    try {
        app.parse(words);
    } catch (const CLI::ParseError& outcome) {
        told.status = tell_usage(app, outcome, out, err);
    }
    told.out = out.str();
    told.err = err.str();
    return told;
}

TEST(TellUsage, HelpFitsIntoATerminal) {
    const Told told = told_of("--help");

    EXPECT_EQ(told.status, 0);
    EXPECT_TRUE(told.err.empty());
    Lines lines(told.out);
    std::size_t longest = 0;
    for (std::string_view line; lines.next(line);) {
        longest = std::max(longest, columns_of(line));
    }
    EXPECT_LE(longest, kTerminalColumns) << told.out;
    EXPECT_NE(told.out.find("\n                              "), std::string::npos)
        << "what follows stands below: " << told.out;
    EXPECT_NE(told.out.find("nobody\n"), std::string::npos);
}

TEST(ParseArguments, LetsNoForgottenValueTakeTheNextOption) {
    const auto wrong_with = [](std::vector<const char*> words) {
        CLI::App app{"What it is for", "thimble"};
        CLI::App* command = app.add_subcommand("rollback");
        std::string reason;
        std::string root;
        command->add_option("--reason", reason);
        command->add_option("--root", root);
        words.insert(words.begin(), {"thimble", "rollback"});
        try {
            parse_arguments(app, static_cast<int>(words.size()), words.data());
        } catch (const CLI::ParseError& outcome) {
            return std::string(outcome.what());
        }
        return "reason " + reason + ", root " + root;
    };
    EXPECT_EQ(
        wrong_with({"--reason", "--root=/a"}), "--reason: its value is missing before --root=/a");
    EXPECT_EQ(wrong_with({"--reason", "why", "--root=/a"}), "reason why, root /a");
    EXPECT_EQ(wrong_with({"--reason=--root=/a"}), "reason --root=/a, root ");
}

TEST(TellUsage, WhatIsWrongIsUsage) {
    const Told told = told_of("--approver x");

    EXPECT_EQ(told.status, kUsage);
    EXPECT_TRUE(told.out.empty());
    EXPECT_NE(told.err.find("--approver"), std::string::npos);
}

TEST(TellUsage, NamesAllThatIsMissing) {
    CLI::App app{"What it is for", "thimble"};
    CLI::App* request = app.add_subcommand("request", "");
    app.add_subcommand("show", "")->add_option("ID")->required();
    std::string text;
    for (const char* const name : {"--owner", "--until", "--why"}) {
        request->add_option(name, text)->required();
    }
    const auto told = [&app](const std::string& words) {
        std::ostringstream out;
        std::ostringstream err;
        try {
            app.parse(words);
        } catch (const CLI::ParseError& outcome) {
            EXPECT_EQ(tell_usage(app, outcome, out, err), kUsage);
        }
        return err.str();
    };

    EXPECT_TRUE(told("request").starts_with("--owner, --until and --why are required\n"));
    EXPECT_TRUE(told("request --until x").starts_with("--owner and --why are required\n"));
    EXPECT_TRUE(told("request --until x --why y").starts_with("--owner is required\n"));
}

}  // namespace
}  // namespace thimble::cli
