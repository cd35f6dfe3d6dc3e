#pragma once
/// @file Asks a probe within a clone.

#include "thimble/host/enclosure.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/trial.hpp"

namespace thimble::rehearse {

/// Connects on the clone's loopback (IPv4, then IPv6), or runs the command in the clone. HTTP passes with
/// a status of 200 to 399; of https only the connection is tried, and the result says so.
TrialResult ask_probe(host::Enclosure& clone, const model::HealthProbe& probe);

}  // namespace thimble::rehearse
