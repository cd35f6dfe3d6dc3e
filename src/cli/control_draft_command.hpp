#pragma once
/// @file thimble control segmentation-from-host, sigma, suricata: texts for people to look at and to use.

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace thimble::cli {

struct SegmentationDraftOptions {
    std::string package;
    std::uint16_t port = 0;
    std::vector<std::string> keep;  ///< "192.0.2.5:8443", "[2001:db8::5]:8443"
};

/// Prints the document of a segmentation as this host's sockets suggest it.
int run_segmentation_draft(
    const SegmentationDraftOptions& options, std::ostream& out, std::ostream& err);

/// Prints the virtual patch of a file as a Sigma rule, or as signatures for Suricata.
int run_sigma(const std::string& file, std::ostream& out, std::ostream& err);
int run_suricata(const std::string& file, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
