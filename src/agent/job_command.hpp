#pragma once
/// @file Which program carries a job out, with which arguments: pure.

#include "thimble/protocol/job.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::agent {

/// Where the programs and the root helper's files are.
struct JobPlaces {
    std::string patch;  ///< thimble-patch
    std::string agent;  ///< thimble-agent
    std::string state;  ///< state directory of thimble-patch
    std::string plans;  ///< folder of the plans that were frozen here
    std::string root;   ///< a directory that stands for the host; empty: this machine
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    std::string control = {};     ///< thimble-control
    std::string approvers = {};   ///< file of who must have signed what is applied; empty: nobody
    std::string approval = {};    ///< file of their signatures
    std::uint32_t approvals = 1;  ///< how many of them
    // NOLINTEND(readability-redundant-member-init)
};

/// Where a plan lies. A digest is 64 hexadecimal digits, so it cannot lead out.
std::string plan_file(const JobPlaces& places, const std::string& digest);

/// Where the document of a control is written for the program that deploys it.
std::string control_file(const JobPlaces& places, const std::string& digest);

/// What brings a control into order whose job was broken off: what was half put up is taken away, what was half taken away
/// goes, what stands is looked at.
std::vector<std::string> recover_command(const protocol::Job& job, const JobPlaces& places);

/// Where a new plan is written before its digest is known.
std::string fresh_plan_file(const JobPlaces& places);

/// The argument vector of a job; empty for Reboot. What comes from the job are its typed arguments alone, each after the
/// option that it belongs to.
/// @param job  one that parse_job gave
std::vector<std::string> command_of(const protocol::Job& job, const JobPlaces& places);

/// What brings the host into order when the helper was killed while it changed something.
std::vector<std::string> resume_command(const JobPlaces& places);

}  // namespace thimble::agent
