#include "thimble/base/shell_word.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble {
namespace {

TEST(ShellWord, LeavesPlainWordsAsTheyAre) {
    EXPECT_EQ(shell_word("/mnt/image-1.0_a+b"), "/mnt/image-1.0_a+b");
    EXPECT_EQ(shell_word("ssh://root@web1:22"), "ssh://root@web1:22");
}

TEST(ShellWord, QuotesWhatAShellWouldActOn) {
    EXPECT_EQ(shell_word(""), "''");
    EXPECT_EQ(shell_word("/mnt/my image"), "'/mnt/my image'");
    EXPECT_EQ(shell_word("$(reboot)"), "'$(reboot)'");
    EXPECT_EQ(shell_word("a'b"), "'a'\\''b'");
    EXPECT_EQ(shell_word("-rf"), "'-rf'");
}

TEST(IsPlainWord, RefusesOptionsAndWhatAShellActsOn) {
    EXPECT_TRUE(is_plain_word("libstdc++6"));
    for (const std::string word : {"", "-rf", "a b", "a;b", "`x`", "~", "a\nb", "*"}) {
        EXPECT_FALSE(is_plain_word(word)) << word;
    }
}

}  // namespace
}  // namespace thimble
