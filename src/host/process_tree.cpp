#include "thimble/host/process_tree.hpp"

#include "thimble/base/result.hpp"
#include "thimble/host/local_host.hpp"

#include <sys/types.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::host {
namespace {

constexpr std::size_t kMaxStat = 4096;
constexpr int kRounds = 100;

template <class Number>
Number number_at_front(std::string_view text) {
    Number number{};
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// Processes whose parent is one of `tree` and that are not in it yet.
std::vector<pid_t> children_of(const std::vector<pid_t>& tree) {
    LocalHost machine;
    std::vector<pid_t> found;
    const auto names = machine.list("/proc");
    if (!names) {
        return found;
    }
    const auto is_known = [&](pid_t pid) {
        return std::ranges::find(tree, pid) != tree.end();
    };
    for (const std::string& name : *names) {
        const auto pid = number_at_front<pid_t>(name);
        if (pid <= 0 || is_known(pid)) {
            continue;
        }
        const auto stat = machine.read_file("/proc/" + name + "/stat", kMaxStat);
        if (stat && is_known(parent_in_stat(*stat))) {
            found.push_back(pid);
        }
    }
    return found;
}

}  // namespace

pid_t parent_in_stat(std::string_view line) {
    const std::size_t end = line.rfind(") ");
    if (end == std::string_view::npos || line.size() < end + 5) {
        return 0;
    }
    return number_at_front<pid_t>(line.substr(end + 4));  // ") S 1 …"
}

void kill_process_tree(pid_t root) {
    std::vector<pid_t> tree{root};
    ::kill(root, SIGSTOP);
    for (int round = 0; round < kRounds; ++round) {
        const std::vector<pid_t> children = children_of(tree);
        if (children.empty()) {
            break;
        }
        for (const pid_t child : children) {
            ::kill(child, SIGSTOP);
            tree.push_back(child);
        }
    }
    for (const pid_t pid : tree) {
        ::kill(pid, SIGKILL);
    }
    ::kill(-root, SIGKILL);  // its group: who left the tree, but not the group
}

}  // namespace thimble::host
