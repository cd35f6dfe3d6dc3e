#include "thimble/cli/progress_bar.hpp"

#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/terminal_line.hpp"

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
        draw_line(out_, fmt::format("{:.1f} MB", megabytes));
        return;
    }
    const auto filled = std::min(
        kWidth, static_cast<std::size_t>(received * kWidth / std::max<std::uint64_t>(expected, 1)));
    draw_line(
        out_,
        fmt::format(
            "[{}{}] {:.1f} of {:.1f} MB",
            std::string(filled, '#'),
            std::string(kWidth - filled, '.'),
            megabytes,
            static_cast<double>(expected) / 1e6));
}

void ProgressBar::show(std::string_view what) {
    if (visible_) {
        draw_line(out_, printable(what, kTerminalColumns - 1));
    }
}

ProgressBar::~ProgressBar() {
    erase_line(out_);
}

}  // namespace thimble::cli
