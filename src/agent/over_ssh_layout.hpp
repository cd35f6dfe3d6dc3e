#pragma once
/// @file Where Thimble's things lie on a host that is reached over SSH.

#include <string>
#include <string_view>

namespace thimble::agent {

/// Of root, and nobody else may write: the folders of programs, each named by the digest of its manifest.
constexpr std::string_view kOverSshFolder = "/var/lib/thimble/over-ssh";

/// Of the root helper: who the host is, jobs, plans, answers, documents.
constexpr std::string_view kOverSshState = "/var/lib/thimble/over-ssh/helper";

/// Of thimble-patch, as everywhere.
constexpr std::string_view kOverSshPatchState = "/var/lib/thimble";

// In a folder of programs.
constexpr std::string_view kManifest = "manifest";    ///< what sha256sum reads
constexpr std::string_view kLoader = "ld.so";         ///< the ELF interpreter
constexpr std::string_view kLibraries = "libraries";  ///< every library that is needed, libc too
constexpr std::string_view kPrograms = "programs";    ///< the programs that the launcher starts

/// thimble-agent-helper ends so when it does not have a document.
constexpr int kNoSuchDocument = 66;

}  // namespace thimble::agent
