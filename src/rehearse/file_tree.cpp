#include "thimble/rehearse/file_tree.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::rehearse {
namespace {

constexpr int kMaxLinks = 40;

void drop_last(std::string& path) {
    const std::size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash);
}

}  // namespace

std::string resolve_links(const FileTree& tree, std::string_view path) {
    std::string rest(path);
    std::string done;
    int links = 0;
    while (!rest.empty()) {
        rest.erase(0, std::min(rest.find_first_not_of('/'), rest.size()));
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const std::string name = rest.substr(0, end);
        rest.erase(0, end);
        if (name.empty() || name == ".") {
            continue;
        }
        if (name == "..") {
            drop_last(done);
            continue;
        }
        done.append("/").append(name);
        const auto link = tree.links.find(done);
        if (link == tree.links.end()) {
            continue;
        }
        if (++links > kMaxLinks) {
            return {};
        }
        if (link->second.starts_with('/')) {
            done.clear();
        } else {
            drop_last(done);
        }
        rest.insert(0, link->second);
    }
    return done.empty() ? "/" : done;
}

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string_view::npos ? "/" : path.substr(0, slash);
}

}  // namespace thimble::rehearse
