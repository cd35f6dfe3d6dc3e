// Published lists of ordered versions. What only older tools took for a version is invalid to us; how many
// lines that are is counted, so that a stricter grammar would show.
#include "thimble/model/corpus_path.hpp"
#include "thimble/model/corpus_zip.hpp"
#include "thimble/model/order_cases.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace thimble::model {
namespace {

struct List {
    std::string file;
    std::string order;
    int ordered;
    int invalid;
};

void PrintTo(const List& list, std::ostream* out) {
    *out << list.file << " as " << list.order;
}

class VersionCorpus : public testing::TestWithParam<List> {};

// `a < b` a line; comments start with '#' or '//'.
TEST_P(VersionCorpus, IsOrderedAsPublished) {
    const auto archive = corpus_path("versions/osv-scalibr-semantic-testdata.zip");
    if (!archive) {
        GTEST_SKIP() << "skipped: no data";
    }
    const auto text = read_zip_entry(*archive, GetParam().file);
    if (!text) {
        GTEST_SKIP() << "skipped: no unzip";
    }

    int ordered = 0;
    int invalid = 0;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string left;
        std::string sign;
        std::string right;
        words >> left >> sign >> right;
        if (right.empty() || left.starts_with('#') || left.starts_with("//")) {
            continue;
        }
        const auto answer = relation(GetParam().order, left, right);
        if (answer.starts_with("invalid")) {
            ++invalid;
        } else {
            ++ordered;
            EXPECT_EQ(answer, sign) << line;
        }
    }

    EXPECT_EQ(ordered, GetParam().ordered);
    EXPECT_EQ(invalid, GetParam().invalid);
}

INSTANTIATE_TEST_SUITE_P(
    Published,
    VersionCorpus,
    testing::Values(
        List{"alpine-versions.txt", "apk", 745, 33},
        List{"alpine-versions-generated.txt", "apk", 13979, 0},
        List{"debian-versions.txt", "dpkg", 30, 0},
        List{"debian-versions-generated.txt", "dpkg", 14442, 0},
        List{"redhat-versions.txt", "rpm", 165, 0},
        List{"semver-versions.txt", "npm", 84, 2},
        List{"semver-versions.txt", "crates.io", 55, 31},
        List{"semver-versions.txt", "Go", 85, 1},
        List{"pypi-versions.txt", "PyPI", 26, 11},
        List{"pypi-versions-generated.txt", "PyPI", 12306, 69}));

}  // namespace
}  // namespace thimble::model
