#include "thimble/apply/apt_pins.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

const std::string kRun = "20261124T111500Z-00";
const std::string kOther = "20261124T111501Z-00";

model::PlannedStep step(std::string name, std::string from, std::string to) {
    model::PlannedStep one;
    one.name = std::move(name);
    one.architecture = "amd64";
    one.from_version = std::move(from);
    one.to_version = std::move(to);
    return one;
}

TEST(ParsePins, ReadsWhatFormatPinsWrites) {
    model::PlannedStep for_all = step("docs", "1", "2");
    for_all.architecture = "all";

    EXPECT_EQ(
        parse_pins(format_pins({kRun, {step("curl", "1:7-1", "1:7-2"), for_all}})),
        (std::vector<PinnedVersion>{{"curl", "amd64", "1:7-2"}, {"docs", "", "2"}}));
}

TEST(ParsePins, PassesOverWhatIsNotOurs) {
    EXPECT_TRUE(parse_pins("Package: *\nPin: version 2\n").empty());
    EXPECT_TRUE(parse_pins("Pin: version 2\nPackage: curl\nPin: release a=stable\n").empty());
    EXPECT_TRUE(parse_pins("Package: curl:amd 64\nPin: version 2\n").empty());
    EXPECT_EQ(
        parse_pins("Package: curl\nPin: version 2\nPin: version 3\n"),
        (std::vector<PinnedVersion>{{"curl", "", "2"}}));
}

TEST(FormatPins, PinsWhatTookThePlaceOfAnotherVersion) {
    model::PlannedStep for_all = step("docs", "1", "2");
    for_all.architecture = "all";

    EXPECT_EQ(
        format_pins({kRun, {step("curl", "1:7-1", "1:7-2"), for_all}}),
        "Explanation: Thimble run 20261124T111500Z-00 took this version back.\n"
        "Explanation: To allow it again: thimble patch unblock 20261124T111500Z-00 --reason TEXT\n"
        "Package: curl:amd64\nPin: version 1:7-2\nPin-Priority: -1\n"
        "\n"
        "Explanation: Thimble run 20261124T111500Z-00 took this version back.\n"
        "Explanation: To allow it again: thimble patch unblock 20261124T111500Z-00 --reason TEXT\n"
        "Package: docs\nPin: version 2\nPin-Priority: -1\n");
}

TEST(FormatPins, PinsWhatWasNotThereBefore) {
    EXPECT_EQ(
        parse_pins(format_pins({kRun, {step("linux-image-2", "", "2")}})),
        (std::vector<PinnedVersion>{{"linux-image-2", "amd64", "2"}}));
}

TEST(FormatPins, LeavesOutWhatDidNotCome) {
    EXPECT_EQ(
        format_pins(
            {kRun,
             {step("gone", "1", ""),
              step("again", "1", "1"),
              step("l*", "1", "2"),
              step("odd", "1", "2\nPin-Priority: 1001")}}),
        "");
}

TEST(PinnedRunOf, KnowsOursByTheName) {
    EXPECT_EQ(pinned_run_of("thimble-rolled-back-" + kRun + ".pref"), kRun);
    for (const char* name :
         {"thimble-rolled-back-.pref",
          "thimble-rolled-back-x.pref",
          "thimble.pref",
          "owner.pref",
          "thimble-rolled-back-.pref.pref"}) {
        EXPECT_EQ(pinned_run_of(name), "") << name;
    }
}

class SettlePins : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "thimble-pins-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        root = pattern;
        fs::create_directories(root / "etc/apt");
    }
    void TearDown() override { fs::remove_all(root); }

    [[nodiscard]] Result<std::vector<std::string>> settle(
        const std::vector<PinnedRun>& wanted) const {
        return settle_pins(root.string(), wanted, std::vector{kRun, kOther});
    }
    [[nodiscard]] std::string read(const std::string& path) const {
        std::ifstream in(root.string() + path);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    fs::path root;
    const PinnedRun pinned{kRun, {step("curl", "1", "2")}};
};

TEST_F(SettlePins, WritesOnceAndTakesAway) {
    EXPECT_EQ(settle({pinned}).value(), std::vector{pin_path(kRun)});
    EXPECT_EQ(read(pin_path(kRun)), format_pins(pinned));
    struct stat info{};
    ASSERT_EQ(::stat((root.string() + pin_path(kRun)).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0644U) << "apt may be asked by anybody";
    EXPECT_EQ(pinned_runs(root.string()), std::vector{kRun});

    EXPECT_TRUE(settle({pinned}).value().empty()) << "nothing is left to do";
    EXPECT_EQ(settle({}).value(), std::vector{pin_path(kRun)});
    EXPECT_TRUE(pinned_runs(root.string()).empty());
    EXPECT_TRUE(settle({}).value().empty());
}

TEST_F(SettlePins, MendsAPinThatSomebodyChanged) {
    ASSERT_TRUE(settle({pinned}));
    std::ofstream(root.string() + pin_path(kRun), std::ios::trunc) << "Package: *\n";

    ASSERT_TRUE(settle({pinned}));

    EXPECT_EQ(read(pin_path(kRun)), format_pins(pinned));
}

TEST_F(SettlePins, LeavesWhatIsNotOfItsRuns) {
    const std::string foreign = "20200101T000000Z-00";
    fs::create_directories(root / "etc/apt/preferences.d");
    std::ofstream(root.string() + pin_path(foreign)) << "theirs\n";
    std::ofstream(root / "etc/apt/preferences.d/owner.pref") << "the owner's\n";

    ASSERT_TRUE(settle({}));

    EXPECT_EQ(read(pin_path(foreign)), "theirs\n");
    EXPECT_EQ(read("/etc/apt/preferences.d/owner.pref"), "the owner's\n");
    EXPECT_EQ(pinned_runs(root.string()), std::vector{foreign});
}

TEST_F(SettlePins, RemovesWhatAKillHasLeftHalfWritten) {
    const fs::path folder = root / "etc/apt/preferences.d";
    fs::create_directories(folder);
    const fs::path half = root.string() + pin_path(kRun) + ".aB3xYz";
    const fs::path saved = root.string() + pin_path(kRun) + ".tar.gz";
    std::ofstream(half) << "Package: cu";
    std::ofstream(saved) << "the owner's\n";

    EXPECT_EQ(settle({}).value(), std::vector{pin_path(kRun) + ".aB3xYz"});

    EXPECT_FALSE(fs::exists(half));
    EXPECT_TRUE(fs::exists(saved));
}

TEST_F(SettlePins, GoesOnAfterOneThatCannotBeChanged) {
    const PinnedRun other{kOther, {step("nginx", "1", "2")}};
    fs::create_directories(root.string() + pin_path(kRun));

    const auto settled = settle({pinned, other});

    ASSERT_FALSE(settled);
    EXPECT_EQ(settled.error().code, "apply.not_pinned");
    EXPECT_NE(settled.error().text().find(kRun), std::string::npos) << settled.error().text();
    EXPECT_EQ(read(pin_path(kOther)), format_pins(other));
    EXPECT_FALSE(settle({})) << "nor can it be removed";
    EXPECT_EQ(read(pin_path(kOther)), "");
}

TEST_F(SettlePins, MakesNoFolderForNothing) {
    ASSERT_TRUE(settle({{kRun, {step("gone", "1", "")}}}));

    EXPECT_FALSE(fs::exists(root / "etc/apt/preferences.d"));
}

TEST_F(SettlePins, StaysWithinTheRoot) {
    const fs::path outside = root / "outside";
    fs::create_directories(outside);
    fs::create_directories(root / "inside/etc/apt");
    fs::create_symlink(outside, root / "inside/etc/apt/preferences.d");

    const auto settled = settle_pins((root / "inside").string(), std::vector{pinned}, {});

    EXPECT_FALSE(settled);
    EXPECT_TRUE(fs::is_empty(outside));
}

}  // namespace
}  // namespace thimble::apply
