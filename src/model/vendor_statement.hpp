#pragma once
/// @file What a vendor says of a vulnerability in a VEX document. It is kept as evidence; it changes no finding. Pure.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

struct VendorStatement {
    std::string vulnerability;
    std::string status;         ///< "affected", "not_affected", "fixed", "under_investigation"
    std::string justification;  ///< the document's word; empty: none
    std::string says;           ///< its sentence; empty: none
    bool operator==(const VendorStatement&) const = default;
};

/// A document that was read.
struct VendorDocument {
    std::string format;  ///< "OpenVEX", "CSAF", "CycloneDX"
    std::string author;
    std::vector<VendorStatement> statements;  ///< one for each vulnerability and status
};

inline constexpr std::size_t kMaxVendorDocumentBytes = std::size_t{2} << 20;
inline constexpr std::size_t kMostVendorStatements = 10'000;

/// @error Invalid "model.bad_vex"  it is none of the three, has no statement or too many
/// @source OpenVEX 0.2.0; CSAF 2.0, profile 5 (VEX); CycloneDX 1.4 to 1.6
Result<VendorDocument> parse_vendor_document(std::string_view text);

/// "OpenVEX of ACME: CVE-2026-1 not_affected (vulnerable_code_not_present): the sentence".
std::string sentence_of(const VendorDocument& document, const VendorStatement& statement);

}  // namespace thimble::model
