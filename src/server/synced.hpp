#pragma once
/// @file Data that threads share, with the lock that guards it.

#include <mutex>
#include <utility>

namespace thimble::server {

/// A value that can only be reached while its lock is held.
template <class T>
class Synced {
public:
    Synced() = default;
    explicit Synced(T value) : value_(std::move(value)) {}

    /// Runs `work(T&)` under the lock. The work must not come back here, and must not wait for others.
    template <class Work>
    auto with(Work work) {
        const std::scoped_lock lock(mutex_);
        return work(value_);
    }
    template <class Work>
    auto with(Work work) const {
        const std::scoped_lock lock(mutex_);
        return work(value_);
    }

private:
    mutable std::mutex mutex_;
    T value_{};
};

}  // namespace thimble::server
