// The published data of every feed: how many records it has, and that each one left out is bad.
#include "thimble/feeds/read_feed.hpp"
#include "thimble/feeds/recording_sink.hpp"
#include "thimble/model/corpus_path.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <string>

namespace thimble::feeds {
namespace {

using model::Claim;

/// Keeps what the expectations ask for, not 400,000 advisories.
class TallySink final : public Sink {
public:
    void advisory(model::Advisory advisory) override {
        ids.insert(advisory.id);
        bug_fixes += advisory.security ? 0U : 1U;
        withdrawn += advisory.withdrawn ? 1U : 0U;
        several_cves += advisory.vulnerabilities.size() > 1 ? 1U : 0U;
        for (const model::AffectedPackage& package : advisory.affected) {
            ++claims[package.claim];
            streams += package.module_stream.empty() ? 0U : 1U;
        }
    }
    void facts(model::VulnerabilityFacts facts) override {
        rejected += facts.rejected ? 1U : 0U;
        with_ssvc += facts.ssvc ? 1U : 0U;
        highest_epss = std::max(highest_epss, facts.epss ? facts.epss->score_millionths : 0);
        ids.insert(std::move(facts.id));
    }
    void quarantine(std::string_view record, std::string_view reason) override {
        std::cout << "    left out: " << record << ": " << reason << '\n';
        reasons.emplace_back(reason);
    }

    std::set<std::string> ids;
    std::map<Claim, std::size_t> claims;
    std::vector<std::string> reasons;
    std::size_t bug_fixes = 0;
    std::size_t withdrawn = 0;
    std::size_t several_cves = 0;
    std::size_t streams = 0;
    std::size_t rejected = 0;
    std::size_t with_ssvc = 0;
    std::uint32_t highest_epss = 0;
};

/// One file or directory of the corpus and what is in it.
struct Published {
    const char* feed;
    const char* path;
    std::uint64_t records;
    std::uint64_t quarantined;
};

// The numbers of records are those of the corpus's own README; exploit feeds count pairs.
constexpr Published kPublished[] = {
    {"osv", "osv/Go.zip", 4291, 0},
    {"osv", "osv/AlmaLinux.zip", 5637, 0},
    {"osv", "osv/crates.io.zip", 1206, 0},
    {"osv", "osv/Bitnami.zip", 7444, 0},
    {"osv", "osv/PyPI.zip", 2661, 0},
    {"osv", "osv/Debian.zip", 11375, 0},
    {"osv", "osv/Ubuntu.zip", 14440, 0},
    {"osv", "osv-export-partial", 6431, 0},
    {"kev", "kev/known_exploited_vulnerabilities.json", 1500, 0},
    {"kev", "kev/2025-08-25/known_exploited_vulnerabilities.json", 1404, 0},
    {"epss", "epss/epss_scores-current.csv.gz", 360'142, 0},
    {"epss", "epss/epss_scores-2026-08-08.csv.gz", 356'353, 0},
    {"epss", "epss/epss_scores-2026-06-13.csv.gz", 341'309, 0},
    {"vulnrichment", "vulnrichment", 44'130, 0},
    {"debian-tracker", "debian/tracker/json.2019-09-02.zst", 28'890, 0},
    {"debian-tracker", "debian/derived/json.from-dsa-dla.zst", 22'431, 0},
    {"debian-dsa", "debian/data/DSA/list", 6485, 0},
    {"debian-dla", "debian/data/DLA/list", 4890, 0},
    {"metasploit", "exploits/metasploit-by-cve-2026-08-07.tar.zst", 4621, 0},
    {"nuclei", "exploits/nuclei-cves-2024-06-24.json", 1661, 0},
    // Six ids are typing errors of the source: "CVE-CVE 2014", "CVE-/2019", "CVE-2015-" …
    {"exploitdb", "exploits/exploitdb_mapping-2022-11-16.json.zst", 29'501, 6},
    {"exploitdb", "exploits/exploitdb_mapping_cve-2022-11-16.json.zst", 29'501, 6},
    {"exploitdb", "exploits/exploitdb-files-2014-05-27.csv.zst", 4, 0},
    // The schema's samples: twelve documents are GHSA input and a list of ecosystems, not OSV.
    {"osv", "osv/_schema-and-linter-samples.zip", 23, 12},
};

/// Reads a part of the corpus; false where there is none.
bool read(const char* feed, const char* path, Sink& sink, Result<ReadSummary>& summary) {
    const auto file = model::corpus_path(path);
    if (!file) {
        return false;
    }
    summary = read_feed(*feed_named(feed), *file, sink);
    EXPECT_TRUE(summary) << summary.error().text();
    return summary.has_value();
}

class Corpus : public testing::TestWithParam<Published> {};

TEST_P(Corpus, LoadsEveryRecordOrSaysWhyNot) {
    const Published& published = GetParam();
    TallySink sink;
    Result<ReadSummary> summary;
    if (!read(published.feed, published.path, sink, summary)) {
        GTEST_SKIP() << "skipped: no data";
    }

    EXPECT_EQ(summary->records, published.records);
    EXPECT_EQ(summary->quarantined, published.quarantined);
    EXPECT_EQ(sink.reasons.size(), published.quarantined);
}

INSTANTIATE_TEST_SUITE_P(
    Published,
    Corpus,
    testing::ValuesIn(kPublished),
    [](const testing::TestParamInfo<Published>& one) {
        std::string name = std::string(one.param.feed) + "_" + one.param.path;
        std::ranges::replace_if(
            name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
        return name;
    });

TEST(CorpusFacts, AlmaLinuxBugFixesAreNotSecurityUnlessTheyNameACve) {
    TallySink sink;
    Result<ReadSummary> summary;
    if (!read("osv", "osv/AlmaLinux.zip", sink, summary)) {
        GTEST_SKIP() << "skipped: no data";
    }

    EXPECT_EQ(sink.bug_fixes, 978U + 222U - 3U);
    EXPECT_GT(sink.streams, 10'000U);
}

TEST(CorpusFacts, WithdrawnRecordsStay) {
    TallySink go;
    TallySink rust;
    TallySink python;
    Result<ReadSummary> summary;
    if (!read("osv", "osv/Go.zip", go, summary)) {
        GTEST_SKIP() << "skipped: no data";
    }
    read("osv", "osv/crates.io.zip", rust, summary);
    read("osv", "osv/PyPI.zip", python, summary);

    EXPECT_EQ(go.withdrawn, 17U);
    EXPECT_EQ(rust.withdrawn, 13U);
    EXPECT_EQ(python.withdrawn, 10U);
}

TEST(CorpusFacts, HalfOfDebiansAdvisoriesNameSeveralCves) {
    TallySink sink;
    Result<ReadSummary> summary;
    if (!read("osv", "osv/Debian.zip", sink, summary)) {
        GTEST_SKIP() << "skipped: no data";
    }

    EXPECT_EQ(sink.several_cves, 5543U);
}

TEST(CorpusFacts, TheTrackersZeroesAreNotAffected) {
    TallySink sink;
    Result<ReadSummary> summary;
    if (!read("debian-tracker", "debian/tracker/json.2019-09-02.zst", sink, summary)) {
        GTEST_SKIP() << "skipped: no data";
    }

    EXPECT_EQ(sink.claims[Claim::NotAffected], 12'102U);
    EXPECT_EQ(sink.claims[Claim::UnderInvestigation], 388U);
    EXPECT_EQ(sink.claims[Claim::WontFix], 829U);
    EXPECT_EQ(sink.claims[Claim::EndOfLife], 493U);
}

TEST(CorpusFacts, TheListsTagsAreClaims) {
    TallySink sink;
    Result<ReadSummary> summary;
    if (!read("debian-dsa", "debian/data/DSA/list", sink, summary)) {
        GTEST_SKIP() << "skipped: no data";
    }

    EXPECT_EQ(sink.claims[Claim::NotAffected], 55U);
    EXPECT_EQ(sink.claims[Claim::EndOfLife], 4U);
}

TEST(CorpusFacts, VulnrichmentHasRejectedRecordsAndSsvcForTheRest) {
    TallySink sink;
    Result<ReadSummary> summary;
    if (!read("vulnrichment", "vulnrichment", sink, summary)) {
        GTEST_SKIP() << "skipped: no data";
    }

    EXPECT_EQ(sink.rejected, 104U);
    EXPECT_EQ(sink.with_ssvc, 44'026U);
}

TEST(CorpusFacts, KevGrowsAndNothingIsRemoved) {
    TallySink before;
    TallySink now;
    Result<ReadSummary> summary;
    if (!read("kev", "kev/2025-08-25/known_exploited_vulnerabilities.json", before, summary)) {
        GTEST_SKIP() << "skipped: no data";
    }
    read("kev", "kev/known_exploited_vulnerabilities.json", now, summary);

    EXPECT_TRUE(
        std::includes(now.ids.begin(), now.ids.end(), before.ids.begin(), before.ids.end()));
    EXPECT_EQ(now.ids.size() - before.ids.size(), 96U);
}

TEST(CorpusFacts, TheHighestEpssScoreIsKeptExactly) {
    TallySink sink;
    Result<ReadSummary> summary;
    if (!read("epss", "epss/epss_scores-current.csv.gz", sink, summary)) {
        GTEST_SKIP() << "skipped: no data";
    }

    EXPECT_EQ(sink.highest_epss, 999'990U);
}

}  // namespace
}  // namespace thimble::feeds
