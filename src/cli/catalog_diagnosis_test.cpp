#include "thimble/cli/catalog_diagnosis.hpp"

#include "thimble/catalog/builder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace thimble::cli {
namespace {

const Instant kNow = *parse_instant("2026-11-20T12:00:00Z");

class DiagnoseCatalog : public ::testing::Test {
protected:
    DiagnoseCatalog() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-catalog-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~DiagnoseCatalog() override { std::filesystem::remove_all(folder_); }
    DiagnoseCatalog(const DiagnoseCatalog&) = delete;
    DiagnoseCatalog& operator=(const DiagnoseCatalog&) = delete;
    DiagnoseCatalog(DiagnoseCatalog&&) = delete;
    DiagnoseCatalog& operator=(DiagnoseCatalog&&) = delete;

    [[nodiscard]] std::string path() const { return folder_ / "catalog"; }

    void write(const std::string& bytes) const { std::ofstream(path(), std::ios::binary) << bytes; }

    /// Of feeds whose data is that many days old, and may be two.
    void build(const std::vector<std::pair<std::string, int>>& feeds) const {
        catalog::Builder builder;
        for (const auto& [feed, days] : feeds) {
            catalog::Source source;
            source.feed = feed;
            source.as_of = kNow - Days(days);
            source.staleness_budget = Days(2);
            builder.add(source);
        }
        write(builder.build(kNow).value());
    }

private:
    std::filesystem::path folder_;
};

TEST_F(DiagnoseCatalog, IsWellWhenEachFeedIsNew) {
    build({{"kev", 1}, {"osv", 0}});

    const Diagnosis found = diagnose_catalog(path(), kNow);

    EXPECT_EQ(found.condition, Condition::Well);
    EXPECT_EQ(found.detail, path() + ", of 2 feeds, each within its budget");
    EXPECT_EQ(found.next, "");
}

TEST_F(DiagnoseCatalog, NamesFeedsThatAreStale) {
    build({{"epss", 9}, {"kev", 1}, {"a", 8}, {"b", 8}, {"c", 8}});

    const Diagnosis found = diagnose_catalog(path(), kNow);

    EXPECT_EQ(found.condition, Condition::Limited);
    EXPECT_TRUE(found.detail.contains(" is stale: a is 8 d old")) << found.detail;
    EXPECT_TRUE(found.detail.ends_with("; and 1 more")) << found.detail;
    EXPECT_EQ(found.next, "thimble feeds sync");
}

TEST_F(DiagnoseCatalog, IsLimitedWithoutOneOrWithoutKev) {
    EXPECT_EQ(
        diagnose_catalog(path(), kNow),
        (Diagnosis{
            "catalog", Condition::Limited, "no catalog of advisories yet", "thimble feeds sync"}));
    build({{"osv", 0}});
    EXPECT_TRUE(diagnose_catalog(path(), kNow).detail.contains("without KEV"));
}

TEST_F(DiagnoseCatalog, IsMissingWhereItCannotBeRead) {
    write("no catalog");

    const Diagnosis found = diagnose_catalog(path(), kNow);

    EXPECT_EQ(found.condition, Condition::Missing);
    EXPECT_EQ(found.next, "thimble feeds sync");
}

}  // namespace
}  // namespace thimble::cli
