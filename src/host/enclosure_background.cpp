#include "thimble/host/enclosure_background.hpp"

#include "thimble/base/result.hpp"
#include "thimble/host/conversation.hpp"
#include "thimble/host/enclosure_process.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace thimble::host {

Result<std::shared_ptr<RunningProgram>> RunningProgram::start(
    std::shared_ptr<const Namespaces> namespaces,
    const Command& command,
    const std::string& output) {
    // A file, because nobody reads a pipe all the time; it counts as a cost of the clone.
    Descriptor said(::open(output.c_str(), O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (said.number() < 0 || nothing.number() < 0) {
        return system_error(errno, output);
    }
    const ChildEnds ends{
        .input = nothing.number(), .output = said.number(), .errors = said.number(), .status = -1};
    THIMBLE_TRY(const LetIn program, let_in(*namespaces, command, ends, Staying::UntilAllEnd));
    return std::shared_ptr<RunningProgram>(
        new RunningProgram(std::move(namespaces), program, std::move(said)));
}

void RunningProgram::end() {
    if (is_running()) {
        kill_with_descendants(*namespaces_, program_);
        exit_status_ = wait_for(program_.supervisor);
        ended_ = true;
    }
}

bool RunningProgram::is_running() {
    int status = 0;
    if (!ended_ && ::waitpid(program_.supervisor, &status, WNOHANG) != 0) {
        ended_ = true;
        exit_status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    return !ended_;
}

std::string RunningProgram::output(std::size_t limit) const {
    struct stat status{};
    ::fstat(output_.number(), &status);
    const auto size = static_cast<std::size_t>(status.st_size);
    std::string text(std::min(size, limit), '\0');
    const ssize_t got =
        ::pread(output_.number(), text.data(), text.size(), static_cast<off_t>(size - text.size()));
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
}

}  // namespace thimble::host
