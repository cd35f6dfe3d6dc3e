#pragma once
/// @file A server and a host that can enrol with it, in folders of their own.

#include "thimble/cli/running_server_test.hpp"
#include "thimble/store/hosts.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::e2e {

/// A server, and a host that can enrol with it.
struct Fleet {
    cli::ScratchFolder folder;
    cli::RunningServer server{folder / "data"};
    std::filesystem::path state = folder / "agent";
    std::filesystem::path root = folder / "root";

    Fleet() {
        server.let_admin_in();
        std::filesystem::create_directories(root / "etc");
        std::filesystem::create_directories(root / "var/lib/dpkg");
        std::ofstream(root / "etc/os-release") << "ID=debian\nVERSION_ID=\"12\"\n";
        set_version("1.0-1");
    }
    void set_version(const std::string& version) const {
        std::ofstream(root / "var/lib/dpkg/status")
            << "Package: t-lib\nStatus: install ok installed\nArchitecture: amd64\nVersion: "
            << version << "\n\n";
    }
    [[nodiscard]] cli::TestOutcome agent(std::vector<std::string> words) const {
        words.insert(words.begin(), THIMBLE_AGENT);
        words.insert(words.end(), {"--state", state.string()});
        return cli::TestProgram(std::move(words)).rest();
    }
    [[nodiscard]] cli::TestOutcome enrol(const std::string& token) const {
        return agent(
            {"enrol", server.address(), token, "--helper-state", (folder / "helper").string()});
    }
    [[nodiscard]] cli::TestOutcome check_in() const {
        return agent({"check-in", "--root", root.string()});
    }
    /// What the server's database says of the one host, once the server has ended.
    [[nodiscard]] store::HostRecord host_after_stop() {
        server.stop();
        auto connection = store::Connection::open(
            {store::DatabaseAddress::Kind::Sqlite, (folder / "data/thimble.db").string()});
        const auto hosts = store::all_hosts(*connection);
        return hosts && hosts->size() == 1 ? hosts->front() : store::HostRecord();
    }
    /// The digests of documents that the agent holds and that begin so.
    [[nodiscard]] std::vector<std::string> held(const std::string& format) const {
        std::vector<std::string> digests;
        for (const auto& entry : std::filesystem::directory_iterator(state)) {
            const std::string name = entry.path().filename().string();
            if (name.starts_with("document-")
                && cli::contents_of(entry.path()).starts_with("{\"format\":\"" + format)) {
                digests.push_back(name.substr(9, 64));
            }
        }
        return digests;
    }
};

}  // namespace thimble::e2e
