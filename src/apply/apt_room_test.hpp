#pragma once
/// @file A real apt and dpkg to try transactions on: a copy-on-write view of this machine in which an
/// archive of purpose-made packages is the only repository. Needs root, overlayfs and apt's tools; where
/// they are missing `AptRoom::make` gives null and the test is skipped.

#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/deb_archive.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/host/run_command.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {

/// A directory whose programs run in it, in namespaces of their own.
class ChrootHost final : public host::Host {
public:
    explicit ChrootHost(std::unique_ptr<host::RootHost> files) : files_(std::move(files)) {}

    [[nodiscard]] std::string name() const override { return files_->name(); }
    [[nodiscard]] std::string local_root() const override { return files_->local_root(); }
    Result<std::string> read_file(std::string_view path, std::size_t limit) override {
        return files_->read_file(path, limit);
    }
    Result<std::vector<std::string>> list(std::string_view path) override {
        return files_->list(path);
    }
    Result<host::FileInfo> look(std::string_view path, host::Follow follow) override {
        return files_->look(path, follow);
    }
    Result<std::string> read_link(std::string_view path) override {
        return files_->read_link(path);
    }
    Result<host::Outcome> run(const host::Command& command) override {
        host::Command inside = command;
        inside.argv = {
            "unshare",
            "--mount",
            "--pid",
            "--net",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "--root=" + local_root()};
        inside.argv.insert(inside.argv.end(), command.argv.begin(), command.argv.end());
        return host::run_command(inside);
    }

private:
    std::unique_ptr<host::RootHost> files_;
};

/// A purpose-made package.
struct TestPackage {
    std::string name;
    std::string version;
    std::string fields = {};  ///< further lines of its control file, each with its line feed
    std::vector<std::pair<std::string, std::string>> files = {};    ///< path, content
    std::vector<std::pair<std::string, std::string>> scripts = {};  ///< "postinst", shell text
    std::string conffiles = {};  ///< paths, each with a line feed
};

class AptRoom {
public:
    static std::unique_ptr<AptRoom> make() {
        const auto tool = host::run_command({.argv = {"apt-ftparchive", "--version"}});
        if (::geteuid() != 0 || !tool) {
            return nullptr;
        }
        auto room = std::unique_ptr<AptRoom>(new AptRoom);
        return room->mount() ? std::move(room) : nullptr;
    }

    AptRoom(const AptRoom&) = delete;
    AptRoom& operator=(const AptRoom&) = delete;
    AptRoom(AptRoom&&) = delete;
    AptRoom& operator=(AptRoom&&) = delete;
    ~AptRoom() {
        ::umount2((root() + repository()).c_str(), MNT_DETACH);
        ::umount2(root().c_str(), MNT_DETACH);
        std::error_code error;
        std::filesystem::remove_all(folder_, error);
    }

    [[nodiscard]] std::string root() const { return folder_ + "/root"; }
    [[nodiscard]] std::string folder(const std::string& name) const { return folder_ + "/" + name; }
    host::Host& host() { return *host_; }
    /// Seen at the same path by this machine and by the room.
    [[nodiscard]] std::string repository() const { return folder_ + "/repository"; }

    /// Builds the archive of a package into the repository; it is offered after `publish`.
    std::string build(const TestPackage& package) {
        const std::string tree = folder_ + "/tree";
        std::filesystem::remove_all(tree);
        write(
            tree + "/DEBIAN/control",
            "Package: " + package.name + "\nVersion: " + package.version
                + "\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: test\n"
                + package.fields);
        if (!package.conffiles.empty()) {
            write(tree + "/DEBIAN/conffiles", package.conffiles);
        }
        for (const auto& [name, text] : package.scripts) {
            write(tree + "/DEBIAN/" + name, "#!/bin/sh\nset -e\n" + text + "\n");
            std::filesystem::permissions(tree + "/DEBIAN/" + name, std::filesystem::perms(0755));
        }
        std::string sums;
        for (const auto& [path, content] : package.files) {
            write(tree + path, content);
            sums += md5_of(content) + "  " + path.substr(1) + "\n";
        }
        write(tree + "/DEBIAN/md5sums", sums);
        // A repository's names of archives have no epoch.
        std::string archive = repository() + "/" + package.name + "_"
            + package.version.substr(package.version.find(':') + 1) + "_all.deb";
        call({"dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, archive});
        return archive;
    }

    /// Makes everything that was built known to apt.
    void publish() {
        inside(
            {"sh",
             "-c",
             "cd " + repository()
                 + " && apt-ftparchive packages . >Packages && "
                   "apt-ftparchive -o APT::FTPArchive::Release::Origin=Thimble "
                   "-o APT::FTPArchive::Release::Label=Tests release . >Release.new && "
                   "mv Release.new Release && apt-get update"});
    }

    /// As if the index had come from there.
    void pretend_mirror(const std::string& uri) {
        namespace fs = std::filesystem;
        const std::string lists = root() + "/var/lib/apt/lists";
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator(lists)) {
            files.push_back(entry.path());
        }
        for (const fs::path& file : files) {
            const std::string name = file.filename().string();
            const std::size_t end = name.find("_._");
            if (end != std::string::npos) {
                fs::rename(file, lists + "/" + uri.substr(uri.rfind('/') + 1) + name.substr(end));
            }
        }
        write(root() + "/etc/apt/sources.list", "deb [trusted=yes] " + uri + " ./\n");
    }

    void install(const std::string& archive) {
        inside({"dpkg", "--force-depends", "--install", archive});
    }

    host::Outcome inside(std::vector<std::string> argv) {
        auto outcome = host_->run({.argv = std::move(argv)});
        return outcome ? *outcome : host::Outcome{-1, {}, outcome.error().text()};
    }

    [[nodiscard]] std::string read(const std::string& path) const {
        std::ifstream file(root() + path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    static void write(const std::string& path, const std::string& content) {
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path) << content;
    }

    /// `programs`: the folder where thimble-apt and thimble-gate were built.
    AptPlaces places(const std::string& programs) {
        std::filesystem::create_directories(root() + "/var/lib/thimble-test");
        std::filesystem::copy_file(
            programs + "/thimble-gate",
            root() + "/var/lib/thimble-test/thimble-gate",
            std::filesystem::copy_options::overwrite_existing);
        return {
            .thimble_apt = programs + "/thimble-apt",
            .gate = "/var/lib/thimble-test/thimble-gate",
            .scratch = root() + "/var/lib/thimble-test/scratch",
            .scratch_seen = "/var/lib/thimble-test/scratch",
            .empty_cache = "/var/lib/thimble-test/empty-cache",
            .cache = {}};
    }
    [[nodiscard]] std::string archives() const { return root() + "/var/lib/thimble-test/archives"; }
    static std::string archives_seen() { return "/var/lib/thimble-test/archives"; }

private:
    AptRoom() {
        std::string pattern = "/tmp/thimble-apt-room-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }

    bool mount() {
        namespace fs = std::filesystem;
        if (::unshare(CLONE_NEWNS) != 0
            || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
            return false;
        }
        for (const char* name : {"/upper", "/work", "/root"}) {
            fs::create_directory(folder_ + name);
        }
        const std::string options =
            "lowerdir=/,upperdir=" + folder_ + "/upper,workdir=" + folder_ + "/work";
        if (::mount("overlay", root().c_str(), "overlay", 0, options.c_str()) != 0) {
            return false;
        }
        fs::create_directories(repository());
        fs::create_directories(root() + repository());
        if (::mount(
                repository().c_str(), (root() + repository()).c_str(), nullptr, MS_BIND, nullptr)
            != 0) {
            return false;
        }
        auto files = host::RootHost::open(root());
        if (!files) {
            return false;
        }
        host_ = std::make_unique<ChrootHost>(*std::move(files));
        use_own_state();
        return true;
    }

    /// Nothing of this machine's packages, sources and hooks: its state may change meanwhile.
    void use_own_state() {
        namespace fs = std::filesystem;
        for (const char* name : {"/etc/apt", "/var/lib/apt", "/var/lib/dpkg", "/var/cache/apt"}) {
            fs::remove_all(root() + name);
        }
        for (const char* name :
             {"/etc/apt/apt.conf.d",
              "/etc/apt/preferences.d",
              "/var/lib/apt/lists/partial",
              "/var/cache/apt/archives/partial",
              "/var/lib/dpkg/info",
              "/var/lib/dpkg/updates",
              "/var/lib/dpkg/triggers"}) {
            fs::create_directories(root() + name);
        }
        const auto native = host::run_command({.argv = {"dpkg", "--print-architecture"}});
        write(root() + "/var/lib/dpkg/info/format", "1\n");
        // Who owns the folders that all share: dpkg would remove them with their last owner.
        write(
            root() + "/var/lib/dpkg/info/dpkg.list",
            "/.\n/etc\n/lib\n/usr\n/usr/bin\n/usr/share\n");
        write(
            root() + "/var/lib/dpkg/status",
            "Package: dpkg\nStatus: install ok installed\nMaintainer: T <t@example.org>\n"
            "Architecture: "
                + (native ? native->output : "amd64\n") + "Version: 1.21.22\nDescription: x\n\n");
        write(root() + "/etc/apt/sources.list", "deb [trusted=yes] copy:" + repository() + " ./\n");
        write(root() + "/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
        fs::permissions(root() + "/usr/sbin/policy-rc.d", fs::perms(0755));
    }

    static void call(std::vector<std::string> argv) {
        static_cast<void>(host::run_command({.argv = std::move(argv)}));
    }

    std::string folder_;
    std::unique_ptr<ChrootHost> host_;
};

}  // namespace thimble::apply
