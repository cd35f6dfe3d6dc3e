#pragma once
/// @file The sections that speak for a release, asked together: one verdict per vulnerability. Pure.

#include "thimble/assess/host_sections.hpp"
#include "thimble/assess/judge.hpp"
#include "thimble/catalog/catalog.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::assess {

/// A section that was opened for a host or a fleet.
struct OpenSection {
    catalog::Section section;
    Channel channel = Channel::Standard;
    std::string key;          ///< "Debian:12"
    std::uint32_t index = 0;  ///< a number that its owner gives it
};

/// In order of precedence.
using SpeakingSections = std::span<const OpenSection* const>;

/// What is asked; the texts outlive the call. As Subject has it.
struct Asked {
    std::string_view name;
    std::string_view version;
    std::string_view source_name;  ///< asked for where no section names `name`; empty: never
    std::string_view source_version;
    std::string_view architecture;
    std::string_view module_stream;
};

/// A verdict and the section that gave it.
struct SectionVerdict {
    const OpenSection* section = nullptr;
    Verdict verdict;
};

/// One verdict per vulnerability that a section knows for the package, by vulnerability id. Where
/// several know it the first decides, unless the subscription's knows a fix that the others do not.
/// O(rows of the package).
void judge_in(
    SpeakingSections sections,
    const Asked& asked,
    const std::function<void(const SectionVerdict&)>& take);

/// One vulnerability in one package, to be asked about version after version.
class VulnerabilityJudge {
public:
    /// @param name, source_name  as Asked has them; the sections outlive the judge
    /// O(log facts).
    VulnerabilityJudge(
        SpeakingSections sections,
        std::string_view name,
        std::string_view source_name,
        std::string_view vulnerability);

    /// The one verdict of judge_in that is about the vulnerability; nothing when no section knows it
    /// for the package. O(log rows).
    [[nodiscard]] std::optional<SectionVerdict> of(const Asked& asked) const;

private:
    struct Place {
        const OpenSection* section = nullptr;
        catalog::PackageView package;
        std::uint32_t fact = 0;
    };
    std::vector<Place> places_;
    bool by_source_;
};

/// The same for one version.
std::optional<SectionVerdict> judge_about(
    SpeakingSections sections, const Asked& asked, std::string_view vulnerability);

}  // namespace thimble::assess
