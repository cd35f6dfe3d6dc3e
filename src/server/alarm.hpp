#pragma once
/// @file What wakes somebody else, exchanged while threads call it.

#include "thimble/server/synced.hpp"

#include <functional>
#include <utility>

namespace thimble::server {

/// Does nothing until somebody listens.
class Alarm {
public:
    void operator()() const {
        listener_.with([](const std::function<void()>& listener) {
            if (listener) {
                listener();
            }
        });
    }
    /// After this nobody is within the listener before. Nothing: nobody listens any more.
    void set(std::function<void()> listener) {
        listener_.with([&](std::function<void()>& current) { current = std::move(listener); });
    }

private:
    Synced<std::function<void()>> listener_;
};

}  // namespace thimble::server
