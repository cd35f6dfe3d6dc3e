#pragma once
/// @file So many at once, and no more.

#include <cstddef>
#include <memory>
#include <semaphore>

namespace thimble::agent {

/// What is held while it is one's turn; the turn ends with the last copy.
using Turn = std::shared_ptr<const void>;

/// Must outlive every turn.
class Turns {
public:
    explicit Turns(std::ptrdiff_t at_once) : free_(at_once) {}

    Turn wait() {
        free_.acquire();
        return hold();
    }
    /// @return nullptr when so many are under way
    Turn try_now() { return free_.try_acquire() ? hold() : nullptr; }

private:
    Turn hold() {
        return {&free_, [](Semaphore* free) {
                    free->release();
                }};
    }

    using Semaphore = std::counting_semaphore<>;
    Semaphore free_;
};

}  // namespace thimble::agent
