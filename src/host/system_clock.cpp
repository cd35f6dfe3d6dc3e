#include "thimble/host/system_clock.hpp"

#include "thimble/base/instant.hpp"

#include <chrono>

namespace thimble::host {

Instant SystemClock::now() const {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace thimble::host
