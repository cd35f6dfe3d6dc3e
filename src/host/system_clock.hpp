#pragma once
/// @file The real clock.

#include "thimble/base/instant.hpp"

namespace thimble::host {

/// The system's wall clock, UTC.
class SystemClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override;
};

}  // namespace thimble::host
