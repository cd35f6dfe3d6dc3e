#pragma once
/// @file What agent and root helper say to each other over their socket: one JSON object a line.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thimble::agent {

constexpr std::size_t kMaxHelperLineBytes = std::size_t{256} << 10;

/// From the agent.
struct HelperQuestion {
    enum class Kind : std::uint8_t {
        Job,    ///< `text` is an envelope with a job
        Grant,  ///< `text` is an envelope with the grant of a lease; empty: the server gave none
    };
    Kind kind = Kind::Job;
    std::string text;
    bool operator==(const HelperQuestion&) const = default;
};

/// From the helper.
struct HelperAnswer {
    enum class Kind : std::uint8_t {
        Progress,  ///< `text` is a line for people
        Lease,     ///< `text` is a challenge: ask the server for a grant
        Result,    ///< `text` is what came out, JSON; the job has ended
        Refused,   ///< `text` is the name of a protocol::JobRefusal; the job has ended, but for
                   ///< "unanswered", after which it may be given again
    };
    Kind kind = Kind::Progress;
    std::string job;    ///< id; empty when a refused one could not be read
    std::string lease;  ///< id, of Lease alone
    std::string text;
    bool operator==(const HelperAnswer&) const = default;
};

/// Without a newline; no newline is in them.
std::string format_helper_question(const HelperQuestion& question);
std::string format_helper_answer(const HelperAnswer& answer);

/// @error Corrupt "agent.bad_helper_message"
Result<HelperQuestion> parse_helper_question(std::string_view line);
Result<HelperAnswer> parse_helper_answer(std::string_view line);

}  // namespace thimble::agent
