#pragma once
/// @file Exceptions as VEX statements, for who asks what is done about a vulnerability. Pure.

#include "thimble/base/instant.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::report {

/// A package of a host that stays as it is.
struct ExceptedPackage {
    std::string host_id;
    std::string host;
    std::string source;
    std::string version;  ///< that is installed
    std::string purl;     ///< of that source package
    auto operator<=>(const ExceptedPackage&) const = default;
};

/// One vulnerability that one exception leaves open.
struct ExceptionStatement {
    std::string vulnerability;
    std::string exception;  ///< id
    std::string reason;     ///< "fix_breaks_app"
    std::string why;
    std::string controls;  ///< comma separated; empty: none
    Instant agreed_at;
    Instant until;
    std::vector<ExceptedPackage> packages;  ///< at least one
    bool has_fix = false;                   ///< somebody made a fix, which is left out
};

enum class VexFormat : std::uint8_t { OpenVex, Csaf, CycloneDx };
/// "openvex", "csaf", "cyclonedx".
std::optional<VexFormat> vex_format_named(std::string_view name);

/// One document without a final newline: each statement says affected, until when nothing is done, why, and what
/// shields it. Its id follows from its content. Linear but for sorting.
/// @param statements  CSAF has no document that says nothing: for it at least one
/// @param author  who makes the statements; not empty
/// @source OpenVEX 0.2.0; CSAF 2.0, profile 5 (VEX); CycloneDX 1.6
std::string exception_vex(
    VexFormat format,
    std::span<const ExceptionStatement> statements,
    std::string_view author,
    Instant now);

}  // namespace thimble::report
