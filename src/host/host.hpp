#pragma once
/// @file The one door to a machine: read a file, list a folder, run a command.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::host {

enum class FileType : std::uint8_t { Regular, Directory, Symlink, Other };

/// What stat(2) tells about a file.
struct FileInfo {
    FileType type = FileType::Other;
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    Instant modified_at = {};  // NOLINT(readability-redundant-member-init): see Command
    /// of the inode (ctime): no tool sets it back
    Instant changed_at = {};  // NOLINT(readability-redundant-member-init): see Command
    bool operator==(const FileInfo&) const = default;
};

/// Where a running program's bytes come from.
enum class Channel : std::uint8_t { Output, Errors, Status };

/// What happens to output beyond `Command::output_limit`.
enum class Overflow : std::uint8_t {
    Fail,  ///< the program is killed
    Drop,  ///< the first bytes are kept and the program goes on: it may be in a transaction
};

// NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that an initializer leaves out
/// A program to run: an argument vector, never a shell line.
struct Command {
    std::vector<std::string> argv;  ///< not empty; argv[0] is looked up in PATH
    std::string input = {};         ///< given on standard input
    std::chrono::milliseconds timeout = std::chrono::seconds(60);
    /// Killed when it has said nothing on any channel for so long; zero: no such limit.
    std::chrono::milliseconds silence_limit = {};
    std::size_t output_limit = std::size_t{64} << 20;  ///< bytes of standard output
    Overflow overflow = Overflow::Fail;
    bool show_errors = false;  ///< standard error goes to ours, for progress; else it is returned
    std::vector<std::string> environment = {};  ///< "NAME=value", in place of ours of that name
    bool own_session = false;     ///< no terminal can be asked, and no signal of one reaches it
    bool status_channel = false;  ///< descriptor 3 is a pipe that only `listener` hears
    /// Of ours, handed on to the program: whoever has the other end sees when both of us have ended; -1: none.
    int held = -1;
    /// Hears every piece as it comes, in the order of its channel.
    std::function<void(Channel, std::string_view)> listener = {};
};

/// How a program ended.
struct Outcome {
    int exit_status = 0;  ///< 128 + signal when it was killed
    std::string output;
    std::string errors;  ///< at most 64 KiB
};
// NOLINTEND(readability-redundant-member-init)

enum class Follow : std::uint8_t { No, Yes };

/// What is asked about a path.
enum class Ask : std::uint8_t {
    Info,      ///< what stat tells
    Contents,  ///< that, and a file's bytes or a folder's names
    Bytes,     ///< a file's bytes alone
    Link,      ///< where a symbolic link points
    Links,     ///< where the links in a folder point
};

/// One path that is asked about.
struct Question {
    std::string path;
    Ask ask = Ask::Contents;
    bool operator==(const Question&) const = default;
};

/// A machine. Paths are absolute and as that machine sees them; they may hold anything but NUL.
/// Every call is a fresh look. Not for use by two threads at once.
class Host {
public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    Host(Host&&) = delete;
    Host& operator=(Host&&) = delete;
    virtual ~Host() = default;

    /// For people: the host name, the root directory, or user@name.
    [[nodiscard]] virtual std::string name() const = 0;

    /// The directory of this machine that is the host's root: "/" for this machine itself, empty
    /// when the host is elsewhere.
    [[nodiscard]] virtual std::string local_root() const = 0;

    /// The same by a path without links of /proc: what a program of this machine may be told. SQLite, say,
    /// follows the links of a path by reading them; "/proc/1/root" reads "/", and so dnf or zypper would look
    /// into this machine's databases. Empty: there is no such path.
    [[nodiscard]] virtual std::string plain_root() const { return local_root(); }

    /// The whole of a regular file; links are followed.
    /// @error NotFound, Denied; Invalid "host.too_big" beyond `limit` bytes, "host.not_a_file"
    virtual Result<std::string> read_file(std::string_view path, std::size_t limit) = 0;

    /// The names in a folder, sorted by byte, without "." and "..".
    /// @error NotFound, Denied; Invalid "host.too_big" beyond 1,000,000 names
    virtual Result<std::vector<std::string>> list(std::string_view path) = 0;

    /// @error NotFound, Denied
    virtual Result<FileInfo> look(std::string_view path, Follow follow) = 0;

    /// Where a symbolic link points, as written.
    /// @error NotFound, Denied; Invalid when it is no link
    virtual Result<std::string> read_link(std::string_view path) = 0;

    /// Says what will be asked next. A host that is far away fetches all of it in one go and answers
    /// from that later; the links in a folder (Ask::Links) are numbered there, not named. Nothing
    /// happens where asking is cheap.
    /// @error Unavailable, Corrupt: nothing of it was learnt
    virtual Result<void> prepare(std::span<const Question> questions);

    /// Runs a program there and waits for it. A program that fails is an Outcome, not an error.
    /// @error Unsupported "host.runs_nothing" where nothing may be executed; NotFound: no such
    ///        program; Unavailable "host.timeout", "host.silent"; Invalid "host.too_big"
    virtual Result<Outcome> run(const Command& command) = 0;
};

}  // namespace thimble::host
