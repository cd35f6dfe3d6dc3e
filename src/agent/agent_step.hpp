#pragma once
/// @file What an agent does next: pure. The shell carries it out and says how it went.

#include "thimble/base/error.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/protocol/messages.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace thimble::agent {

/// A job, and the sequence of the report that says that it has ended.
struct EndedJob {
    std::string id;
    std::uint64_t sequence = 0;
    bool operator==(const EndedJob&) const = default;
};

/// What is said of the host with each question for work.
enum class Standing : std::uint8_t {
    AsItWas,  ///< when it checked in
    Unsaid,   ///< the server does not take that: until the next check-in nothing is said
    Away,     ///< it does not answer who speaks for it
};

/// No wait is longer: the longest interval of a server with its spread.
inline constexpr std::chrono::seconds kLongestPatience{20 * 60};

/// What an agent knows. It starts empty but for what the journal tells; the first check-in tells the rest.
struct AgentState {
    Instant next_check_in;
    Instant next_try;                   ///< until then nothing is asked of the server: back-off
    Instant next_job;                   ///< until then no job is begun: the helper was not there
    std::uint32_t failures = 0;         ///< of the server, one after another
    std::chrono::seconds interval{60};  ///< within it the server wants to hear of the host
    std::chrono::seconds patience =
        kLongestPatience;    ///< so long a wait is borne between here and the server
    Instant patience_until;  ///< then it is tried anew how long
    std::uint32_t cuts = 0;  ///< waits that were cut off, one after another
    Standing standing = Standing::AsItWas;
    Instant checked_in_at;
    std::uint64_t written = 0;       ///< newest report in the journal
    std::uint64_t reported = 0;      ///< newest report that the server has
    bool knows_reported = false;     ///< the server has told it since the start
    std::vector<std::string> needs;  ///< documents that the server lacks
    std::vector<std::string>
        offered;          ///< documents that a job gave, and that the server has not asked for
    protocol::Work work;  ///< as heard last
    std::string running;  ///< id of the job that the helper has; empty: none
    /// Jobs that ended here, until the server has the report of it: it may give them again.
    std::vector<EndedJob> ended;
    std::string stopped;  ///< why nothing is asked any more, for a person; empty: go on
    bool operator==(const AgentState&) const = default;
};

// What to do.
struct CheckIn {
    bool operator==(const CheckIn&) const = default;
};
struct SendDocument {
    std::string digest;
    bool operator==(const SendDocument&) const = default;
};
struct SendReports {
    std::uint64_t after = 0;  ///< those with a higher sequence
    bool operator==(const SendReports&) const = default;
};
struct BeginJob {
    protocol::WaitingJob job;
    bool operator==(const BeginJob&) const = default;
};
struct AskForWork {
    std::chrono::seconds wait{0};
    Standing host = Standing::AsItWas;
    bool operator==(const AskForWork&) const = default;
};
/// Nothing is asked of the server; the helper is heard.
struct Rest {
    Instant until;
    bool operator==(const Rest&) const = default;
};
struct Stop {
    std::string why;
    bool operator==(const Stop&) const = default;
};
using Action = std::variant<CheckIn, SendDocument, SendReports, BeginJob, AskForWork, Rest, Stop>;

// What happened.
struct Started {};
struct CheckedIn {
    protocol::CheckInAnswer answer;
};
struct DocumentSent {
    std::string digest;
};
/// The server will not have it, however often it is sent. One that it needs it asks for again.
struct DocumentRefused {
    std::string digest;
};
struct ReportsTaken {
    std::uint64_t reported = 0;
};
/// What came of a question for work.
struct WorkHeard {
    std::optional<protocol::PollAnswer> news;  ///< none: everything is as it was
};
/// A wait was cut off that had lasted so long.
struct WaitCut {
    std::chrono::seconds held{0};
};
/// The host is not any more as it was when it checked in.
struct HostChanged {};
/// A request; `code` is that of the server's problem, or of ours. "agent.host_away": the host did not answer, and the
/// server was not asked.
struct Failed {
    ErrorKind kind = ErrorKind::Unavailable;
    std::string code;
};
struct ReportWritten {
    std::uint64_t sequence = 0;
};
struct DocumentsOffered {
    std::vector<std::string> digests;
};
struct JobBegun {
    std::string id;
};
struct JobNotBegun {};  ///< the helper is not there
struct JobEnded {
    EndedJob job;
};
using Event = std::variant<
    Started,
    CheckedIn,
    DocumentSent,
    DocumentRefused,
    ReportsTaken,
    WorkHeard,
    WaitCut,
    HostChanged,
    Failed,
    ReportWritten,
    DocumentsOffered,
    JobBegun,
    JobNotBegun,
    JobEnded>;

/// The next thing to do. Check-ins come before documents, those before reports, those before new work; one
/// job at a time; while everything is halted none that changes the host.
Action next_action(const AgentState& state, Instant now);

/// The state after an event.
/// @param draw  any number by chance: it spreads check-ins and retries of many hosts
AgentState after(AgentState state, const Event& event, Instant now, std::uint64_t draw);

}  // namespace thimble::agent
