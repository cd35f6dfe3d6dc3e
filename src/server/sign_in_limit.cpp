#include "thimble/server/sign_in_limit.hpp"

#include <algorithm>

namespace thimble::server {
namespace {

constexpr std::array<std::int64_t, kSignInCounts> kAllowed{5, 30, 100};
constexpr std::chrono::seconds kFirstWait{30};
constexpr std::chrono::seconds kLongestWait{900};
constexpr std::int64_t kMostDoublings = 5;

std::chrono::seconds wait_of(
    const store::SignInFailures& failures, std::int64_t allowed, Instant now) {
    if (failures.count < allowed || now - failures.last >= kSignInMemory) {
        return std::chrono::seconds(0);
    }
    const std::int64_t doublings = std::min(failures.count - allowed, kMostDoublings);
    const auto wait = std::min(kFirstWait * (1 << doublings), kLongestWait);
    return std::max(failures.last + wait - now, std::chrono::seconds(0));
}

}  // namespace

std::array<std::string, kSignInCounts> sign_in_attempts(
    const std::string& name, const std::string& address) {
    // The letters keep the three kinds apart; a name cannot hold a line feed.
    return {"b" + name + "\n" + address, "a" + address, "n" + name};
}

std::chrono::seconds sign_in_wait(const SignInCounts& counts, Instant now) {
    std::chrono::seconds wait{0};
    for (std::size_t i = 0; i < kSignInCounts; ++i) {
        wait = std::max(wait, wait_of(counts.at(i), kAllowed.at(i), now));
    }
    return wait;
}

store::SignInFailures after_failure(const store::SignInFailures& before, Instant now) {
    return {now - before.last >= kSignInMemory ? 1 : before.count + 1, now};
}

}  // namespace thimble::server
