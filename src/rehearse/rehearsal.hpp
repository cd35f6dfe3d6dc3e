#pragma once
/// @file A rehearsal: what happened when a plan was carried out in a clone, and the verdict.

#include "thimble/apply/configuration.hpp"
#include "thimble/base/instant.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::rehearse {

/// In order of weight.
enum class CheckVerdict : std::uint8_t {
    Pass,  ///< as before, or as planned
    Warn,  ///< a person should look: it may be meant, or could not be told
    Fail,  ///< the patch breaks it
};

/// "pass", "warn", "fail"
std::string_view check_verdict_name(CheckVerdict verdict);

/// One thing that was examined.
struct Check {
    std::string name;  ///< "linking", "config nginx", "service web.service"
    CheckVerdict verdict = CheckVerdict::Pass;
    std::string summary;  ///< one sentence
    std::string before;   ///< how it was; lines; empty where there is nothing to compare
    std::string after;
    std::vector<std::string> evidence;  ///< at most 200 lines, the last of them counts the rest
    bool operator==(const Check&) const = default;
};

/// A check that has passed so far.
Check named_check(std::string name);

/// Bounds what a check shows.
constexpr std::size_t kMaxEvidence = 200;
/// Lines of it that people are shown.
constexpr std::size_t kShownEvidence = 12;
void add_evidence(Check& check, const std::vector<std::string>& lines);

/// How long a part of the rehearsal took.
struct Phase {
    std::string name;  ///< "before", "transaction", "after", "examination" …
    std::chrono::milliseconds duration{0};
    bool operator==(const Phase&) const = default;
};

struct Rehearsal {
    std::string plan_digest;
    std::string host_state;  ///< of the host when it was cloned
    /// The configuration files of the plan's packages on the host, before it was cloned; none: by a version that did not look.
    std::optional<std::vector<apply::KeptFile>> configuration;
    Instant rehearsed_at = {};  // NOLINT(readability-redundant-member-init): g++ warns else
    std::string clone;          ///< of which root; for people
    CheckVerdict verdict = CheckVerdict::Pass;  ///< the worst of the checks
    std::vector<Check> checks;                  ///< in the order of the examination
    std::vector<Phase> phases;
    std::uint64_t clone_bytes = 0;      ///< on disk, after the transaction
    std::vector<std::string> left_out;  ///< file systems that the clone did not have
    std::string
        process_limit;   ///< how many processes the clone could have, and what held it to that
    std::string output;  ///< the last of what the package manager said
    bool operator==(const Rehearsal&) const = default;
};

CheckVerdict worst_of(const std::vector<Check>& checks);

/// Why a rehearsal says nothing any more.
enum class Staleness : std::uint8_t {
    OtherPlan,             ///< it is of another plan
    HostChanged,           ///< packages of the host are not what they were
    ConfigurationChanged,  ///< configuration files of the plan's packages are not what they were
    TooOld,                ///< it was made too long ago, or after now
};

/// A plan and its host as they are now.
struct RehearsedHost {
    std::string plan_digest;
    std::string state;    ///< digest of its packages
    std::string changes;  ///< what can be named of why it is not that of the plan; may be empty
    std::vector<apply::KeptFile>
        configuration;                ///< the paths that the rehearsal has, and what is there now
    Instant now = {};                 // NOLINT(readability-redundant-member-init): g++ warns else
    std::chrono::seconds max_age{0};  ///< zero: any
};

struct StaleRehearsal {
    Staleness why = Staleness::OtherPlan;
    std::string words;  ///< what has changed, by its name; one sentence without its period
    bool operator==(const StaleRehearsal&) const = default;
};

/// A rehearsal holds for exactly one plan on exactly one state of the host and of that plan's configuration, and not for ever.
/// Times of files do not count.
/// @return nothing: it holds
std::optional<StaleRehearsal> why_stale(const Rehearsal& rehearsal, const RehearsedHost& host);

}  // namespace thimble::rehearse
