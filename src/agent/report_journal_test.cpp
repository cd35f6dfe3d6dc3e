#include "thimble/agent/report_journal.hpp"

#include "thimble/agent/scratch_folder_test.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace thimble::agent {
namespace {

Entry entry(const std::string& content) {
    return {.kind = "job.result", .content = content};
}

void append(ReportJournal& journal, const std::string& content) {
    const Entry one = entry(content);
    ASSERT_TRUE(journal.append({&one, 1}).has_value());
}

std::string contents_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ReportJournal, GoesOnAfterARestart) {
    const ScratchFolder folder;
    {
        auto journal = ReportJournal::open(folder / "reports");
        ASSERT_TRUE(journal.has_value()) << journal.error().text();
        append(*journal, "a");
        append(*journal, "b");
    }

    auto journal = ReportJournal::open(folder / "reports");
    ASSERT_TRUE(journal.has_value());
    append(*journal, "c");

    const auto reports = journal->after(1);
    ASSERT_EQ(reports.size(), 2U);
    EXPECT_EQ(reports[0].content, "b");
    EXPECT_EQ(reports[1].content, "c");
    EXPECT_EQ(reports[1].sequence, 3U);
}

TEST(ReportJournal, CutsOffWhatAPowerCutTore) {
    const ScratchFolder folder;
    {
        auto journal = ReportJournal::open(folder / "reports");
        append(*journal, "a");
        append(*journal, "b");
    }
    const std::string whole = contents_of(folder / "reports");
    const std::size_t first = whole.find('\n') + 1;
    for (std::size_t size = first; size < whole.size(); ++size) {
        std::ofstream(folder / "reports", std::ios::trunc) << whole.substr(0, size);

        auto journal = ReportJournal::open(folder / "reports");
        ASSERT_TRUE(journal.has_value()) << size;
        EXPECT_EQ(journal->last(), 1U);
        append(*journal, "c");
        EXPECT_EQ(parse_journal(contents_of(folder / "reports"))->reports.size(), 2U);
    }
}

TEST(ReportJournal, RefusesDamageElsewhereAndHoles) {
    const auto line = [](std::uint64_t sequence) {
        return format_journal_line({.sequence = sequence, .kind = "k", .content = "c"});
    };
    std::string damaged = line(1) + line(2);
    damaged[20] ^= 1;

    EXPECT_EQ(parse_journal(damaged).error().code, "agent.bad_journal");
    EXPECT_EQ(parse_journal(line(1) + line(3)).error().code, "agent.bad_journal");
    EXPECT_TRUE(parse_journal(line(1) + line(2)).has_value());
}

TEST(ReportJournal, IsForOneProcessAtATime) {
    const ScratchFolder folder;
    const auto first = ReportJournal::open(folder / "reports");
    ASSERT_TRUE(first.has_value());

    const auto second = ReportJournal::open(folder / "reports");

    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, "agent.runs_already");
}

TEST(ReportJournal, KeepsItsSequenceWhenItIsTrimmed) {
    const ScratchFolder folder;
    {
        auto journal = ReportJournal::open(folder / "reports");
        for (int count = 0; count < 10; ++count) {
            append(*journal, std::string(60'000, 'x'));
        }
        const auto before = std::filesystem::file_size(folder / "reports");
        ASSERT_TRUE(journal->trim(10).has_value());
        EXPECT_LT(std::filesystem::file_size(folder / "reports"), before / 5);
        append(*journal, "next");
    }

    const auto journal = ReportJournal::open(folder / "reports");

    ASSERT_TRUE(journal.has_value());
    EXPECT_EQ(journal->last(), 11U);
    ASSERT_EQ(journal->after(10).size(), 1U);
    EXPECT_EQ(journal->after(10).front().content, "next");
}

TEST(ReportJournal, TrimsNothingThatTheServerLacks) {
    const ScratchFolder folder;
    auto journal = ReportJournal::open(folder / "reports");
    for (int count = 0; count < 10; ++count) {
        append(*journal, std::string(60'000, 'x'));
    }

    ASSERT_TRUE(journal->trim(4).has_value());

    EXPECT_EQ(journal->after(4).size(), 6U);
}

TEST(ReportJournal, SendsNoMoreAtOnceThanOneMessageTakes) {
    const ScratchFolder folder;
    auto journal = ReportJournal::open(folder / "reports");
    const std::vector<Entry> many(protocol::kMaxReports + 1, entry("a"));
    ASSERT_TRUE(journal->append(many).has_value());

    EXPECT_EQ(journal->after(0).size(), protocol::kMaxReports);
    EXPECT_EQ(journal->after(protocol::kMaxReports).size(), 1U);
}

}  // namespace
}  // namespace thimble::agent
