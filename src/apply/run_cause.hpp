#pragma once
/// @file Whether a run that did not get there says something of its patches. Pure.

#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/run_journal.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace thimble::apply {

/// What a run came to its end by.
enum class RunCause : std::uint8_t {
    Patch,  ///< what it brought, or that is not known: it is not to come again before somebody has looked
    NoSpace,  ///< a disk of the host was full: nothing is said of what it brought
    Locked,   ///< somebody else held the package manager: nothing is said of what it brought
};

/// Whether the host could not take it at that time, with every patch there is.
bool is_of_surroundings(RunCause cause);

/// Whether a transaction can end so with every patch there is.
bool is_of_surroundings(TransactionEnding ending);

/// @param entries  of one run, in their order, ended or not
/// @return one of the surroundings: at least one transaction or repair ended by it, and nothing went wrong that may be the patch's:
///         no other ending, no check that failed or could not be made, nobody who asked for the way back. Of both NoSpace: a lock is
///         released without anybody's help
/// @source workflow 4.3: what keeps a host from a patch is no failure of the patch
RunCause run_cause(std::span<const JournalEntry> entries);

/// The same of a run that may be a rollback: who takes back what the surroundings of a run cut off says nothing of its patches, unless
/// something went wrong on the way back that may be theirs.
/// @param taken  entries of the run that it takes back, which decide; empty: they are not known, or it is no rollback
/// @return that of `taken`, where that has ended and was not carried out
/// @source workflow 5.10: what a person rolls back is blocked
RunCause run_cause(std::span<const JournalEntry> entries, std::span<const JournalEntry> taken);

/// "patch", "no_space", "locked".
std::string_view run_cause_name(RunCause cause);

/// Who held the package manager when a transaction or repair last found it held, as it was recorded; empty: that is not known.
std::string lock_words(std::span<const JournalEntry> entries);

}  // namespace thimble::apply
