#pragma once
/// @file Exceptions, what was shown for them, and which patches they cover.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thimble::store {

/// State and reason are words of the model; no word of a list has a comma.
struct ExceptionRow {
    std::string id;
    std::string state;
    std::string reason;
    std::string host_group;
    std::string host_tag;
    std::vector<std::string> hosts;
    std::vector<std::string> packages;
    std::vector<std::string> vulnerabilities;
    std::string owner;
    std::string why;
    std::string requester;
    std::string approver;
    std::vector<std::string> controls;
    Instant requested_at;
    Instant approved_at;
    Instant expires_at;
    std::int64_t renewals = 0;
    std::string renewal_by;
    Instant renewal_until;
    Instant ended_at;
    std::int64_t reminded_days = 0;
    bool operator==(const ExceptionRow&) const = default;
};

/// Adds it, or puts it in the place of the one with its id.
Result<void> put_exception(Connection& connection, const ExceptionRow& row);
Result<std::optional<ExceptionRow>> exception_of(Connection& connection, const std::string& id);
/// Those that are in one of the states, by id.
Result<std::vector<ExceptionRow>> exceptions_in(
    Connection& connection, const std::vector<std::string>& states);

struct ExceptionEvidence {
    std::string kind;      ///< "rehearsal", "vex"
    std::string host_id;   ///< empty: of no host
    std::string document;  ///< digest of a kept document
    std::string summary;
    bool operator==(const ExceptionEvidence&) const = default;
};
/// Adds them behind what was shown before.
Result<void> add_evidence(
    Connection& connection,
    const std::string& exception_id,
    std::span<const ExceptionEvidence> evidence,
    Instant now);

/// A rehearsal that failed.
struct FailedRehearsal {
    std::string host_id;
    std::string host_group;
    std::string tags;
    std::string document;  ///< digest of what it said
    std::string why;
    std::vector<std::string> patches;  ///< "curl 7.88-2" of its plan
    Instant at;
    bool operator==(const FailedRehearsal&) const = default;
};
/// The latest first, at most `most`; of hosts that are not revoked.
Result<std::vector<FailedRehearsal>> failed_rehearsals(Connection& connection, std::size_t most);

/// A patch that a host misses.
struct MissedPatch {
    std::string host_id;
    std::string host_group;
    std::string tags;
    std::string source;
    std::string to_version;
    std::vector<std::string> vulnerabilities;
    bool kev = false;
    bool exploited = false;
    bool operator==(const MissedPatch&) const = default;
};
/// Which missed patches are asked for; what is empty limits nothing.
struct MissedWhere {
    std::string host_id;
    std::string host_group;  ///< or "*": any
    std::vector<std::string> sources;
};
/// Of the hosts that are not revoked, by host, source and version.
Result<std::vector<MissedPatch>> missed_patches(Connection& connection, const MissedWhere& where);

/// An exception as one patch of one host has it.
struct ExceptedPatch {
    std::string host_id;
    std::string source;
    std::string to_version;
    std::string exception_id;
    Instant until;
    bool keeps_away = false;  ///< the patch must not be installed
    bool operator==(const ExceptedPatch&) const = default;
};
/// Puts them in the place of all that the exception covered.
Result<void> set_excepted_patches(
    Connection& connection,
    const std::string& exception_id,
    std::span<const ExceptedPatch> patches);
/// Puts them in the place of all that are excepted on the host.
Result<void> set_excepted_patches_of_host(
    Connection& connection, const std::string& host_id, std::span<const ExceptedPatch> patches);
/// Whether one of the patches that it covers closes something that is known to be exploited.
Result<bool> is_exploited_exception(Connection& connection, const std::string& exception_id);
/// Source packages that must stay as they are on a host, ascending.
Result<std::vector<std::string>> sources_kept_away(
    Connection& connection, const std::string& host_id);

}  // namespace thimble::store
