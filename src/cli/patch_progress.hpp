#pragma once
/// @file What is being done now, in one line of a terminal; silence where there is none.

#include "thimble/apply/package_manager.hpp"

#include <chrono>
#include <string>

namespace thimble::cli {

/// Draws on standard error at most ten times a second, and clears its line at the end.
class PatchProgress {
public:
    PatchProgress();
    PatchProgress(const PatchProgress&) = delete;
    PatchProgress& operator=(const PatchProgress&) = delete;
    PatchProgress(PatchProgress&&) = delete;
    PatchProgress& operator=(PatchProgress&&) = delete;
    ~PatchProgress();

    /// For a package manager; must not outlive this.
    apply::Progress listener();

    void show(std::uint32_t per_mille, std::string_view what);

private:
    bool visible_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point last_;
};

}  // namespace thimble::cli
