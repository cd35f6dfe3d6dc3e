#pragma once
/// @file Commands of ours within a text, made to be about the host that was asked for.

#include <cstdint>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace thimble::cli {

/// What names the host and the state directory, quoted for a shell, each with a blank in front; empty: the usual ones.
struct HostWords {
    std::string root;   ///< " --root /mnt/image"
    std::string state;  ///< " --state /srv/thimble"
    bool operator==(const HostWords&) const = default;
};

/// Repairs of the package manager's own, made to be those of another root: "run `dpkg --configure -a`" becomes
/// "run `chroot /mnt/image dpkg --configure -a`"; apt's sources and the pins of ours are those below it. Pure.
/// @param root  quoted for a shell
std::string entered_commands(std::string_view text, std::string_view root);

/// Adds the words after the verb of each command that takes them, unless the command says so already: "see thimble verify" becomes
/// "see thimble verify --root /mnt/image". What is the package manager's own is entered by chroot. Pure.
std::string aimed_commands(std::string_view text, const HostWords& words);

/// Lines of a terminal in which no command of ours is broken: somebody will paste it. What stands after its options may be.
std::string narrowed_around_commands(std::string_view text);

/// The part of a sentence that names a command, which says what to do: of "there is no run x; `thimble history` lists all" what stands
/// after the semicolon. Empty: no part of it does. Pure.
std::string step_in(std::string_view sentence);

/// "Next: " and a command, where that is too long for a line in several that a shell reads as one. What is in quotes stays whole. Pure.
std::string next_command_lines(const std::string& command);

/// How wide the lines may be that are passed on.
enum class LineWidth : std::uint8_t {
    Any,       ///< as they are: documents, tables, differences of files
    Terminal,  ///< broken at blanks where they are wider than a terminal
};

/// Passes lines on to another stream, their commands aimed. What stands in an unfinished line is passed on with a flush.
class AimedLines final : public std::streambuf {
public:
    /// @param to  outlives it
    AimedLines(std::ostream& to, HostWords words, LineWidth width = LineWidth::Any);
    AimedLines(const AimedLines&) = delete;
    AimedLines& operator=(const AimedLines&) = delete;
    AimedLines(AimedLines&&) = delete;
    AimedLines& operator=(AimedLines&&) = delete;
    ~AimedLines() override;

    /// Whether somebody else has to break lines that are written to the stream.
    static bool leaves_wide(const std::ostream& stream);

    /// What would be made of a text that is written to the stream; as it is where the stream aims nothing.
    static std::string aimed(const std::ostream& stream, std::string_view text);

protected:
    int_type overflow(int_type byte) override;
    std::streamsize xsputn(const char* bytes, std::streamsize count) override;
    int sync() override;

private:
    void pass_on(std::size_t length);

    std::ostream& to_;
    HostWords words_;
    LineWidth width_;
    std::string held_;
};

}  // namespace thimble::cli
