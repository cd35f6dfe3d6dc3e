#include "thimble/cli/unknown_verb.hpp"

#include "thimble/cli/exit_status.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

/// Status and words for a command line of a program with `patch plan`, `patch apply` and `verify RUN`.
std::pair<int, std::string> refused(std::vector<const char*> arguments) {
    CLI::App app{"", "thimble"};
    CLI::App* patch = app.add_subcommand("patch", "");
    patch->add_subcommand("plan", "");
    patch->add_subcommand("apply", "");
    app.add_subcommand("verify", "");
    CLI::App* hosts = app.add_subcommand("hosts", "");
    hosts->add_subcommand("remove", "");
    hosts->require_subcommand(0, 1);
    arguments.insert(arguments.begin(), "thimble");
    std::ostringstream err;
    const int status = refuse_unknown_verb(app, arguments, err);
    return {status, err.str()};
}

TEST(RefuseUnknownVerb, SaysWhatWasMeantAndWhatThereIs) {
    const auto [status, words] = refused({"patch", "aply"});

    EXPECT_EQ(status, kUsage);
    EXPECT_EQ(
        words,
        "thimble: there is no command \"thimble patch aply\"\n"
        "  Did you mean \"thimble patch apply\"?\n"
        "  Commands: plan apply\n"
        "  More of them: thimble patch --help\n");
}

TEST(RefuseUnknownVerb, KnowsTheVerbsThatAnotherProgramHas) {
    CLI::App app{"", "thimble"};
    app.add_subcommand("control", "")->add_subcommand("deploy", "");
    const std::vector<const char*> arguments{"thimble", "control", "propse"};
    const std::vector<std::string_view> elsewhere{"list", "propose"};
    std::ostringstream err;

    EXPECT_EQ(refuse_unknown_verb(app, arguments, err, elsewhere), kUsage);

    EXPECT_NE(err.str().find("Did you mean \"thimble control propose\"?"), std::string::npos);
    EXPECT_NE(err.str().find("Commands: list propose deploy"), std::string::npos) << err.str();
}

TEST(RefuseUnknownVerb, KnowsACommandThatNeedsNoVerb) {
    const auto [status, words] = refused({"hosts", "remov"});

    EXPECT_EQ(status, kUsage);
    EXPECT_NE(words.find("Did you mean \"thimble hosts remove\"?"), std::string::npos) << words;
}

TEST(RefuseUnknownVerb, ListsTheVerbsWhenThereIsNone) {
    const auto [status, words] = refused({"patch"});

    EXPECT_EQ(status, kUsage);
    EXPECT_EQ(
        words,
        "thimble: \"thimble patch\" needs one of its commands\n"
        "  Commands: plan apply\n"
        "  More of them: thimble patch --help\n");
}

TEST(RefuseUnknownVerb, LetsEverythingElsePass) {
    for (const std::vector<const char*>& arguments : std::vector<std::vector<const char*>>{
             {},
             {"patch", "apply", "aply"},
             {"patch", "--help"},
             {"verify"},
             {"hosts"},
             {"hosts", "--json"},
             {"verify", "aply"},
             {"nonsense"}}) {
        EXPECT_EQ(refused(arguments), (std::pair<int, std::string>{0, ""}));
    }
}

}  // namespace
}  // namespace thimble::cli
