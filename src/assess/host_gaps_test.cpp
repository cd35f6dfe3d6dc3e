#include "thimble/assess/host_gaps.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace thimble::assess {
namespace {

namespace fs = std::filesystem;

enum class Matter : std::uint8_t { OfCatalog, OfIndex, OfNeither };

/// What every gap of an assessment means for who asks whether there may be more patches.
std::map<std::string, Matter> matters() {
    return {
        {"assess.end_of_life", Matter::OfCatalog},
        {"assess.feed_stale", Matter::OfCatalog},
        {"assess.no_catalog", Matter::OfCatalog},
        {"assess.no_section", Matter::OfCatalog},
        {"assess.records_quarantined", Matter::OfCatalog},
        {"assess.sources_unreadable", Matter::OfCatalog},
        {"assess.unknown_distribution", Matter::OfCatalog},
        {"assess.unknown_release", Matter::OfCatalog},
        {"assess.index_age_unknown", Matter::OfIndex},
        {"assess.index_stale", Matter::OfIndex},
        {"assess.first_seen_not_kept", Matter::OfNeither},  // of dates
        {"assess.no_kev", Matter::OfNeither},               // of urgency
        {"assess.no_packages", Matter::OfNeither},          // of what is installed
        {"assess.unfinished_packages", Matter::OfNeither},  // likewise
    };
}

bool is_written_by_us(const fs::path& file) {
    const std::string name = file.filename().string();
    return name.ends_with(".cpp") && !name.ends_with("_test.cpp") && !name.ends_with("_bench.cpp");
}

/// Every code that the sources have.
std::set<std::string> written_codes() {
    static const std::regex kCode("\"(assess\\.[a-z_]+)\"");
    std::set<std::string> codes;
    for (const auto& entry : fs::recursive_directory_iterator("src")) {
        if (!is_written_by_us(entry.path())) {
            continue;
        }
        std::ifstream in(entry.path());
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        for (std::sregex_iterator at(text.begin(), text.end(), kCode), end; at != end; ++at) {
            codes.insert((*at)[1].str());
        }
    }
    return codes;
}

TEST(HostGaps, TellOfPackagesThatAreHalfDone) {
    const auto told = [](const model::Inventory& inventory) {
        std::string words;
        for (const model::Gap& gap :
             host_gaps(inventory, nullptr, {.now = {}, .index_budget = {}})) {
            words += is_unfinished_gap(gap) ? gap.detail + "\n" : "";
        }
        return words;
    };
    model::Inventory inventory;
    inventory.packages.resize(2);
    inventory.packages[0].name = "perl";
    inventory.packages[1].name = "curl";
    EXPECT_EQ(told(inventory), "");
    inventory.package_manager_interrupted = true;
    EXPECT_EQ(
        told(inventory),
        "dpkg was interrupted, or is at work, and no patch can be installed until that is "
        "finished\n");
    inventory.packages[1].state = model::PackageState::Unpacked;
    EXPECT_TRUE(told(inventory).starts_with("a package is not set up (curl) and may not work"));
    inventory.packages[0].state = model::PackageState::TriggersPending;
    EXPECT_TRUE(told(inventory).starts_with("2 packages are not set up (perl, curl)"))
        << told(inventory);
}

TEST(HostGaps, AreEachOfTheCatalogTheIndexOrNeither) {
    std::set<std::string> known;
    for (const auto& [code, matter] : matters()) {
        known.insert(code);
        EXPECT_EQ(is_catalog_gap({code, "", ""}), matter == Matter::OfCatalog) << code;
        EXPECT_EQ(is_index_gap({code, "", ""}), matter == Matter::OfIndex) << code;
    }
    EXPECT_EQ(written_codes(), known) << "say of a new one what it may hide";
}

}  // namespace
}  // namespace thimble::assess
