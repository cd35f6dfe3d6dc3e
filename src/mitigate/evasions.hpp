#pragma once
/// @file The same attack in other clothes: encodings, case, white space, repeated parameters, other bodies. Pure.

#include "thimble/mitigate/request_sample.hpp"

#include <string>
#include <vector>

namespace thimble::mitigate {

struct Variant {
    std::string evasion;  ///< "percent-encoded twice"
    RequestSample sample;
};

/// The variants of a request that differ from it, in a fixed order. Whether the application takes a
/// variant for the same attack is for its owner to say; a rule that lets it pass is a rule with a hole if so.
std::vector<Variant> variants_of(const RequestSample& attack);

}  // namespace thimble::mitigate
