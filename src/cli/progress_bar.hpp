#pragma once
/// @file One progress bar on a terminal, and silence where there is none.

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace thimble::cli {

/// Draws at most ten times a second, over itself, and clears its line at the end.
class ProgressBar {
public:
    /// @param visible  whether `out` is a terminal
    ProgressBar(std::ostream& out, bool visible) : out_(out), visible_(visible) {}
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    ProgressBar(ProgressBar&&) = delete;
    ProgressBar& operator=(ProgressBar&&) = delete;
    ~ProgressBar();

    /// @param expected  0 when it is not known
    void show(std::uint64_t received, std::uint64_t expected);

    /// What is worked at while nothing is received.
    void show(std::string_view what);

private:
    std::ostream& out_;
    bool visible_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point last_;
};

}  // namespace thimble::cli
