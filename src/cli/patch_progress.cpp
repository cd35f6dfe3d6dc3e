#include "thimble/cli/patch_progress.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/terminal_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>

namespace thimble::cli {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr std::size_t kWordsWidth = 44;
constexpr std::uint32_t kWhole = 1000;

struct NamedShare {
    std::string_view phase;
    PhaseShare share;
};
/// About what they take of the time; the fetch comes before them, and mostly there is none.
constexpr std::array<NamedShare, 7> kShares{{
    {"fetch", {0, 50, "fetching what is not here"}},
    {"before", {50, 150, "looking at the clone as it is"}},
    {"trials before", {150, 300, "trying what works before"}},
    {"transaction", {300, 650, "carrying the plan out in the clone"}},
    {"after", {650, 750, "looking at what has changed"}},
    {"trials after", {750, 900, "trying what works after"}},
    {"examination", {900, 1000, "comparing before and after"}},
}};

std::uint32_t within(const PhaseShare& share, std::uint32_t per_mille) {
    return share.from + (share.until - share.from) * std::min(per_mille, kWhole) / kWhole;
}

}  // namespace

PatchProgress::PatchProgress() : visible_(::isatty(STDERR_FILENO) == 1) {}

PatchProgress::~PatchProgress() {
    erase_line(std::cerr);
}

apply::Progress PatchProgress::listener() {
    return [this](std::uint32_t per_mille, std::string_view what) {
        show(per_mille, what);
    };
}

void PatchProgress::show(std::uint32_t per_mille, std::string_view what) {
    const auto now = std::chrono::steady_clock::now();
    // What is begun is shown at once: it may last.
    const bool is_too_soon =
        drawn_ && what == shown_ && now - last_ < std::chrono::milliseconds(100);
    if (!visible_ || is_too_soon) {
        return;
    }
    const std::uint32_t done = std::min(per_mille, kWhole);
    const std::size_t filled = kBarWidth * done / kWhole;
    std::string words = printable(what);
    words.resize(std::min(words.size(), kWordsWidth));
    draw_line(
        std::cerr,
        "[" + std::string(filled, '#') + std::string(kBarWidth - filled, ' ') + "] "
            + std::to_string(done / 10) + " % " + words);
    drawn_ = true;
    shown_ = what;
    last_ = now;
}

std::optional<PhaseShare> share_of_phase(std::string_view phase) {
    const auto* const found = std::ranges::find(kShares, phase, &NamedShare::phase);
    return found == kShares.end() ? std::nullopt : std::optional{found->share};
}

void PatchProgress::show_phase(std::string_view phase) {
    if (const auto share = share_of_phase(phase)) {
        show(share->from, share->words);
    }
}

void PatchProgress::show_within(
    std::string_view phase, std::uint32_t per_mille, std::string_view what) {
    if (const auto share = share_of_phase(phase)) {
        show(within(*share, per_mille), what);
    }
}

}  // namespace thimble::cli
