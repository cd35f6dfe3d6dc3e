#pragma once
/// @file What of a scan has to do with a vulnerability or a package that somebody asks about. Pure.

#include "thimble/cli/scan_command.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"
#include "thimble/model/vulnerability.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace thimble::cli {

struct Explained {
    std::string subject;
    std::vector<std::size_t> findings;  ///< of the scan: open ones first, most urgent first
    /// Of the scan, in the order of work: of a vulnerability those that close it, of a package those of its source.
    std::vector<std::size_t> patches;
    /// Of a package: what is offered of its source and is no security matter, so that no order of work has it; by the versions of the
    /// binary package. Without what only an order has: decision, restart.
    std::vector<model::Patch> updates;
    bool is_vulnerability = false;  ///< the findings are of one
    bool has_patch = false;         ///< for a source that is concerned, whatever it closes

    // Where there is neither finding nor patch:
    bool is_installed = false;
    std::optional<model::VulnerabilityFacts> facts;  ///< what the catalog knows of it all the same
    std::optional<model::Gap>
        not_known;  ///< changelogs that nobody has read, or a catalog that is not there, may name it
};

Explained explained(const Scan& scan, std::string subject);

/// Whether something is known of it.
bool is_known(const Explained& found);

/// @return kSomethingDue for a patch, or a finding that is open; kCouldNotTell where it is not known whether there is one
int explained_status(const Scan& scan, const Explained& found);

}  // namespace thimble::cli
