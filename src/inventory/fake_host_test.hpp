#pragma once
/// @file A host in memory, for the tests of this folder.

#include "thimble/host/host.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>

namespace thimble::inventory {

/// Files by path; folders are where files are. Links are not followed: a test adds the target too.
class FakeHost final : public host::Host {
public:
    std::string root = "/";
    std::map<std::string, std::string, std::less<>> files;
    std::map<std::string, std::string, std::less<>> links;
    std::map<std::string, host::FileInfo, std::less<>> infos;
    std::set<std::string, std::less<>> denied;
    std::set<std::string, std::less<>> asked;  ///< every path that was looked at
    std::function<Result<host::Outcome>(const host::Command&)> on_run;

    FakeHost() = default;
    FakeHost(FakeHost&& other) noexcept
        : root(std::move(other.root)),
          files(std::move(other.files)),
          links(std::move(other.links)),
          infos(std::move(other.infos)),
          denied(std::move(other.denied)),
          on_run(std::move(other.on_run)) {}

    [[nodiscard]] std::string name() const override { return "fake"; }
    [[nodiscard]] std::string local_root() const override { return root; }

    Result<std::string> read_file(std::string_view path, std::size_t limit) override {
        asked.emplace(path);
        if (denied.contains(path)) {
            return failure(ErrorKind::Denied, "host.system", std::string(path));
        }
        const auto file = files.find(path);
        if (file == files.end()) {
            return failure(ErrorKind::NotFound, "host.system", std::string(path));
        }
        if (file->second.size() > limit) {
            return failure(ErrorKind::Invalid, "host.too_big", std::string(path));
        }
        return file->second;
    }

    Result<std::vector<std::string>> list(std::string_view path) override {
        asked.emplace(path);
        if (denied.contains(path)) {
            return failure(ErrorKind::Denied, "host.system", std::string(path));
        }
        std::set<std::string> names;
        const std::string prefix = std::string(path) + "/";
        const auto add = [&](const std::string& full) {
            if (full.starts_with(prefix)) {
                names.insert(
                    full.substr(prefix.size(), full.find('/', prefix.size()) - prefix.size()));
            }
        };
        for (const auto& [full, text] : files) {
            add(full);
        }
        for (const auto& [full, target] : links) {
            add(full);
        }
        if (names.empty()) {
            return failure(ErrorKind::NotFound, "host.system", std::string(path));
        }
        return std::vector<std::string>(names.begin(), names.end());
    }

    Result<host::FileInfo> look(std::string_view path, host::Follow /*follow*/) override {
        asked.emplace(path);
        if (const auto info = infos.find(path); info != infos.end()) {
            return info->second;
        }
        if (const auto file = files.find(path); file != files.end()) {
            return host::FileInfo{.type = host::FileType::Regular, .size = file->second.size()};
        }
        return failure(ErrorKind::NotFound, "host.system", std::string(path));
    }

    Result<std::string> read_link(std::string_view path) override {
        if (denied.contains(path)) {
            return failure(ErrorKind::Denied, "host.system", std::string(path));
        }
        if (const auto link = links.find(path); link != links.end()) {
            return link->second;
        }
        return failure(ErrorKind::NotFound, "host.system", std::string(path));
    }

    Result<host::Outcome> run(const host::Command& command) override {
        return on_run ? on_run(command)
                      : failure(ErrorKind::Unsupported, "host.runs_nothing", "nothing runs here");
    }
};

}  // namespace thimble::inventory
