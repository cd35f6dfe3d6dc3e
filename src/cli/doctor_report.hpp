#pragma once
/// @file What thimble doctor found, for people and for scripts. Pure.

#include "thimble/cli/diagnosis.hpp"
#include "thimble/model/inventory.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::cli {

/// The package index, by what is said of it: old, not there, or of no archive that has the security updates; of none of these it
/// is well.
/// @param gaps  of the host; what is not of the index is passed over
std::vector<Diagnosis> diagnose_index(std::span<const model::Gap> gaps);

/// Lines of a terminal; package managers that are no matter of this host in one of them.
std::string doctor_text(std::span<const Diagnosis> found);

/// {"format":"thimble.doctor/1","diagnoses":[…]}: all of them.
std::string doctor_json(std::span<const Diagnosis> found);

/// @return kSomethingDue where something is missing that matters here, else kNothingDue
int doctor_status(std::span<const Diagnosis> found);

}  // namespace thimble::cli
