#pragma once
/// @file A program of this machine with which we speak for as long as it runs.

#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"

#include <sys/types.h>

#include <span>
#include <string>

namespace thimble::host {

/// Its standard input and output are one socket, of which we have the other end. It is killed when this ends.
class TalkingProgram {
public:
    /// @param argv  not empty; argv[0] is looked up in PATH
    /// @error NotFound, Unavailable
    static Result<TalkingProgram> start(std::span<const std::string> argv);

    TalkingProgram(TalkingProgram&& other) noexcept;
    TalkingProgram& operator=(TalkingProgram&& other) noexcept;
    TalkingProgram(const TalkingProgram&) = delete;
    TalkingProgram& operator=(const TalkingProgram&) = delete;
    ~TalkingProgram();

    [[nodiscard]] const Descriptor& socket() const { return socket_; }

    /// Takes what it has said on standard error so far. To be called now and then: a full pipe would hold it up.
    /// @return its last words, printable; empty: none
    std::string complaint();

private:
    TalkingProgram(Descriptor socket, Descriptor errors, pid_t child);

    Descriptor socket_;
    Descriptor errors_;
    pid_t child_;
    std::string said_;
};

}  // namespace thimble::host
