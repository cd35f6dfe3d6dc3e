#pragma once
/// @file Finds and reads the package databases of a host. Private to this folder.

#include "thimble/host/host.hpp"
#include "thimble/model/inventory.hpp"

namespace thimble::inventory {

/// Adds the packages of every database that is there, and a Gap for each that cannot be read.
/// @return whether there is any database
bool read_packages(host::Host& host, model::Inventory& inventory);

}  // namespace thimble::inventory
