#include "thimble/rehearse/owned_files.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/inventory/file_owner.hpp"
#include "thimble/inventory/rpm_call.hpp"

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

constexpr std::size_t kListLimit = std::size_t{64} << 20;
constexpr std::string_view kDpkgInfo = "/var/lib/dpkg/info";

/// One path a line; nothing where rpm has no database or does not answer.
/// @param wanted  what of the database
std::string rpm_list(host::Host& host, std::vector<std::string> wanted) {
    const std::string database = inventory::find_rpm_database(host);
    if (database.empty()) {
        return {};
    }
    // Debian's rpm has another one unless it is told, and asks a shell which for every name.
    std::vector<std::string> argv{
        "rpm", "--dbpath", database, "-q", "--queryformat", "[%{FILENAMES}\\n]"};
    argv.insert(argv.end(), wanted.begin(), wanted.end());
    auto outcome = inventory::run_rpm(host, {.argv = std::move(argv), .output_limit = kListLimit});
    // Of several packages some may not be installed yet: the others are answered all the same.
    return outcome ? std::move(outcome->output) : std::string();
}

void add_dpkg_lists(host::Host& host, OwnedFiles& owned) {
    const auto diversions = host.read_file("/var/lib/dpkg/diversions", kListLimit);
    for (const auto& diversion :
         inventory::parse_diversions(diversions ? std::string_view(*diversions) : "")) {
        owned.add_list(diversion.to);
    }
    const auto names = host.list(kDpkgInfo);
    for (const std::string& name : names ? *names : std::vector<std::string>()) {
        if (name.ends_with(".list")) {
            if (const auto list =
                    host.read_file(std::string(kDpkgInfo).append("/").append(name), kListLimit)) {
                owned.add_list(*list);
            }
        }
    }
}

/// A diverted file lies elsewhere than its package's list says.
void add_diverted(
    host::Host& host, const FileTree& tree, std::set<std::string, std::less<>>& files) {
    const auto diversions = host.read_file("/var/lib/dpkg/diversions", kListLimit);
    for (const auto& diversion :
         inventory::parse_diversions(diversions ? std::string_view(*diversions) : "")) {
        if (files.contains(resolve_links(tree, diversion.from))) {
            files.insert(resolve_links(tree, diversion.to));
        }
    }
}

/// Files of lists, each where it lies and, be it a link, where that leads.
class FilesInPlace {
public:
    explicit FilesInPlace(const FileTree& tree) : tree_(tree) {}

    void add(std::string_view list) {
        Lines lines(list);
        for (std::string_view path; lines.next(path);) {
            if (path.starts_with('/')) {
                add_path(path);
            }
        }
    }

    std::set<std::string, std::less<>> take() { return std::move(files_); }

private:
    void add_path(std::string_view path) {
        const std::size_t name = path.rfind('/');
        // What is next to each other in a list mostly lies in one folder.
        if (path.substr(0, name) != folder_) {
            folder_ = path.substr(0, name);
            resolved_ = folder_.empty() ? "" : resolve_links(tree_, folder_);
        }
        std::string place = std::string(resolved_).append(path.substr(name));
        if (tree_.links.contains(place)) {
            files_.insert(resolve_links(tree_, place));
        }
        files_.insert(std::move(place));
    }

    const FileTree& tree_;
    std::string folder_ = "?";  // of no path
    std::string resolved_;
    std::set<std::string, std::less<>> files_;
};

}  // namespace

void add_owned(host::Host& host, OwnedFiles& owned) {
    add_dpkg_lists(host, owned);
    owned.add_list(rpm_list(host, {"-a"}));
}

std::set<std::string, std::less<>> planned_files(
    host::Host& host, const model::Plan& plan, const FileTree& tree) {
    FilesInPlace places(tree);
    std::vector<std::string> labels{"--"};
    for (const model::PlannedStep& step : plan.steps) {
        labels.push_back(step.name + "." + step.architecture);
        for (const std::string& name : {step.name, step.name + ":" + step.architecture}) {
            const auto list =
                host.read_file(std::string(kDpkgInfo) + "/" + name + ".list", kListLimit);
            places.add(list ? std::string_view(*list) : std::string_view());
        }
    }
    if (labels.size() > 1) {
        places.add(rpm_list(host, std::move(labels)));
    }
    auto files = places.take();
    add_diverted(host, tree, files);
    return files;
}

}  // namespace thimble::rehearse
