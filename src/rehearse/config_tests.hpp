#pragma once
/// @file The tests that programs have for their own configuration.

#include "thimble/host/host.hpp"
#include "thimble/rehearse/trial.hpp"

#include <vector>

namespace thimble::rehearse {

/// The tests of what is installed and configured on a host, in the order of the table; at most 200.
std::vector<Trial> find_config_tests(host::Host& host);

}  // namespace thimble::rehearse
