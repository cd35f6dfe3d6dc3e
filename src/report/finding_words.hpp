#pragma once
/// @file One finding with all that belongs to it, and the words that every export uses for it.

#include "thimble/report/scan_report.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::report {

/// A finding with the values it points to; views of the report's values.
struct FindingParts {
    const model::Finding& finding;
    const model::VulnerabilityFacts& facts;  ///< id empty: no particular vulnerability
    const model::InstalledPackage& package;
    const model::Decision& decision;
    const model::DueDate& due;
    /// Of a finding without a fix: the offered update which may be one, as nobody has read what it closes; null: none is.
    const model::Offer* unread_update = nullptr;
};

/// @param index  below report.assessment.findings.size()
FindingParts parts_of(const ScanReport& report, std::size_t index);

/// A sentence without a period for a reason code: "no configured repository offers the fix". A code
/// without a sentence is returned with blanks for underscores; an empty one is empty.
std::string reason_sentence(std::string_view reason);

/// "curl 7.88.1-10 is affected by CVE-2023-38545; fixed in 7.88.1-10+deb12u4".
std::string finding_sentence(const FindingParts& parts);

/// "whether openssl 3.0.15-1, which is offered, closes it is not known, as its changelog was not read"
std::string unread_sentence(const model::Offer& update);

/// "Debian calls it unimportant for nginx"; empty where nobody does.
std::string unimportant_sentence(const FindingParts& parts);

/// What to do about an open finding: "Update curl to 7.88.1-10+deb12u4 or later".
std::string action_sentence(const FindingParts& parts);

/// How many vulnerabilities the patch closes, or that nobody knows: "vulnerabilities closed: 3".
std::string closed_sentence(const model::Patch& patch);

/// Who names the vulnerability ("CVE", "GitHub", "OSV") and its public page, as a URL whose id part is
/// percent-encoded.
struct VulnerabilityPage {
    std::string_view publisher;
    std::string url;
};
VulnerabilityPage vulnerability_page(std::string_view id);

/// "9.8" for 98 tenths.
std::string score_text(std::uint8_t tenths);

/// "0.264560": the probability, with all its digits.
std::string probability_text(const model::EpssScore& epss);

}  // namespace thimble::report
