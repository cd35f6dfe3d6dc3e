#include "thimble/host/talking_program.hpp"

#include "thimble/host/argument_pointers.hpp"
#include "thimble/host/conversation.hpp"
#include "thimble/host/ssh_command.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

constexpr std::size_t kMostKept = 4096;
constexpr std::size_t kBlockBytes = std::size_t{4} << 10;
constexpr int kMostBlocks = 64;  // of one look: who writes without an end is not read without one

/// In a process group of its own, with no signal blocked or ignored.
int spawn(pid_t& child, std::vector<std::string> arguments, int socket, int errors) {
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_adddup2(&actions, socket, 0);
    ::posix_spawn_file_actions_adddup2(&actions, socket, 1);
    ::posix_spawn_file_actions_adddup2(&actions, errors, 2);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    sigset_t defaults;
    ::sigemptyset(&defaults);
    ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int error_number = ::posix_spawnp(
        &child,
        arguments.front().c_str(),
        &actions,
        &attributes,
        pointers_to(arguments).data(),
        environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    return error_number;
}

}  // namespace

TalkingProgram::TalkingProgram(Descriptor socket, Descriptor errors, pid_t child)
    : socket_(std::move(socket)), errors_(std::move(errors)), child_(child) {}

TalkingProgram::TalkingProgram(TalkingProgram&& other) noexcept
    : socket_(std::move(other.socket_)),
      errors_(std::move(other.errors_)),
      child_(std::exchange(other.child_, 0)),
      said_(std::move(other.said_)) {}

TalkingProgram& TalkingProgram::operator=(TalkingProgram&& other) noexcept {
    std::swap(socket_, other.socket_);
    std::swap(errors_, other.errors_);
    std::swap(child_, other.child_);
    std::swap(said_, other.said_);
    return *this;
}

TalkingProgram::~TalkingProgram() {
    if (child_ > 0) {
        ::kill(-child_, SIGKILL);
        wait_for(child_);
    }
}

Result<TalkingProgram> TalkingProgram::start(std::span<const std::string> argv) {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return system_error(errno, argv.front());
    }
    Descriptor ours(ends[0]);
    const Descriptor theirs(ends[1]);
    THIMBLE_TRY(Pipe errors, make_pipe());
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): fcntl(2) is declared so
    if (::fcntl(errors.read_end.number(), F_SETFL, O_NONBLOCK) != 0) {
        return system_error(errno, argv.front());
    }
    pid_t child = 0;
    const int error_number =
        spawn(child, {argv.begin(), argv.end()}, theirs.number(), errors.write_end.number());
    if (error_number != 0) {
        return system_error(error_number, argv.front());
    }
    return TalkingProgram(std::move(ours), std::move(errors.read_end), child);
}

std::string TalkingProgram::complaint() {
    std::array<char, kBlockBytes> block{};
    for (int blocks = 0; blocks < kMostBlocks; ++blocks) {
        const ssize_t count = ::read(errors_.number(), block.data(), block.size());
        if (count <= 0) {
            break;
        }
        said_.append(block.data(), static_cast<std::size_t>(count));
        said_.erase(0, said_.size() - std::min(said_.size(), kMostKept));
    }
    return last_words(said_);
}

}  // namespace thimble::host
