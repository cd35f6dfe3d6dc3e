#pragma once
/// @file What a number of the command line may be.

#include <cstdint>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class Validator;
}  // namespace CLI

namespace thimble::cli {

struct NumberBound {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
};

/// Takes whole numbers of decimal digits within the bound alone. CLI11 itself makes 2^64-1 of "-1" where no sign is
/// wanted, and 8 of "010", which is refused.
CLI::Validator within(const NumberBound& bound);

}  // namespace thimble::cli
