#include "thimble/host/ssh_command.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace thimble::host {
namespace {

using Words = std::vector<std::string>;

TEST(SshCommand, QuotesWhatAShellWouldRead) {
    const Words options{"-F", "none"};
    const Words remote{"/opt/x", "--name", "a b", "$(id)", "", "it's"};

    const Words words = ssh_words({.user = "root", .name = "web1", .port = 22}, options, remote);

    const Words ending{
        "-F",
        "none",
        "-l",
        "root",
        "-p",
        "22",
        "--",
        "web1",
        "/opt/x",
        "--name",
        "'a b'",
        "'$(id)'",
        "''",
        "'it'\\''s'"};
    ASSERT_GT(words.size(), ending.size());
    EXPECT_TRUE(std::equal(ending.rbegin(), ending.rend(), words.rbegin()))
        << testing::PrintToString(words);
    EXPECT_EQ(words.front(), "ssh");
    EXPECT_NE(std::ranges::find(words, "-oBatchMode=yes"), words.end());
}

TEST(SshCommand, SaysLastWordsWithoutTheLineEnd) {
    EXPECT_EQ(last_words("Permission denied.\r\n"), "Permission denied.");
    EXPECT_EQ(last_words("\n"), "");
    EXPECT_EQ(last_words("one\r\ntwo\r\n"), "one; two");
    EXPECT_EQ(
        last_words(std::string(600, 'a') + "\nHost key verification failed.\n"),
        "Host key verification failed.");
    EXPECT_EQ(last_words(std::string(600, 'a')).size(), 500U);
    EXPECT_EQ(last_words("\x1b[31m").find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace thimble::host
