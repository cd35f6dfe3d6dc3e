#include "thimble/rehearse/trial_run.hpp"

#include "thimble/host/enclosure.hpp"
#include "thimble/host/in_threads.hpp"
#include "thimble/rehearse/trial.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thimble::rehearse {

TrialRun::TrialRun(host::Enclosure& clone, std::chrono::milliseconds time, std::size_t at_once)
    : clone_(clone), deadline_(std::chrono::steady_clock::now() + time), at_once_(at_once) {}

std::vector<TrialResult> TrialRun::run(
    const std::vector<Trial>& trials,
    std::chrono::milliseconds timeout,
    const std::vector<TrialResult>* earlier) {
    std::vector<const Trial*> wanted;
    for (const Trial& trial : trials) {
        if (earlier == nullptr
            || std::ranges::find(*earlier, trial.name, &TrialResult::name) != earlier->end()) {
            wanted.push_back(&trial);
        }
    }
    std::vector<std::optional<TrialResult>> made(wanted.size());
    std::atomic<std::size_t> next{0};
    const std::size_t threads = std::min(at_once_, wanted.size());
    host::in_threads(threads, [&] {
        for (std::size_t at = next++; at < wanted.size() && has_time(); at = next++) {
            made[at] = run_trial(clone_, *wanted[at], timeout);
        }
    });
    std::vector<TrialResult> results;
    for (std::size_t at = 0; at < wanted.size(); ++at) {
        std::optional<TrialResult>& result = made[at];
        if (!result) {
            untried_.push_back(wanted[at]->name);
            continue;
        }
        if (!result->passed && threads > 1 && has_time()) {
            *result = run_trial(clone_, *wanted[at], timeout);
            result->was_tried_again = true;
        }
        results.push_back(*std::move(result));
    }
    return results;
}

}  // namespace thimble::rehearse
