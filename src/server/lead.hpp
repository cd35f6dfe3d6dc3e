#pragma once
/// @file The lead of one server among several, asked of the database. Where there can be one alone, it leads.

#include "thimble/server/context.hpp"

namespace thimble::server {

/// Within a transaction InTurn: whether this server still leads. Who has led and was stopped for a while writes
/// nothing any more.
/// @error Conflict "server.not_leading"
Result<void> check_lead(const Context& context, store::Connection& connection);

/// Takes the lead if nobody has it, or keeps it; with an entry in the audit log when it was another's.
/// @return whether this server leads
Result<bool> ask_for_lead(Context& context, Instant now);

/// Lets the others go on at once.
Result<void> give_up_lead(Context& context);

}  // namespace thimble::server
