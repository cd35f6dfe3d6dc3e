#pragma once
/// @file How often somebody may fail to sign in. Pure.

#include "thimble/base/instant.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace thimble::server {

/// Counts failures by name, by address and by both together. Together they lock soon; a name alone
/// locks late, or anybody could lock others out; an address alone locks late, since many may share it.
class SignInLimit {
public:
    /// How long to wait before another attempt counts; 0 when one may be made now.
    [[nodiscard]] std::chrono::seconds wait_for(
        const std::string& name, const std::string& address, Instant now) const;

    /// Notes a failure.
    void failed(const std::string& name, const std::string& address, Instant now);

    /// Forgets the failures of that name from that address.
    void succeeded(const std::string& name, const std::string& address);

    /// How many keys are kept; at most 30,000.
    [[nodiscard]] std::size_t size() const { return failures_.size(); }

private:
    struct Failures {
        int count = 0;
        Instant last;
    };
    void count(const std::string& key, Instant now);
    [[nodiscard]] std::chrono::seconds wait_of(
        const std::string& key, int allowed, Instant now) const;

    std::map<std::string, Failures> failures_;
};

}  // namespace thimble::server
