#pragma once
/// @file Where an engine of the host's own settings writes what it did: of the web application firewall. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace thimble::shield {

/// What settings say, and what they include.
struct EngineSettings {
    std::string audit_log;  ///< absolute path; empty: none is written, or not to one file
    std::string parts = "ABHZ";
    bool is_serial = true;
    std::vector<std::string> included;  ///< paths and patterns of paths, as written
};

/// Adds what a text says to what those before it said; the last word holds.
/// @param text  of ModSecurity, or what `nginx -T` prints
void add_engine_settings(EngineSettings& settings, std::string_view text);

/// The log, if requests with their marks and rules are to be found in it; else empty.
std::string readable_log(const EngineSettings& settings);

}  // namespace thimble::shield
