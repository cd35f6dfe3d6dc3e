#pragma once
/// @file Where a feed's parser puts what it read. One record that cannot be read is quarantined alone.

#include "thimble/model/advisory.hpp"
#include "thimble/model/vulnerability.hpp"

#include <string>
#include <string_view>

namespace thimble::feeds {

/// Receives the records of one feed, one at a time, in the feed's own order.
class Sink {
public:
    Sink() = default;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    Sink(Sink&&) = delete;
    Sink& operator=(Sink&&) = delete;
    virtual ~Sink() = default;

    virtual void advisory(model::Advisory advisory) = 0;
    virtual void facts(model::VulnerabilityFacts facts) = 0;
    /// A record that could not be read: which one, and why. The rest of the feed goes on.
    virtual void quarantine(std::string_view record, std::string_view reason) = 0;
};

}  // namespace thimble::feeds
