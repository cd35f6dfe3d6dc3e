// The tables of the program against the published CSV files.
#include "thimble/prioritize/decision_tables.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::prioritize {
namespace {

std::string published(const std::string& name) {
    const char* data = std::getenv("THIMBLE_DATA");
    const std::string file = "/ssvc/csv/" + name;
    const std::string root =
        std::filesystem::path(THIMBLE_TESTDATA "/../../..").lexically_normal().string();
    for (const std::string& folder :
         {std::string(data == nullptr ? "" : data), root + "/../shared/data"}) {
        if (std::ifstream(folder + file).good()) {
            return folder + file;
        }
    }
    return {};
}

/// Rows without the header, cells split at commas outside quotes.
std::vector<std::vector<std::string>> read_rows(const std::string& path) {
    std::ifstream in(path);
    std::string line;
    std::vector<std::vector<std::string>> rows;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::vector<std::string> cells(1);
        for (const char c : line) {
            if (c == ',') {
                cells.emplace_back();
            } else if (c != '\r') {
                cells.back() += c;
            }
        }
        rows.push_back(std::move(cells));
    }
    return rows;
}

TEST(PublishedTables, DeployerIsTheOneOfCertCc) {
    const std::string path = published("ssvc/deployer_patch_application_priority_1_0_0.csv");
    if (path.empty()) {
        GTEST_SKIP() << "skipped: no data";
    }
    const auto rows = read_rows(path);
    ASSERT_EQ(rows.size(), deployer_table().size());
    const std::vector<std::string> exploitation{"none", "public poc", "active"};
    const std::vector<std::string> automatable{"no", "yes"};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const DeployerRow& ours = deployer_table()[i];
        EXPECT_EQ(rows[i][0], std::to_string(ours.row));
        EXPECT_EQ(rows[i][1], exploitation[static_cast<std::size_t>(ours.exploitation)]);
        EXPECT_EQ(rows[i][2], system_exposure_name(ours.exposure));
        EXPECT_EQ(rows[i][3], automatable[static_cast<std::size_t>(ours.automatable)]);
        EXPECT_EQ(rows[i][4], human_impact_name(ours.impact));
        EXPECT_EQ(rows[i][5], ssvc_outcome_name(ours.outcome)) << "row " << i;
    }
}

TEST(PublishedTables, Bod2604IsTheOneOfCisa) {
    const std::string path = published("cisa/cisa_bod_26_04_1_0_0.csv");
    if (path.empty()) {
        GTEST_SKIP() << "skipped: no data";
    }
    const auto rows = read_rows(path);
    ASSERT_EQ(rows.size(), bod_2604_table().size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const BodRow& ours = bod_2604_table()[i];
        EXPECT_EQ(rows[i][0], std::to_string(ours.row));
        EXPECT_EQ(rows[i][1], ours.kev ? "yes" : "no");
        EXPECT_EQ(rows[i][2], ours.exposed ? "yes" : "no");
        EXPECT_EQ(rows[i][3], ours.automatable == model::Automatable::Yes ? "yes" : "no");
        EXPECT_EQ(rows[i][4], ours.impact == model::TechnicalImpact::Total ? "total" : "partial");
        const std::string days =
            ours.days == 0 ? "fix on system upgrade" : std::to_string(ours.days) + " days";
        EXPECT_EQ(rows[i][5], days + (ours.forensic ? " & forensic investigation" : ""))
            << "row " << i;
    }
}

}  // namespace
}  // namespace thimble::prioritize
