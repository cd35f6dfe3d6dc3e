#pragma once
/// @file What is being done now, in one line of a terminal; silence where there is none.

#include "thimble/apply/package_manager.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

    /// The part of a rehearsal that begins, by its name; those that are not known change nothing.
    void show_phase(std::string_view phase);
    /// How far such a part is.
    void show_within(std::string_view phase, std::uint32_t per_mille, std::string_view what);

private:
    bool visible_;
    bool drawn_ = false;
    std::string shown_;  ///< the words
    std::chrono::steady_clock::time_point last_;
};

/// Where a part of a rehearsal stands in its whole.
struct PhaseShare {
    std::uint32_t from = 0;  ///< per mille
    std::uint32_t until = 0;
    std::string_view words;
};

/// @return none: no part of that name is known. Pure.
std::optional<PhaseShare> share_of_phase(std::string_view phase);

}  // namespace thimble::cli
