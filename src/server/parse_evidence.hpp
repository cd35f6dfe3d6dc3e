#pragma once
/// @file Volatile evidence as hosts send it: whether it is what docs/formats/evidence.md says. Pure; all of it is the
/// host's word.

#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::server {

/// Longer evidence is kept, and not read: a tree of values takes many times the room of its text.
inline constexpr std::size_t kMaxEvidenceBytes = std::size_t{16} << 20U;

/// Why a document is no evidence that can be read, one sentence; empty: it is as it should be.
std::string why_no_evidence(std::string_view document);

}  // namespace thimble::server
