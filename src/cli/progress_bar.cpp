#include "thimble/cli/progress_bar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string>

namespace thimble::cli {

void ProgressBar::show(std::uint64_t received, std::uint64_t expected) {
    const auto now = std::chrono::steady_clock::now();
    if (!visible_ || (drawn_ && now - last_ < std::chrono::milliseconds(100))) {
        return;
    }
    last_ = now;
    drawn_ = true;
    constexpr std::size_t kWidth = 40;
    const double megabytes = static_cast<double>(received) / 1e6;
    if (expected == 0) {
        out_ << fmt::format("\r\x1b[K{:.1f} MB", megabytes) << std::flush;
        return;
    }
    const auto filled = std::min(
        kWidth, static_cast<std::size_t>(received * kWidth / std::max<std::uint64_t>(expected, 1)));
    out_ << fmt::format(
        "\r\x1b[K[{}{}] {:.1f} of {:.1f} MB",
        std::string(filled, '#'),
        std::string(kWidth - filled, '.'),
        megabytes,
        static_cast<double>(expected) / 1e6)
         << std::flush;
}

ProgressBar::~ProgressBar() {
    if (drawn_) {
        out_ << "\r\x1b[K" << std::flush;
    }
}

}  // namespace thimble::cli
