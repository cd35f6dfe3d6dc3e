#include "thimble/host/ssh_answer.hpp"

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/host/ssh_target.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace thimble::host {
namespace {

/// What the script prints when a shell of this machine runs it: no connection is needed for that.
Result<std::vector<Reply>> ask_here(const std::vector<Question>& questions) {
    THIMBLE_TRY(
        const Outcome outcome,
        run_command(Command{.argv = {"sh", "-s"}, .input = question_script(questions)}));
    return parse_answer(outcome.output, questions);
}

TEST(QuestionScript, IsAnsweredByAShell) {
    const auto replies = ask_here(
        {{.path = "/proc/self/cmdline"},
         {.path = "/no/such/file"},
         {.path = "/etc/passwd", .ask = Ask::Info},
         {.path = "/usr", .ask = Ask::Contents},
         {.path = "/etc/it's \"$(odd)\"; `x`"}});

    ASSERT_TRUE(replies.has_value()) << replies.error().text();
    EXPECT_EQ((*replies)[0].presence, Presence::Present);
    EXPECT_FALSE((*replies)[0].bytes.empty());
    EXPECT_EQ((*replies)[1].presence, Presence::Missing);
    EXPECT_EQ((*replies)[2].info.type, FileType::Regular);
    EXPECT_FALSE((*replies)[2].has_contents);
    EXPECT_EQ((*replies)[3].info.type, FileType::Directory);
    EXPECT_NE(std::ranges::find((*replies)[3].names, "bin"), (*replies)[3].names.end());
    EXPECT_EQ((*replies)[4].presence, Presence::Missing);
}

TEST(QuestionScript, TellsLinksAndBytes) {
    const auto replies = ask_here(
        {{.path = "/proc/self/exe", .ask = Ask::Link},
         {.path = "/proc/self/fd", .ask = Ask::Links},
         {.path = "/proc/self/cmdline", .ask = Ask::Bytes},
         {.path = "/etc/passwd", .ask = Ask::Link},
         {.path = "/no/such/folder", .ask = Ask::Links},
         {.path = "/no/such/file", .ask = Ask::Bytes}});

    ASSERT_TRUE(replies.has_value()) << replies.error().text();
    EXPECT_TRUE((*replies)[0].bytes.starts_with('/'));
    EXPECT_FALSE((*replies)[1].names.empty());
    EXPECT_NE((*replies)[2].bytes.find('\0'), std::string::npos);
    EXPECT_EQ((*replies)[3].presence, Presence::Missing);
    EXPECT_EQ((*replies)[4].presence, Presence::Missing);
    EXPECT_EQ((*replies)[5].presence, Presence::Missing);
}

TEST(ShellQuoted, AShellGivesBackEveryWord) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& bytes) {
        std::string word;
        for (const std::uint8_t byte : bytes) {
            word += byte == 0 ? '\'' : static_cast<char>(byte);
        }
        const auto outcome =
            run_command(Command{.argv = {"sh", "-c", "printf %s " + shell_quoted(word)}});
        RC_ASSERT(outcome.has_value());
        RC_ASSERT(outcome->output == word);
    }));
}

TEST(ParseAnswer, RefusesWhatAHostileHostMaySend) {
    const std::vector<Question> one{{.path = "/a"}};
    const auto code = [&](std::string_view text) {
        return parse_answer(text, one).has_value();
    };

    EXPECT_TRUE(code("M 0\nE\n"));
    EXPECT_TRUE(code("P 0 81a4 3 7 1 1 2049\nYWJj\n.\nE\n"));
    EXPECT_FALSE(code(""));
    EXPECT_FALSE(code("E\n"));
    EXPECT_FALSE(code("M 1\nE\n"));
    EXPECT_FALSE(code("M 0\nM 1\nE\n"));
    EXPECT_FALSE(code("M 99999999999999999999\nE\n"));
    EXPECT_FALSE(code("P 0 81a4 3 7 1 1\nE\n"));
    EXPECT_FALSE(code("P 0 81a4 3 7 1 1 2049\nYWJj\n"));
    EXPECT_FALSE(code("P 0 81a4 3 7 1 1 2049\n$$$$\n.\nE\n"));
    EXPECT_FALSE(code("X 0\nE\n"));
}

TEST(ParseAnswer, TakesOnlyTheKindOfReplyThatWasAskedFor) {
    const std::vector<Question> link{{.path = "/a", .ask = Ask::Link}};
    const std::vector<Question> bytes{{.path = "/a", .ask = Ask::Bytes}};

    EXPECT_EQ(parse_answer("L 0\nYWJj\n.\nE\n", link)->front().bytes, "abc");
    EXPECT_EQ(parse_answer("B 0\nYWJj\n.\nE\n", bytes)->front().bytes, "abc");
    EXPECT_FALSE(parse_answer("B 0\nYWJj\n.\nE\n", link).has_value());
    EXPECT_FALSE(parse_answer("P 0 81a4 3 7 1 1 2049\nYWJj\n.\nE\n", bytes).has_value());
}

TEST(ParseAnswer, NamesNeverLeadElsewhere) {
    const std::vector<Question> one{{.path = "/a"}};

    // base64 of "b\n../x\na\n"
    const auto replies = parse_answer("P 0 41ed 3 7 1 1 2049\nYgouLi94CmEK\n.\nE\n", one);

    EXPECT_EQ((*replies)[0].names, (std::vector<std::string>{"a", "b"}));
}

TEST(ParseSshTarget, ReadsItsParts) {
    EXPECT_EQ(parse_ssh_target("ssh://name").value(), (SshTarget{"", "name", 0}));
    EXPECT_EQ(parse_ssh_target("ssh://me@name:2222/").value(), (SshTarget{"me", "name", 2222}));
    EXPECT_EQ(
        parse_ssh_target("ssh://me@[fe80::1%eth0]:22").value(),
        (SshTarget{"me", "fe80::1%eth0", 22}));
}

TEST(ParseSshTarget, RefusesWhatSshCouldTakeForAnOption) {
    for (const std::string_view bad :
         {"name",
          "ssh://",
          "ssh://-oProxyCommand=id",
          "ssh://-l@name",
          "ssh://me@-x",
          "ssh://a b",
          "ssh://a;b",
          "ssh://$(id)@a",
          "ssh://a:0",
          "ssh://a:65536",
          "ssh://a:22x",
          "ssh://[::1",
          "ssh://[::1]x",
          "ssh://a@b@c",
          "ssh://a/../b"}) {
        EXPECT_EQ(parse_ssh_target(bad).error().code, "host.bad_target") << bad;
    }
}

}  // namespace
}  // namespace thimble::host
