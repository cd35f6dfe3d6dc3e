#pragma once
/// @file What the commands that patch are told on their command line.

#include "thimble/apply/retention.hpp"
#include "thimble/model/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::cli {

struct PatchOptions {
    std::string state;    ///< empty: the default
    std::string root;     ///< a directory that is patched instead of this machine
    std::string catalog;  ///< empty: that of the state directory
    std::string plan;     ///< file
    std::string output;   ///< file of the plan to write
    std::string run;      ///< id
    std::string reason;
    std::string
        approvers;  ///< file of who may approve, as ssh-keygen -Y reads it; empty: nobody must
    std::string approval;             ///< file of the evidence
    std::string snapshot = "auto";    ///< "auto", "require" or "no"
    std::vector<std::string> probes;  ///< NAME=tcp:HOST:PORT, NAME=http:URL, NAME=command:WORDS
    std::string level = "security-only";
    std::string conffiles = "keep-old";
    model::PlanSelection selection;
    model::PlanPolicy policy;
    apply::Retention retention;
    std::uint64_t approvals = 1;     ///< people who must have signed
    std::uint32_t max_age_days = 7;  ///< of the rehearsal; 0: any
    std::uint64_t settle_seconds = 120;
    std::uint32_t settle_tries = 3;
    std::uint64_t probe_seconds = 10;
    std::uint64_t transaction_seconds = 3600;
    std::uint64_t silence_seconds = 600;
    bool security = false;
    bool no_rollback = false;
    bool without_rehearsal = false;
    bool passes_over_missing = false;
    bool retry = false;
    bool strict = false;
    bool keep_clone = false;
    bool restart_services = false;
    bool diff = false;
    bool json = false;
    std::vector<std::string> masked;
    std::vector<std::string> start_units;
    std::uint64_t size_limit_bytes = std::uint64_t{8} << 30;
    std::uint64_t time_limit_seconds = 3600;
};

}  // namespace thimble::cli
