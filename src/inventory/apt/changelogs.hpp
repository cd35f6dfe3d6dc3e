#pragma once
/// @file Evidence out of the patches themselves: the changelogs of pending security updates.

#include "options.hpp"
#include "thimble/inventory/apt_answer.hpp"

class pkgCacheFile;  // NOLINT(readability-identifier-naming): the name is apt's

namespace thimble::inventory::apt {

/// For each source package with a pending security update among `answer.offers`: the changelog
/// entries between the installed and the offered version, read out of its smallest binary package
/// or out of our cache. What cannot be had becomes a Gap.
void read_changelogs(pkgCacheFile& cache, const Options& options, AptAnswer& answer);

}  // namespace thimble::inventory::apt
