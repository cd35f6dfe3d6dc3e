#include "thimble/host/ssh_host.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/host/ssh_answer.hpp"
#include "thimble/host/ssh_command.hpp"
#include "thimble/host/ssh_target.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

Error error_for(Presence presence, std::string_view path) {
    return presence == Presence::Denied
        ? failure(ErrorKind::Denied, "host.system", std::string(path) + " may not be read")
        : failure(ErrorKind::NotFound, "host.system", std::string(path) + " is not there");
}

/// Whether a reply tells what is asked now. Contents tell more than Info or Bytes do.
bool answers(const Reply& reply, Ask ask) {
    return reply.ask == ask
        || (reply.ask == Ask::Contents && (ask == Ask::Info || ask == Ask::Bytes))
        || (reply.presence == Presence::Missing && ask != Ask::Link);
}

/// The links of a folder by number: "0", "1", …
Result<std::vector<std::string>> numbered(const Reply& links, std::string_view path) {
    if (links.presence != Presence::Present) {
        return error_for(links.presence, path);
    }
    std::vector<std::string> names;
    names.reserve(links.names.size());
    for (std::size_t at = 0; at < links.names.size(); ++at) {
        names.push_back(std::to_string(at));
    }
    return names;
}

Result<std::string> numbered_link(
    const Reply& links, std::string_view path, std::string_view number) {
    std::size_t at = links.names.size();
    std::from_chars(number.data(), number.data() + number.size(), at);
    if (links.presence != Presence::Present || at >= links.names.size()) {
        return error_for(links.presence, path);
    }
    return links.names[at];
}

}  // namespace

Command SshHost::ssh_command(std::string script) const {
    // The login shell there sees these two words only; a POSIX shell reads the rest.
    static const std::vector<std::string> kReader{"sh", "-s"};
    Command command;
    command.argv = ssh_words(target_, options_, kReader);
    command.input = std::move(script);
    command.timeout = std::chrono::minutes(2);
    command.output_limit = answer_limit_;
    return command;
}

Result<void> SshHost::prepare(std::span<const Question> questions) {
    for (const Question& question : questions) {
        THIMBLE_TRY(check_path(question.path));
    }
    THIMBLE_TRY(const Outcome outcome, run_command(ssh_command(question_script(questions))));
    if (outcome.exit_status == kNoSshConnection) {
        return failure(
            ErrorKind::Unavailable,
            "host.no_connection",
            "ssh to " + target_.name + ": " + last_words(outcome.errors));
    }
    THIMBLE_TRY(std::vector<Reply> replies, parse_answer(outcome.output, questions));
    for (std::size_t at = 0; at < questions.size(); ++at) {
        replies_.insert_or_assign(questions[at].path, std::move(replies[at]));
    }
    return {};
}

Result<const Reply*> SshHost::reply_for(std::string_view path, Ask ask) {
    const auto known = replies_.find(path);
    if (known != replies_.end() && answers(known->second, ask)) {
        return &known->second;
    }
    const Question question{.path = std::string(path), .ask = ask};
    THIMBLE_TRY(prepare(std::span(&question, 1)));
    return &replies_.find(path)->second;
}

Result<std::unique_ptr<SshHost>> SshHost::connect(
    SshTarget target,
    std::vector<std::string> options,
    std::span<const Question> questions,
    std::size_t answer_limit) {
    std::unique_ptr<SshHost> host(new SshHost(std::move(target), std::move(options), answer_limit));
    THIMBLE_TRY(host->prepare(questions));
    return host;
}

std::string SshHost::name() const {
    return target_.user.empty() ? target_.name : target_.user + "@" + target_.name;
}

Result<std::string> SshHost::read_file(std::string_view path, std::size_t limit) {
    THIMBLE_TRY(const Reply* reply, reply_for(path, Ask::Bytes));
    if (reply->presence != Presence::Present) {
        return error_for(reply->presence, path);
    }
    if (reply->ask != Ask::Bytes && reply->info.type != FileType::Regular) {
        return failure(
            ErrorKind::Invalid, "host.not_a_file", std::string(path) + " is not a regular file");
    }
    if (reply->bytes.size() > limit) {
        return failure(ErrorKind::Invalid, "host.too_big", std::string(path) + " is too large");
    }
    return reply->bytes;
}

Result<std::vector<std::string>> SshHost::list(std::string_view path) {
    const auto links = replies_.find(path);
    if (links != replies_.end() && links->second.ask == Ask::Links) {
        return numbered(links->second, path);
    }
    THIMBLE_TRY(const Reply* reply, reply_for(path, Ask::Contents));
    if (reply->presence != Presence::Present || reply->info.type != FileType::Directory) {
        return error_for(reply->presence, path);
    }
    return reply->names;
}

Result<FileInfo> SshHost::look(std::string_view path, Follow /*follow*/) {
    THIMBLE_TRY(const Reply* reply, reply_for(path, Ask::Info));
    if (reply->presence == Presence::Missing) {
        return error_for(reply->presence, path);
    }
    return reply->info;
}

Result<std::string> SshHost::read_link(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    const auto folder = replies_.find(path.substr(0, std::min(slash, path.size())));
    if (folder != replies_.end() && folder->second.ask == Ask::Links) {
        return numbered_link(folder->second, path, path.substr(slash + 1));
    }
    THIMBLE_TRY(const Reply* reply, reply_for(path, Ask::Link));
    if (reply->presence != Presence::Present) {
        return error_for(reply->presence, path);
    }
    return reply->bytes;
}

Result<Outcome> SshHost::run(const Command& command) {
    if (command.argv.empty()) {
        return failure(ErrorKind::Invalid, "host.no_command", "the command is empty");
    }
    if (!command.input.empty()) {
        return failure(
            ErrorKind::Unsupported, "host.no_remote_input", "remote programs get no input");
    }
    if (!command.environment.empty() || command.status_channel) {
        return failure(
            ErrorKind::Unsupported,
            "host.no_remote_channel",
            "remote programs get no environment and no status channel");
    }
    std::string script = "LC_ALL=C; export LC_ALL; exec";
    for (const std::string& word : command.argv) {
        if (word.contains('\0')) {
            return failure(ErrorKind::Invalid, "host.no_command", "a word holds NUL");
        }
        script += " " + shell_quoted(word);
    }
    Command remote = ssh_command(script + " </dev/null\n");
    remote.timeout = command.timeout;
    remote.output_limit = command.output_limit;
    remote.show_errors = command.show_errors;
    THIMBLE_TRY(Outcome outcome, run_command(remote));
    constexpr int kNoSuchProgram = 127;
    if (outcome.exit_status == kNoSuchProgram) {
        return failure(ErrorKind::NotFound, "host.system", command.argv.front() + " is not there");
    }
    if (outcome.exit_status == kNoSshConnection) {
        return failure(
            ErrorKind::Unavailable,
            "host.no_connection",
            "ssh to " + target_.name + ": " + last_words(outcome.errors));
    }
    return outcome;
}

}  // namespace thimble::host
