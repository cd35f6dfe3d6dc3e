#pragma once
/// @file How often somebody may fail to sign in. Pure; the counts are in the database, so that every server on it
/// counts on.

#include "thimble/base/instant.hpp"
#include "thimble/store/accounts.hpp"

#include <array>
#include <chrono>
#include <string>

namespace thimble::server {

/// Failures that are older count no more.
inline constexpr std::chrono::hours kSignInMemory{1};

/// What is counted of one attempt: by name and address together, by address, by name. Together they lock soon;
/// a name alone locks late, or anybody could lock others out; an address alone locks late, since many may
/// share it.
inline constexpr std::size_t kSignInCounts = 3;
std::array<std::string, kSignInCounts> sign_in_attempts(
    const std::string& name, const std::string& address);

using SignInCounts = std::array<store::SignInFailures, kSignInCounts>;

/// How long to wait before another attempt counts; 0 when one may be made now.
/// @param counts  of `sign_in_attempts`, in its order
std::chrono::seconds sign_in_wait(const SignInCounts& counts, Instant now);

/// The count after one more failure.
store::SignInFailures after_failure(const store::SignInFailures& before, Instant now);

}  // namespace thimble::server
