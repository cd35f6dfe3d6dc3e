#pragma once
/// @file The programs that a host over SSH is given: what belongs to them, and how they get there.

#include "thimble/base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace thimble::agent {

/// One file of the folder on the host.
struct DeliveredFile {
    std::string path;              ///< in the folder there
    std::filesystem::path source;  ///< on this machine
    std::string sha256;
    bool is_program = false;
    bool operator==(const DeliveredFile&) const = default;
};

/// A folder with programs, the libraries that they need and the ELF interpreter.
struct Delivery {
    std::string digest;    ///< SHA-256 of the manifest, the name of the folder
    std::string manifest;  ///< what `sha256sum --check` reads
    std::vector<DeliveredFile> files;
};

/// What is installed with the running program.
/// @error NotFound "agent.no_program", "agent.no_library"; Corrupt, Denied
Result<Delivery> gather_delivery();

/// All of it as an archive, read anew; tens of megabytes.
/// @error Conflict "agent.programs_changed": not what was gathered
Result<std::string> archive_of(const Delivery& delivery);

/// The manifest of files, in the order of their paths. Pure.
std::string format_manifest(const std::vector<DeliveredFile>& files);

/// The POSIX shell script that takes the archive from standard input, checks it, and gives the folder its name, or
/// changes nothing. Its only argument is the digest.
std::string_view delivery_script();

}  // namespace thimble::agent
