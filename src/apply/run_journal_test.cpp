#include "thimble/apply/run_journal.hpp"

#include "thimble/apply/whole_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace thimble::apply {
namespace {

JournalEntry entry(RunPhase phase, std::string word) {
    return {phase, Instant(std::chrono::seconds(1'790'000'000)), std::move(word), "x\n\"y\""};
}

class JournalFile : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "thimble-journal-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    [[nodiscard]] std::string path() const { return folder_ + "/journal"; }

private:
    std::string folder_;
};

TEST_F(JournalFile, KeepsEveryEntryForTheNextStart) {
    {
        auto journal = RunJournal::open(path());
        ASSERT_TRUE(journal.has_value());
        ASSERT_TRUE(journal->append(entry(RunPhase::Begun, "")).has_value());
        ASSERT_TRUE(journal->append(entry(RunPhase::Applying, "1")).has_value());
    }

    const auto again = RunJournal::open(path());

    ASSERT_TRUE(again.has_value());
    ASSERT_EQ(again->entries().size(), 2U);
    EXPECT_EQ(again->entries()[1], entry(RunPhase::Applying, "1"));
}

TEST_F(JournalFile, CutsOffALineThatWasTornAndGoesOn) {
    const std::string first = format_journal_entry(entry(RunPhase::Begun, ""));
    const std::string second = format_journal_entry(entry(RunPhase::Checked, ""));
    for (std::size_t cut = 1; cut < second.size(); ++cut) {
        std::ofstream(path(), std::ios::trunc) << first << second.substr(0, cut);
        auto journal = RunJournal::open(path());
        ASSERT_TRUE(journal.has_value()) << cut;
        EXPECT_EQ(journal->entries().size(), 1U);
        ASSERT_TRUE(journal->append(entry(RunPhase::Ended, "unchanged")).has_value());
        const auto again = RunJournal::open(path());
        ASSERT_TRUE(again.has_value()) << cut;
        EXPECT_EQ(again->entries().back().word, "unchanged");
    }
}

TEST(Journal, RefusesADamagedLineInTheMiddle) {
    std::string text = format_journal_entry(entry(RunPhase::Begun, ""))
        + format_journal_entry(entry(RunPhase::Checked, ""));
    text[30] ^= 1;

    EXPECT_EQ(parse_journal(text).error().code, "apply.bad_journal");
}

TEST(Journal, ReadsAnEmptyFileAsNoEntry) {
    const auto content = parse_journal("");
    ASSERT_TRUE(content.has_value());
    EXPECT_TRUE(content->entries.empty());
    EXPECT_FALSE(content->torn);
}

TEST(WholeFile, ReplacesAndReads) {
    std::string pattern = testing::TempDir() + "thimble-file-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    const std::string path = pattern + "/a/b";

    EXPECT_EQ(write_whole_file(path, "x").error().kind, ErrorKind::NotFound);
    ASSERT_TRUE(make_folder(pattern + "/a").has_value());
    ASSERT_TRUE(write_whole_file(path, "one").has_value());
    ASSERT_TRUE(write_whole_file(path, "two").has_value());

    EXPECT_EQ(read_whole_file(path, 10).value_or(""), "two");
    EXPECT_EQ(read_whole_file(path, 2).error().code, "apply.too_big");
    std::filesystem::remove_all(pattern);
}

}  // namespace
}  // namespace thimble::apply
