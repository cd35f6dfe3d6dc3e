/// @file thimble-launcher: on a host over SSH it stands under the name of each program and starts it with the loader
/// and the libraries that came along, whatever the host has. The loader lies in the same folder, so that
/// /proc/self/exe of the program still tells where its companions are; no variable is set that children would inherit.
///
/// Linked statically: it must run before any library is found.

#include "thimble/agent/over_ssh_layout.hpp"

#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    constexpr int kCannotStart = 126;
    std::array<char, PATH_MAX> own{};
    const ssize_t length = ::readlink("/proc/self/exe", own.data(), own.size());
    const std::string path(own.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) {
        return kCannotStart;
    }
    const std::string folder = path.substr(0, slash + 1);
    const std::string name = path.substr(slash + 1);
    std::vector<std::string> words{
        folder + std::string(thimble::agent::kLoader),
        "--inhibit-cache",
        "--library-path",
        folder + std::string(thimble::agent::kLibraries),
        folder + std::string(thimble::agent::kPrograms) + "/" + name};
    for (const char* const word :
         std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0)) {
        words.emplace_back(word);
    }
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (std::string& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    ::execv(pointers.front(), pointers.data());
    std::perror(words.front().c_str());
    return kCannotStart;
}
