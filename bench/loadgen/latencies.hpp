#pragma once
/// @file How long answers took.

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace thimble::loadgen {

class Latencies {
public:
    void add(std::chrono::steady_clock::duration time) {
        microseconds_.push_back(
            std::chrono::duration_cast<std::chrono::microseconds>(time).count());
    }
    [[nodiscard]] std::size_t count() const { return microseconds_.size(); }
    /// "p50 1.2 ms, p99 3.4 ms, most 5.6 ms"
    [[nodiscard]] std::string text() const;

private:
    std::vector<long> microseconds_;
};

/// Processor seconds that a process has used; 0 for one that is not there.
double processor_seconds(long process);
/// Of its first thread alone: of the server the one that has the network.
double first_thread_seconds(long process);

}  // namespace thimble::loadgen
