#pragma once
/// @file A host that is reached over SSH; no agent is needed there, only a POSIX shell with stat and
/// base64.

#include "thimble/host/host.hpp"
#include "thimble/host/ssh_answer.hpp"
#include "thimble/host/ssh_target.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace thimble::host {

/// Enough for every file that an inventory is made of.
constexpr std::size_t kMaxSshAnswerBytes = std::size_t{512} << 20;

/// Every word that reaches the remote shell is quoted, and what comes back is parsed as hostile.
/// ssh runs in batch mode, so it never asks; forwarding is off.
class SshHost final : public Host {
public:
    /// Connects and asks all of `questions` in one go; their answers are kept, so that reading those
    /// paths later costs no further connection.
    /// @param options  further arguments for ssh, one a word: "-i", "/path/of/key"
    /// @param answer_limit  bytes of what it answers to one batch of questions
    /// @error Unavailable "host.no_connection": ssh's own words are in the message
    static Result<std::unique_ptr<SshHost>> connect(
        SshTarget target,
        std::vector<std::string> options,
        std::span<const Question> questions,
        std::size_t answer_limit = kMaxSshAnswerBytes);

    [[nodiscard]] std::string name() const override;
    [[nodiscard]] std::string local_root() const override { return {}; }
    Result<std::string> read_file(std::string_view path, std::size_t limit) override;
    Result<std::vector<std::string>> list(std::string_view path) override;
    /// Links are followed in both cases.
    Result<FileInfo> look(std::string_view path, Follow follow) override;
    Result<std::string> read_link(std::string_view path) override;
    Result<void> prepare(std::span<const Question> questions) override;
    /// @error also Unsupported "host.no_remote_input" when `command` has input
    Result<Outcome> run(const Command& command) override;

private:
    SshHost(SshTarget target, std::vector<std::string> options, std::size_t answer_limit)
        : target_(std::move(target)), options_(std::move(options)), answer_limit_(answer_limit) {}

    [[nodiscard]] Command ssh_command(std::string script) const;
    Result<const Reply*> reply_for(std::string_view path, Ask ask);

    SshTarget target_;
    std::vector<std::string> options_;
    std::size_t answer_limit_;
    std::map<std::string, Reply, std::less<>> replies_;
};

}  // namespace thimble::host
