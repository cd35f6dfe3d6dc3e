#pragma once
/// @file Where a version comes from.

#include "thimble/model/inventory.hpp"

#include <apt-pkg/pkgcache.h>

#include <string>
#include <vector>

class pkgSourceList;  // NOLINT(readability-identifier-naming): the name is apt's

namespace thimble::inventory::apt {

std::string text_or_empty(const char* text);

/// As dpkg writes it: an index may spell out an epoch of 0.
std::string version_of(const pkgCache::VerIterator& version);

bool is_security_archive(const pkgCache::PkgFileIterator& file);

/// Not dpkg's own list of what is installed.
bool is_from_repository(const pkgCache::PkgFileIterator& file);

/// The archives that offer `version`, each once, in the order of the sources.
std::vector<model::OfferOrigin> origins_of(
    const pkgCache::VerIterator& version, const pkgSourceList& sources);

}  // namespace thimble::inventory::apt
