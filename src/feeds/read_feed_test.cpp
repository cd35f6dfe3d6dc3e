#include "thimble/feeds/read_feed.hpp"

#include "thimble/feeds/archive_builder.hpp"
#include "thimble/feeds/archive_reader.hpp"
#include "thimble/feeds/record_text.hpp"
#include "thimble/feeds/recording_sink.hpp"
#include "thimble/feeds/scratch_folder.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace thimble::feeds {
namespace {

using Kind = ArchiveBuilder::Kind;

constexpr std::string_view kRecord = R"({"id":"DSA-1-1"})";

Result<ReadSummary> read_osv(
    const std::filesystem::path& path, RecordingSink& sink, const Limits& limits = {}) {
    return read_feed(*feed_named("osv"), path, sink, limits);
}

std::string error_code_of(std::string_view bytes, const Limits& limits = {}) {
    const ScratchFolder folder;
    RecordingSink sink;
    const auto read = read_osv(folder.write("all.zip", bytes), sink, limits);
    return read ? "" : read.error().code;
}

TEST(ReadFeed, ReadsEveryPacking) {
    const ScratchFolder folder;
    for (const Kind kind : {Kind::Zip, Kind::StoredZip, Kind::TarZstd, Kind::TarGzip, Kind::Tar}) {
        ArchiveBuilder archive(kind);
        const std::string bytes = archive.add("a/DSA-1-1.json", kRecord).finish();
        RecordingSink sink;

        const auto read = read_osv(folder.write("packed", bytes), sink);

        ASSERT_TRUE(read) << read.error().text();
        EXPECT_EQ(read->records, 1U);
        EXPECT_EQ(read->bytes, kRecord.size());
    }
}

TEST(ReadFeed, ReadsZipsOfMoreMembersThanSixteenBitsCount) {
    ArchiveBuilder archive(Kind::Zip, std::size_t{16} << 20U);
    for (int i = 0; i < 66'000; ++i) {
        archive.add("n" + std::to_string(i), "");
    }
    archive.add("DSA-1-1.json", kRecord);
    const ScratchFolder folder;
    RecordingSink sink;

    const auto read = read_osv(folder.write("all.zip", archive.finish()), sink);

    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->records, 1U);
}

TEST(ReadFeed, RefusesAZipWhoseMemberWasAltered) {
    ArchiveBuilder archive(Kind::Zip);
    const std::string bytes =
        archive.add("DSA-1-1.json", R"({"id":"DSA-1-1","details":"aaaaaaaaaa"})").finish();
    // The packed content ends before the directory and the descriptor of 16 bytes in front of it.
    const std::size_t end = bytes.find("PK\x01\x02") - 16;

    std::size_t refused = 0;
    for (std::size_t i = 1; i <= 8; ++i) {
        std::string altered = bytes;
        altered[end - i] = static_cast<char>(altered[end - i] ^ 0x55);
        refused += error_code_of(altered).empty() ? 0U : 1U;
    }

    EXPECT_EQ(refused, 8U);
}

TEST(ReadFeed, RefusesAStoredMemberThatWasAltered) {
    ArchiveBuilder archive(Kind::StoredZip);
    std::string bytes = archive.add("DSA-1-1.json", kRecord).finish();
    bytes.replace(bytes.find(kRecord), kRecord.size(), R"({"id":"DSA-9-9"})");

    EXPECT_EQ(error_code_of(bytes), "feeds.bad_archive");
}

TEST(ReadFeed, ReadsAPlainFile) {
    const ScratchFolder folder;
    RecordingSink sink;

    const auto read = read_osv(folder.write("DSA-1-1.json", kRecord), sink);

    ASSERT_TRUE(read);
    EXPECT_EQ(sink.advisories.at(0).id, "DSA-1-1");
}

TEST(ReadFeed, SkipsMembersThatAreNotTheFeeds) {
    ArchiveBuilder archive(Kind::Zip);
    archive.add("LICENSE", "text").add("DSA-1-1.json", kRecord);
    const ScratchFolder folder;
    RecordingSink sink;

    const auto read = read_osv(folder.write("all.zip", archive.finish()), sink);

    ASSERT_TRUE(read);
    EXPECT_EQ(read->records, 1U);
    EXPECT_EQ(read->quarantined, 0U);
}

TEST(ReadFeed, ReadsMembersWhoseNamesHoldColons) {
    ArchiveBuilder archive(Kind::Zip);
    archive.add("ALBA-2019:0973.json", R"({"id":"ALBA-2019:0973"})");
    const ScratchFolder folder;
    RecordingSink sink;

    ASSERT_TRUE(read_osv(folder.write("all.zip", archive.finish()), sink));
    EXPECT_EQ(sink.advisories.at(0).id, "ALBA-2019:0973");
}

TEST(ReadFeed, ReadsADirectoryInTheOrderOfItsPaths) {
    const ScratchFolder folder;
    folder.write("b/X-3.json", R"({"id":"X-3"})");
    folder.write("a.json", R"({"id":"X-1"})");
    folder.write("b/X-2.json", R"({"id":"X-2"})");
    folder.write("b/notes.txt", "no");
    RecordingSink sink;

    const auto read = read_osv(folder.path(), sink);

    ASSERT_TRUE(read);
    EXPECT_EQ(read->files, 3U);
    EXPECT_EQ(sink.advisories.at(0).id, "X-1");
    EXPECT_EQ(sink.advisories.at(1).id, "X-2");
    EXPECT_EQ(sink.advisories.at(2).id, "X-3");
}

TEST(ReadFeed, QuarantinesABadMemberAloneByItsName) {
    ArchiveBuilder archive(Kind::Zip);
    archive.add("bad.json", "{").add("good.json", kRecord);
    const ScratchFolder folder;
    RecordingSink sink;

    const auto read = read_osv(folder.write("all.zip", archive.finish()), sink);

    ASSERT_TRUE(read);
    EXPECT_EQ(read->records, 1U);
    ASSERT_EQ(sink.quarantined.size(), 1U);
    EXPECT_EQ(sink.quarantined[0].record, "bad.json");
}

TEST(ReadFeed, RefusesAnErrorPageAndAnEmptyFile) {
    EXPECT_EQ(error_code_of("<html>503</html>"), "feeds.no_records");
    EXPECT_EQ(error_code_of(""), "feeds.no_records");
}

TEST(ReadFeed, RefusesATruncatedArchive) {
    for (const Kind kind : {Kind::Zip, Kind::TarZstd, Kind::TarGzip}) {
        ArchiveBuilder archive(kind);
        std::string noise;
        for (int i = 0; i < 20'000; ++i) {
            noise += std::to_string(i * 7919 % 10'007);
        }
        const std::string bytes = archive.add("DSA-1-1.json", kRecord)
                                      .add("X.json", R"({"id":"X","details":")" + noise + R"("})")
                                      .finish();

        EXPECT_EQ(error_code_of(bytes.substr(0, bytes.size() * 2 / 3)), "feeds.bad_archive");
    }
}

TEST(ReadFeed, RefusesAnArchiveThatClimbsOutOfItsFolder) {
    for (const char* const name : {"../../etc/cron.d/x.json", "/etc/x.json", "a/../../x.json"}) {
        ArchiveBuilder archive(Kind::TarZstd);
        EXPECT_EQ(error_code_of(archive.add(name, kRecord).finish()), "feeds.unsafe_archive")
            << name;
    }
}

TEST(ReadFeed, RefusesAnArchiveWithLinks) {
    ArchiveBuilder archive(Kind::TarZstd);
    archive.add("DSA-1-1.json", kRecord).add_symlink("x.json", "/etc/passwd");

    EXPECT_EQ(error_code_of(archive.finish()), "feeds.unsafe_archive");
}

TEST(ReadFeed, RefusesAZipBomb) {
    ArchiveBuilder archive(Kind::Zip);
    archive.add("bomb.json", std::string(std::size_t{8} << 20U, ' '));
    Limits limits;
    limits.ratio_free_bytes = 1U << 20U;

    EXPECT_EQ(error_code_of(archive.finish(), limits), "feeds.too_large");
}

TEST(ReadFeed, RefusesMembersTotalsAndCountsBeyondTheLimits) {
    ArchiveBuilder archive(Kind::Zip);
    const std::string bytes = archive.add("a.json", kRecord).add("b.json", kRecord).finish();
    Limits member;
    member.max_member_bytes = kRecord.size() - 1;
    Limits total;
    total.max_total_bytes = kRecord.size() + 1;
    Limits count;
    count.max_members = 1;

    EXPECT_EQ(error_code_of(bytes, member), "feeds.too_large");
    EXPECT_EQ(error_code_of(bytes, total), "feeds.too_large");
    EXPECT_EQ(error_code_of(bytes, count), "feeds.too_large");
    EXPECT_EQ(error_code_of(bytes), "");
    EXPECT_EQ(error_code_of(kRecord, member), "feeds.too_large");
}

TEST(ReadFeed, SaysWhatIsMissing) {
    RecordingSink sink;
    EXPECT_EQ(read_osv("/nonexistent/feed", sink).error().kind, ErrorKind::NotFound);
    const ScratchFolder empty;
    EXPECT_EQ(read_osv(empty.path(), sink).error().code, "feeds.no_records");
}

TEST(FeedNamed, KnowsNamesAndAliasesInAnyCase) {
    EXPECT_EQ(feed_named("OSV"), feed_named("osv"));
    EXPECT_EQ(feed_named("tracker")->name, "debian-tracker");
    EXPECT_EQ(feed_named("msf")->name, "metasploit");
    EXPECT_EQ(feed_named("cvelist")->name, "vulnrichment");
    EXPECT_EQ(feed_named("no such feed"), nullptr);
}

TEST(IsFileOf, TellsTheListsOfDebianApart) {
    EXPECT_TRUE(is_file_of(*feed_named("dsa"), "/m/debian/data/DSA/list"));
    EXPECT_FALSE(is_file_of(*feed_named("dsa"), "/m/debian/data/DLA/list"));
    EXPECT_TRUE(is_file_of(*feed_named("tracker"), "/m/tracker/json.2019-09-02.zst"));
    EXPECT_TRUE(is_file_of(*feed_named("epss"), "/m/epss_scores-current.csv.gz"));
}

TEST(RefusalOfName, RefusesNamesThatLeadElsewhere) {
    EXPECT_EQ(refusal_of_name("a/b..c/d.json"), "");
    EXPECT_NE(refusal_of_name(""), "");
    EXPECT_NE(refusal_of_name("C:/x"), "");
    EXPECT_NE(refusal_of_name("a\\..\\x"), "");
    EXPECT_NE(refusal_of_name(".."), "");
}

TEST(OneLine, FoldsWhiteSpaceAndCutsBetweenCharacters) {
    EXPECT_EQ(one_line("  a \t b\nc"), "a b");
    EXPECT_EQ(one_line("a\xc3\xa9", 2), "a");
    EXPECT_EQ(one_line(""), "");
}

TEST(OneLine, NeverExceedsItsLimit) {
    EXPECT_TRUE(rc::check("cut texts fit", [](const std::string& text) {
        RC_ASSERT(one_line(text, 10).size() <= 10U);
    }));
}

TEST(CveOf, UnwrapsDistributionIds) {
    EXPECT_EQ(cve_of("DEBIAN-CVE-2025-9230"), "CVE-2025-9230");
    EXPECT_EQ(cve_of("CVE-2025-9230"), "CVE-2025-9230");
    EXPECT_EQ(cve_of("GHSA-x"), "");
    EXPECT_EQ(cve_of("DEBIAN-CVE-25-1"), "");
    EXPECT_FALSE(is_cve_id("CVE-2025-123"));
    EXPECT_FALSE(is_cve_id("CVE-2025-1234x"));
}

TEST(Matches, StarStandsForAnyRun) {
    EXPECT_TRUE(matches("*/DSA/list", "/a/DSA/list"));
    EXPECT_TRUE(matches("*json*", "json"));
    EXPECT_TRUE(matches("a*b*c", "aXbYbc"));
    EXPECT_FALSE(matches("a*b", "a"));
    EXPECT_FALSE(matches("a", "ab"));
}

}  // namespace
}  // namespace thimble::feeds
