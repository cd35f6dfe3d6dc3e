#pragma once
/// @file RPM module streams of OSV errata: AlmaLinux and Rocky Linux tell them in the summary only.

#include "thimble/model/advisory.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::feeds {

/// The `name:stream` pairs of an erratum's summary: "Important: nginx:1.16 security update" has
/// "nginx:1.16", "virt:rhel and virt-devel:rhel bug fix update" has two.
std::vector<std::string> module_streams_in(std::string_view summary);

/// Whether a fixed version was built in a module ("…module_el8.5.0+119…", "…module+el8…").
bool is_modular_version(std::string_view version);

/// Gives every affected package with a modular fix the stream that the summary names. Where it names
/// several, the package stands once for each: it is in one of them, and the host tells which.
void assign_module_streams(model::Advisory& advisory);

}  // namespace thimble::feeds
