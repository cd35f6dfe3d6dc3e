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
    if (inventory::find_rpm_database(host).empty()) {
        return {};
    }
    std::vector<std::string> argv{"rpm", "-q", "--queryformat", "[%{FILENAMES}\\n]"};
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

/// Where the path itself lies, be it a link: only those of its folders are followed.
std::string place_of(const FileTree& tree, std::string_view path) {
    const std::size_t name = path.rfind('/');
    return resolve_links(tree, path.substr(0, name)).append(path.substr(name));
}

}  // namespace

void add_owned(host::Host& host, OwnedFiles& owned) {
    add_dpkg_lists(host, owned);
    owned.add_list(rpm_list(host, {"-a"}));
}

std::set<std::string, std::less<>> planned_files(
    host::Host& host, const model::Plan& plan, const FileTree& tree) {
    std::set<std::string, std::less<>> files;
    const auto add = [&](std::string_view list) {
        Lines lines(list);
        for (std::string_view path; lines.next(path);) {
            if (path.starts_with('/')) {
                files.insert(resolve_links(tree, path));
                files.insert(place_of(tree, path));
            }
        }
    };
    std::vector<std::string> labels{"--"};
    for (const model::PlannedStep& step : plan.steps) {
        labels.push_back(step.name + "." + step.architecture);
        for (const std::string& name : {step.name, step.name + ":" + step.architecture}) {
            const auto list =
                host.read_file(std::string(kDpkgInfo) + "/" + name + ".list", kListLimit);
            add(list ? std::string_view(*list) : std::string_view());
        }
    }
    if (labels.size() > 1) {
        add(rpm_list(host, std::move(labels)));
    }
    add_diverted(host, tree, files);
    return files;
}

}  // namespace thimble::rehearse
