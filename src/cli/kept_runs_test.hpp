#pragma once
/// @file A state directory with runs of a host in a directory, for tests.

#include "thimble/apply/plan_builder_test.hpp"
#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/run_journal.hpp"
#include "thimble/cli/patch_options.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace thimble::cli {

using Patch = std::pair<std::string, std::string>;  ///< source and version

/// A plan of one step for each patch.
inline model::Plan plan_of(const std::vector<Patch>& patches) {
    model::Plan plan = apply::small_plan();
    plan.patches.clear();
    plan.steps.clear();
    for (const auto& [source, version] : patches) {
        plan.patches.push_back({source, "1", version, {}});
        plan.steps.push_back(apply::upgrade_step(source, "1", version));
    }
    return plan;
}

class KeptRuns : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "thimble-runs-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
        std::filesystem::create_directories(root() / "etc/apt/preferences.d");
        std::filesystem::create_directories(state() / "archives");
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    [[nodiscard]] std::filesystem::path root() const { return folder / "root"; }
    [[nodiscard]] std::filesystem::path state() const { return folder / "state"; }
    [[nodiscard]] PatchOptions options() const {
        PatchOptions chosen;
        chosen.root = root();
        chosen.state = state();
        return chosen;
    }

    static std::string id_of(int number) {
        return "20261124T1115" + std::to_string(10 + number) + "Z-00";
    }

    static void write(const std::filesystem::path& path, const std::string& text) {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::trunc) << text;
    }
    [[nodiscard]] static std::string read(const std::filesystem::path& path) {
        std::ifstream in(path);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    /// @param entries  phase and word; the last is of `number` seconds after an instant
    /// @return its id
    std::string add(
        int number,
        const model::Plan& plan,
        const std::vector<std::pair<apply::RunPhase, std::string>>& entries,
        std::string of_root = {}) {
        const std::filesystem::path run = state() / "runs" / id_of(number);
        std::filesystem::create_directories(run / "kept");
        write(run / "root", of_root.empty() ? root().string() : std::move(of_root));
        write(run / "plan.json", apply::format_plan(plan));
        std::string journal;
        for (const auto& [phase, word] : entries) {
            journal += apply::format_journal_entry(
                {.phase = phase,
                 .at = kBegin + std::chrono::seconds(number),
                 .word = word,
                 .detail = {}});
        }
        write(run / "journal", journal);
        return id_of(number);
    }
    std::string add_ended(
        int number, const std::vector<Patch>& patches, const std::string& result) {
        return add(
            number,
            plan_of(patches),
            {{apply::RunPhase::Begun, "apply"}, {apply::RunPhase::Ended, result}});
    }

    [[nodiscard]] std::filesystem::path pin(const std::string& run) const {
        return root() / "etc/apt/preferences.d" / ("thimble-rolled-back-" + run + ".pref");
    }

    static constexpr Instant kBegin{std::chrono::days(20'000)};
    std::filesystem::path folder;
};

}  // namespace thimble::cli
