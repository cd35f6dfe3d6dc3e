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

/// One path that is asked about.
struct Question {
    std::string path;
    bool contents = true;  ///< a file's bytes or a folder's names too, not only what stat tells
};

enum class Presence : std::uint8_t { Missing, Denied, Present };

/// What the host said about one path.
struct Reply {
    Presence presence = Presence::Missing;
    FileInfo info;  ///< of what a link leads to; device numbers are not told
    bool has_contents = false;
    std::string bytes;               ///< of a file
    std::vector<std::string> names;  ///< of a folder, sorted
};

/// The POSIX shell script that answers `questions`; every path in it is quoted.
std::string question_script(std::span<const Question> questions);

/// Reads what that script printed. All of it comes from the remote host and is not trusted.
/// @return one reply for each question
/// @error Corrupt "host.bad_answer"
Result<std::vector<Reply>> parse_answer(std::string_view text, std::span<const Question> questions);

}  // namespace thimble::host
