#include "thimble/model/corpus_zip.hpp"

#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace thimble::model {

namespace {

// What the program writes; nothing when it cannot be started or fails.
std::optional<std::string> output_of(std::vector<std::string> arguments) {
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (auto& argument : arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) {
        return std::nullopt;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    pid_t pid = 0;
    const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    std::string output;
    std::array<char, 65536> block{};
    for (ssize_t got = 0; failed == 0 && (got = read(ends[0], block.data(), block.size())) > 0;) {
        output.append(block.data(), static_cast<std::size_t>(got));
    }
    close(ends[0]);
    int status = 0;
    if (failed != 0 || waitpid(pid, &status, 0) != pid || status != 0) {
        return std::nullopt;
    }
    return output;
}

}  // namespace

std::optional<std::string> read_zip_entry(
    const std::filesystem::path& archive, const std::string& entry) {
    return output_of({"unzip", "-p", archive.string(), entry});
}

std::vector<std::string> list_zip(const std::filesystem::path& archive) {
    std::istringstream lines(output_of({"unzip", "-Z1", archive.string()}).value_or(""));
    std::vector<std::string> names;
    for (std::string name; std::getline(lines, name);) {
        names.push_back(name);
    }
    return names;
}

}  // namespace thimble::model
