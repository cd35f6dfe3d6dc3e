#pragma once
/// @file What a patch would wipe away: what runs, who is connected and signed in, what was changed. Collected from a
/// host before it is patched where the directive's row asks for forensic triage.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/verify/package_files.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::verify {

struct EvidenceProcess {
    std::uint64_t id = 0;
    std::string status;   ///< /proc/ID/status: name, state, parent, users, capabilities
    std::string command;  ///< arguments, blanks between them
    std::string program;  ///< what /proc/ID/exe points to; " (deleted)" behind a file that is gone
    std::string program_sha256;  ///< of what runs, also when its file is gone; empty: not read
};

/// Raw texts rather than an interpretation: whoever looks at them has questions that we do not know.
struct VolatileEvidence {
    Instant at;
    std::string host;                                        ///< for people
    std::vector<std::pair<std::string, std::string>> texts;  ///< of files, and output of commands
    std::vector<EvidenceProcess> processes;
    std::vector<std::pair<std::string, std::string>>
        files;                                ///< path and SHA-256: who may sign in, what starts
    std::vector<FileDifference> differences;  ///< of the packages that will be patched
    std::vector<std::string> gaps;            ///< what could not be read, and why
};

/// Reads only. At most 1 MiB of a text, 8192 processes, 128 MiB of a program, 2 GiB of programs; what is beyond is a gap.
/// @param packages  whose files are compared with what they brought
/// @source CISA BOD 26-04: volatile evidence before patching
VolatileEvidence collect_evidence(
    host::Host& host, std::span<const PackageName> packages, Instant now);

/// JSON, `thimble.evidence/1` (docs/formats/evidence.md).
std::string format_evidence(const VolatileEvidence& evidence);

}  // namespace thimble::verify
