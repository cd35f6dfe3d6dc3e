#pragma once
/// @file `thimble scan` and `thimble explain`: what is common to both, and the scan.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/catalog/catalog.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"
#include "thimble/prioritize/decide.hpp"
#include "thimble/report/scan_report.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::cli {

enum class ScanFormat : std::uint8_t { Table, Json, Sarif, Csv, OpenVex, CycloneDx };

struct ScanOptions {
    std::string root;     ///< a root directory; nothing in it is executed
    std::string host;     ///< ssh://user@name[:port]
    std::string catalog;  ///< empty: that of the state directory
    std::string state;
    bool no_offers = false;
    bool retry = false;          ///< what runs took back is not blocked
    bool all = false;            ///< every patch in the table; fixed and not affected findings too
    std::string running_kernel;  ///< for a root directory: what uname -r says there
    std::optional<Instant> now;  ///< for reproducible output
    prioritize::PriorityPolicy policy;
    ScanFormat format = ScanFormat::Table;
    std::string repeated;  ///< what commands to type next repeat, quoted, with a blank in front
};

/// The values of one scan.
struct Scan {
    model::Inventory inventory;
    std::optional<catalog::Catalog> catalog;
    model::Assessment assessment;
    model::OrderOfWork work;
    Instant now;
};

/// Reads, assesses, prioritises.
/// @param include_closed  also findings that are fixed or not affected
Result<Scan> make_scan(const ScanOptions& options, bool include_closed);

report::ScanReport report_of(const Scan& scan);

/// Whether the catalog was built with a feed.
bool has_feed(const Scan& scan, std::string_view feed);

/// As assess::left_to_changelogs; all where the catalog cannot be read. O(the assessment)
std::vector<std::string> left_to_changelogs(
    const Scan& scan, const std::vector<std::string>& vulnerabilities);

/// Tells why there is no scan, with commands about the host and the data that were asked for.
/// @return as complain
int complain_of_scan(const ScanOptions& options, const Error& error, std::ostream& err);

/// @return 0 nothing due, 1 something due, 2 could not tell, 64 and above: failure
int run_scan(const ScanOptions& options, std::ostream& out, std::ostream& err);

}  // namespace thimble::cli
