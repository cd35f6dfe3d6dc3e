#include "thimble/verify/old_files.hpp"

#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/inventory/rpm_call.hpp"
#include "thimble/verify/package_files.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace thimble::verify {
namespace {

constexpr std::string_view kFormat = "thimble.old-files/1";

bool is_loaded_by_none(std::string_view path) {
    constexpr std::array<std::string_view, 11> kFolders{
        "/lib/firmware/",
        "/lib/modules/",
        "/usr/include/",
        "/usr/lib/firmware/",
        "/usr/lib/modules/",
        "/usr/share/doc/",
        "/usr/share/icons/",
        "/usr/share/info/",
        "/usr/share/locale/",
        "/usr/share/man/",
        "/usr/src/"};
    return std::ranges::any_of(
        kFolders, [path](std::string_view folder) { return path.starts_with(folder); });
}

/// Those of rpm in one question: "name.architecture TAB path", a line each.
std::vector<OldFiles> read_rpm_files(host::Host& host, const model::Plan& plan) {
    std::vector<std::string> argv{
        "rpm", "-q", "--queryformat", R"([%{=NAME}\t%{=ARCH}\t%{FILENAMES}\n])", "--"};
    for (const model::PlannedStep& step : plan.steps) {
        if (!step.from_version.empty()) {
            argv.push_back(step.name + "." + step.architecture);
        }
    }
    std::map<std::pair<std::string, std::string>, std::set<std::string>> found;
    // Of a package that is not there rpm says so, and tells of the others.
    const auto told = inventory::run_rpm(host, {.argv = std::move(argv)});
    Lines lines(told ? std::string_view(told->output) : std::string_view());
    for (std::string_view line; lines.next(line);) {
        const std::size_t name = line.find('\t');
        const std::size_t architecture =
            name == std::string_view::npos ? name : line.find('\t', name + 1);
        if (architecture == std::string_view::npos) {
            continue;
        }
        const std::string_view path = line.substr(architecture + 1);
        if (!is_loaded_by_none(path)) {
            found[{std::string(line.substr(0, name)),
                   std::string(line.substr(name + 1, architecture - name - 1))}]
                .emplace(path);
        }
    }
    std::vector<OldFiles> all;
    all.reserve(found.size());
    for (auto& [package, paths] : found) {
        all.push_back({package.first, package.second, std::move(paths)});
    }
    return all;
}

Result<OldFiles> read_one(const JsonValue& value) {
    JsonMembers members(value);
    OldFiles one{
        .package = members.text("name"), .architecture = members.text("architecture"), .paths = {}};
    for (std::string& path : members.texts("paths")) {
        one.paths.insert(std::move(path));
    }
    THIMBLE_TRY(members.done());
    return one;
}

Result<std::vector<OldFiles>> read_all(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    if (members.text("format") != kFormat) {
        members.reject("format");
    }
    std::vector<OldFiles> all;
    for (const JsonValue& value : members.array("packages")) {
        THIMBLE_TRY(OldFiles one, read_one(value));
        all.push_back(std::move(one));
    }
    THIMBLE_TRY(members.done());
    return all;
}

}  // namespace

std::vector<OldFiles> read_old_files(host::Host& host, const model::Plan& plan) {
    if (plan.manager != "apt" && !inventory::find_rpm_database(host).empty()) {
        return read_rpm_files(host, plan);
    }
    std::vector<OldFiles> all;
    for (const model::PlannedStep& step : plan.steps) {
        if (step.from_version.empty()) {
            continue;
        }
        auto paths = listed_files(host, {step.name, step.architecture});
        if (!paths) {
            continue;
        }
        std::erase_if(*paths, is_loaded_by_none);
        all.push_back({step.name, step.architecture, *std::move(paths)});
    }
    return all;
}

std::string format_old_files(const std::vector<OldFiles>& all) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", kFormat).key("packages").open_array();
    for (const OldFiles& one : all) {
        json.open_object().member("name", one.package).member("architecture", one.architecture);
        json.member("paths", std::vector<std::string>(one.paths.begin(), one.paths.end()));
        json.close_object();
    }
    json.close_array().close_object();
    return text;
}

Result<std::vector<OldFiles>> parse_old_files(std::string_view text) {
    auto all = read_all(text);
    if (!all) {
        Error error = std::move(all).error();
        error.code = "verify.bad_old_files";
        error.kind = ErrorKind::Corrupt;
        return because("the record of the files before", std::move(error));
    }
    return all;
}

}  // namespace thimble::verify
