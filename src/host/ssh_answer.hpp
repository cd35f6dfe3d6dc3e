#pragma once
/// @file The bytes that come back from a remote host for a batch of questions.

#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::host {

enum class Presence : std::uint8_t { Missing, Denied, Present };

/// What the host said about one path.
struct Reply {
    Presence presence = Presence::Missing;
    Ask ask = Ask::Contents;  ///< what was asked
    FileInfo info;            ///< of what a link leads to; after Info and Contents
    bool has_contents = false;
    std::string bytes;               ///< of a file; the target of a link
    std::vector<std::string> names;  ///< of a folder, sorted; the targets of the links in it
};

/// The POSIX shell script that answers `questions`; every path in it is quoted.
std::string question_script(std::span<const Question> questions);

/// Reads what that script printed. All of it comes from the remote host and is not trusted.
/// @return one reply for each question
/// @error Corrupt "host.bad_answer"
Result<std::vector<Reply>> parse_answer(std::string_view text, std::span<const Question> questions);

}  // namespace thimble::host
