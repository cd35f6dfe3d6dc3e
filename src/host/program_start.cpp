#include "thimble/host/program_start.hpp"

#include "thimble/host/argument_pointers.hpp"
#include "thimble/host/conversation.hpp"
#include "thimble/host/host.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

constexpr int kAside = kHeldDescriptor + 1;
constexpr int kFirstSpare = kReportDescriptor + 1;  // 0 to 3 are the program's

/// Makes `ends` the descriptors 0 to 3, `report` kReportDescriptor, closed on exec, and `held` kHeldDescriptor; closes all others.
void arrange_descriptors(const ChildEnds& ends, int report, int held) {
    const std::array<std::pair<int, int>, 6> wanted{
        {{ends.input, 0},
         {ends.output, 1},
         {ends.errors, 2},
         {ends.status, 3},
         {report, kReportDescriptor},
         {held, kHeldDescriptor}}};
    std::array<int, 6> aside{};
    for (std::size_t at = 0; at < wanted.size(); ++at) {
        const int from = wanted.at(at).first;
        aside.at(at) = from < 0 ? -1 : ::fcntl(from, F_DUPFD, kAside);
    }
    for (std::size_t at = 0; at < wanted.size(); ++at) {
        if (aside.at(at) >= 0) {
            ::dup2(aside.at(at), wanted.at(at).second);
        }
    }
    if (ends.status < 0) {
        ::close(3);
    }
    ::fcntl(kReportDescriptor, F_SETFD, FD_CLOEXEC);
    for (int spare = kFirstSpare; spare < kHeldDescriptor; ++spare) {
        ::close(spare);
    }
    ::closefrom(held < 0 ? kHeldDescriptor : kHeldDescriptor + 1);
}

/// An ignored signal stays so in all that a program starts, which could then not be ended by it.
void heed_all_signals() {
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        ::signal(signal, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

std::vector<std::string> machine_environment(const Command& command) {
    std::vector<std::string> variables = command.environment;
    for (const char* const given :
         {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "LC_ALL=C",
          "HOME=/root",
          "USER=root",
          "LOGNAME=root",
          "SHELL=/bin/sh",
          "TERM=dumb"}) {
        const std::string_view name(given, std::strcspn(given, "=") + 1);
        const auto same = [&](const std::string& other) {
            return other.starts_with(name);
        };
        if (std::ranges::none_of(variables, same)) {
            variables.emplace_back(given);
        }
    }
    return variables;
}

int become(
    const Command& command,
    std::vector<std::string> environment,
    const ChildEnds& ends,
    int report) {
    arrange_descriptors(ends, report, command.held);
    ::setsid();
    heed_all_signals();
    std::vector<std::string> arguments = command.argv;
    const std::vector<char*> variables = pointers_to(environment);
    // execvpe looks in our PATH, so the program's has to be ours.
    for (const std::string& variable : environment) {
        if (variable.starts_with("PATH=")) {
            ::setenv("PATH", variable.c_str() + 5, 1);
        }
    }
    ::execvpe(command.argv.front().c_str(), pointers_to(arguments).data(), variables.data());
    return errno;
}

}  // namespace thimble::host
