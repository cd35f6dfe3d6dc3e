#pragma once
/// @file Many trials, several at a time.

#include "thimble/host/enclosure.hpp"
#include "thimble/rehearse/trial.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace thimble::rehearse {

/// Runs trials in a clone within one span of time for all.
class TrialRun {
public:
    /// @param at_once  how many; what fails beside others is tried again alone, so that none fails for their sake, and says so
    TrialRun(host::Enclosure& clone, std::chrono::milliseconds time, std::size_t at_once);

    /// @param timeout  of one
    /// @param earlier  those that count: what was not tried in time before is not tried after; null: this is the first time
    /// @return in the order of the trials, without those for which there was no time
    std::vector<TrialResult> run(
        const std::vector<Trial>& trials,
        std::chrono::milliseconds timeout,
        const std::vector<TrialResult>* earlier);

    /// Names of those that there was no time for.
    [[nodiscard]] const std::vector<std::string>& untried() const { return untried_; }

private:
    [[nodiscard]] bool has_time() const { return std::chrono::steady_clock::now() < deadline_; }

    host::Enclosure& clone_;
    std::chrono::steady_clock::time_point deadline_;
    std::size_t at_once_;
    std::vector<std::string> untried_;
};

}  // namespace thimble::rehearse
