#include "thimble/cli/patch_progress.hpp"

#include "thimble/base/utf8.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace thimble::cli {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr std::size_t kWordsWidth = 44;
constexpr std::uint32_t kWhole = 1000;

}  // namespace

PatchProgress::PatchProgress() : visible_(::isatty(STDERR_FILENO) == 1) {}

PatchProgress::~PatchProgress() {
    if (drawn_) {
        std::cerr << "\r\x1b[K" << std::flush;
    }
}

apply::Progress PatchProgress::listener() {
    return [this](std::uint32_t per_mille, std::string_view what) {
        show(per_mille, what);
    };
}

void PatchProgress::show(std::uint32_t per_mille, std::string_view what) {
    const auto now = std::chrono::steady_clock::now();
    if (!visible_ || (drawn_ && now - last_ < std::chrono::milliseconds(100))) {
        return;
    }
    const std::uint32_t done = std::min(per_mille, kWhole);
    const std::size_t filled = kBarWidth * done / kWhole;
    std::string words = printable(what);
    words.resize(std::min(words.size(), kWordsWidth));
    std::cerr << "\r\x1b[K[" << std::string(filled, '#') << std::string(kBarWidth - filled, ' ')
              << "] " << done / 10 << " % " << words << std::flush;
    drawn_ = true;
    last_ = now;
}

}  // namespace thimble::cli
