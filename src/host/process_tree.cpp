#include "thimble/host/process_tree.hpp"

#include "thimble/host/file_access.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <memory>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::host {
namespace {

pid_t number_at_front(std::string_view text) {
    pid_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

struct Kinship {
    pid_t pid = 0;
    pid_t parent = 0;  // 0: let in from outside
    bool dead = true;  // gone, or only waiting to be buried
};

/// @source proc_pid_stat(5)
Kinship kinship_of(pid_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/stat";
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 512> text{};
    const ssize_t got = ::read(file.number(), text.data(), text.size());
    const std::string_view line(text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    Kinship kinship{.pid = pid};
    const std::size_t name_end = line.rfind(") ");
    if (name_end != std::string_view::npos && name_end + 4 < line.size()) {
        const char state = line[name_end + 2];
        kinship.dead = state == 'Z' || state == 'X';
        kinship.parent = parent_in_stat(line);
    }
    return kinship;
}

}  // namespace

pid_t parent_in_stat(std::string_view line) {
    const std::size_t end = line.rfind(") ");
    if (end == std::string_view::npos || line.size() < end + 5) {
        return 0;
    }
    return number_at_front(line.substr(end + 4));  // ") S 1 …"
}

Descendants descendants_of(pid_t ancestor) {
    std::vector<Kinship> all;
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir("/proc"));
    bool is_whole = folder != nullptr;
    while (folder) {
        errno = 0;  // that alone tells the end from an error
        const dirent* const entry = ::readdir(folder.get());
        if (entry == nullptr) {
            is_whole = errno == 0;
            break;
        }
        const std::string_view name = static_cast<const char*>(entry->d_name);
        const auto pid = number_at_front(name);
        if (pid > 0) {
            all.push_back(kinship_of(pid));
        }
    }
    std::erase_if(all, [](const Kinship& one) { return one.dead; });
    Descendants found{.pids = {ancestor}, .complete = is_whole};
    for (std::size_t at = 0; at < found.pids.size(); ++at) {
        for (const Kinship& one : all) {
            // Not seen yet: numbers that were given again could make a circle.
            if (one.parent == found.pids[at]
                && std::ranges::find(found.pids, one.pid) == found.pids.end()) {
                found.pids.push_back(one.pid);
            }
        }
    }
    found.pids.erase(found.pids.begin());
    for (const Kinship& one : all) {
        const auto is_parent = [&](const Kinship& other) {
            return other.pid == one.parent;
        };
        found.complete = found.complete && (one.parent == 0 || std::ranges::any_of(all, is_parent));
    }
    return found;
}

Descendants stop_descendants(pid_t ancestor) {
    constexpr int kLooks = 100;
    std::vector<pid_t> stopped;
    Descendants left = descendants_of(ancestor);
    for (int look = 0; look < kLooks; ++look) {
        const std::size_t before = stopped.size();
        for (const pid_t pid : left.pids) {
            if (std::ranges::find(stopped, pid) == stopped.end()) {
                ::kill(pid, SIGSTOP);
                stopped.push_back(pid);
            }
        }
        if (stopped.size() == before) {
            break;
        }
        left = descendants_of(ancestor);
    }
    return left;
}

void kill_children_first(const std::vector<pid_t>& tree) {
    for (const pid_t pid : std::views::reverse(tree)) {
        ::kill(pid, SIGKILL);
    }
}

void kill_process_tree(pid_t root) {
    ::kill(root, SIGSTOP);
    kill_children_first(stop_descendants(root).pids);
    ::kill(root, SIGKILL);
    ::kill(-root, SIGKILL);  // its group: who left the tree, but not the group
}

}  // namespace thimble::host
