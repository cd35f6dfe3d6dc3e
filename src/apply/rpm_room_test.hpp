#pragma once
/// @file A real rpm, dnf and zypper to try transactions on, with an archive of purpose-made packages as the
/// only repository. Needs root, overlayfs and Debian's packages rpm, createrepo-c, busybox-static; where
/// they are missing `RpmRoom::make` gives null and the test is skipped.

#include "thimble/apply/apt_room_test.hpp"
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

/// A purpose-made package.
struct TestRpm {
    std::string name;
    std::string version;
    std::string fields = {};   ///< further lines of the preamble, each with its line feed
    std::string scripts = {};  ///< sections as "%post\nexit 1\n"
    std::vector<std::pair<std::string, std::string>> files = {};  ///< path, content
    std::vector<std::pair<std::string, std::string>> configs = {};
    bool noreplace = true;  ///< of `configs`
};

enum class RoomKind : std::uint8_t {
    InstallRoot,  ///< a directory with nothing but what rpm installed: our programs work on it
    OwnPrograms,  ///< a copy-on-write view of this machine, whose own programs run in it
};

class RpmRoom {
public:
    static std::unique_ptr<RpmRoom> make(RoomKind kind, const std::string& program) {
        for (const char* tool : {"/usr/bin/rpmbuild", "/usr/bin/createrepo_c", "/bin/busybox"}) {
            if (::access(tool, X_OK) != 0) {
                return nullptr;
            }
        }
        if (::geteuid() != 0 || ::access(program.c_str(), X_OK) != 0) {
            return nullptr;
        }
        auto room = std::unique_ptr<RpmRoom>(new RpmRoom);
        return room->open(kind) ? std::move(room) : nullptr;
    }

    RpmRoom(const RpmRoom&) = delete;
    RpmRoom& operator=(const RpmRoom&) = delete;
    RpmRoom(RpmRoom&&) = delete;
    RpmRoom& operator=(RpmRoom&&) = delete;
    ~RpmRoom() {
        if (is_overlay_) {
            ::umount2((root() + folder_).c_str(), MNT_DETACH);
            ::umount2(root().c_str(), MNT_DETACH);
        }
        std::error_code error;
        std::filesystem::remove_all(folder_, error);
    }

    [[nodiscard]] std::string root() const { return folder_ + "/root"; }
    [[nodiscard]] std::string folder(const std::string& name) const { return folder_ + "/" + name; }
    host::Host& host() { return *host_; }
    /// Seen at the same path by this machine and by a room with programs of its own.
    [[nodiscard]] std::string repository() const { return folder_ + "/shared/repository"; }

    /// Builds an archive into the repository; it is offered after `publish`. @return its path
    std::string build(const TestRpm& package) {
        const std::string spec = folder_ + "/" + package.name + ".spec";
        write(spec, spec_of(package));
        const auto outcome = host::run_command(
            {.argv = {
                 "rpmbuild",
                 "-bb",
                 "--quiet",
                 "--define",
                 "_topdir " + folder_ + "/top",
                 "--define",
                 "_rpmdir " + repository(),
                 "--define",
                 "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
                 spec}});
        last_error_ = outcome ? outcome->errors : outcome.error().text();
        return repository() + "/" + package.name + "-" + package.version + "-1.noarch.rpm";
    }

    /// Makes everything that was built known, and the repository's older metadata unknown.
    void publish() {
        std::filesystem::remove_all(repository() + "/repodata");
        call({"createrepo_c", "--quiet", repository()});
        std::filesystem::remove_all(folder("dnf"));
    }

    void install(const std::string& archive) {
        call(
            {"rpm",
             "--root",
             root(),
             "--dbpath",
             "/var/lib/rpm",
             "--nodeps",
             "--oldpackage",
             "-U",
             archive});
    }

    /// rpm of this machine about the room.
    host::Outcome rpm(std::vector<std::string> arguments) {
        std::vector<std::string> argv{"rpm", "--root", root(), "--dbpath", "/var/lib/rpm"};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        auto outcome = host::run_command({.argv = std::move(argv)});
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
    /// `more`: further lines of the repository's section.
    void configure_repository(const std::string& more) const {
        for (const char* place : {"/etc/yum.repos.d/t.repo", "/etc/zypp/repos.d/t.repo"}) {
            write(
                root() + place,
                "[t]\nname=t\nenabled=1\nautorefresh=1\nbaseurl=file://" + repository() + "\n"
                    + more);
        }
    }

    [[nodiscard]] std::string archives() const { return root() + archives_seen(); }
    static std::string archives_seen() { return "/var/lib/thimble-test/archives"; }
    /// What the last build complained of.
    [[nodiscard]] const std::string& last_error() const { return last_error_; }

private:
    RpmRoom() {
        std::string pattern = "/tmp/thimble-rpm-room-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }

    static std::string spec_of(const TestRpm& package) {
        std::string spec = "Name: " + package.name + "\nVersion: " + package.version
            + "\nRelease: 1\nSummary: test\nLicense: test\nBuildArch: noarch\nAutoReqProv: no\n"
            + package.fields + "%description\ntest\n%install\n";
        std::string list = "%files\n";
        const auto add = [&](const auto& file, const std::string& mark) {
            const std::string target = "%{buildroot}" + file.first;
            spec += "mkdir -p $(dirname " + target + ")\ncat >" + target + " <<'END'\n"
                + file.second + "END\n";
            list += mark + file.first + "\n";
        };
        for (const auto& file : package.files) {
            add(file, "");
        }
        for (const auto& file : package.configs) {
            add(file, package.noreplace ? "%config(noreplace) " : "%config ");
        }
        return spec + package.scripts + list;
    }

    bool open(RoomKind kind) {
        std::filesystem::create_directories(repository());
        std::filesystem::create_directories(root());
        is_overlay_ = kind == RoomKind::OwnPrograms;
        if (is_overlay_ && !mount()) {
            return false;
        }
        auto files = host::RootHost::open(root());
        if (!files) {
            return false;
        }
        if (is_overlay_) {
            host_ = std::make_unique<ChrootHost>(*std::move(files));
        } else {
            host_ = *std::move(files);
        }
        furnish();
        return true;
    }

    bool mount() {
        namespace fs = std::filesystem;
        if (::unshare(CLONE_NEWNS) != 0
            || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
            return false;
        }
        for (const char* name : {"/upper", "/work"}) {
            fs::create_directory(folder_ + name);
        }
        const std::string options =
            "lowerdir=/,upperdir=" + folder_ + "/upper,workdir=" + folder_ + "/work";
        if (::mount("overlay", root().c_str(), "overlay", 0, options.c_str()) != 0) {
            return false;
        }
        const std::string shared = folder_ + "/shared";
        fs::create_directories(root() + shared);
        return ::mount(shared.c_str(), (root() + shared).c_str(), nullptr, MS_BIND, nullptr) == 0;
    }

    /// A shell, and the settings of the package managers.
    void furnish() {
        namespace fs = std::filesystem;
        fs::create_directories(root() + archives_seen());
        for (const char* place : {"/etc/yum.repos.d", "/etc/zypp/repos.d", "/var/lib/rpm"}) {
            fs::remove_all(root() + place);
            fs::create_directories(root() + place);
        }
        // Debian's rpm keeps its database in root's home; a distribution's own does not.
        write(root() + "/etc/rpm/macros", "%_dbpath /var/lib/rpm\n");
        write(root() + "/etc/dnf/dnf.conf", "[main]\ngpgcheck=1\nbest=True\n");
        configure_repository("gpgcheck=0\n");
        const std::string base =
            build({.name = "t-base", .version = "1", .fields = "Provides: /bin/sh\n"});
        install(base);
        if (!is_overlay_) {
            fs::create_directories(root() + "/bin");
            fs::copy_file("/bin/busybox", root() + "/bin/busybox");
            for (const char* tool : {"sh", "sleep", "echo", "cat", "true", "dd"}) {
                fs::create_symlink("busybox", root() + "/bin/" + tool);
            }
        }
        write(root() + "/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
        fs::permissions(root() + "/usr/sbin/policy-rc.d", fs::perms(0755));
    }

    static void call(std::vector<std::string> argv) {
        static_cast<void>(host::run_command({.argv = std::move(argv)}));
    }

    std::string folder_;
    std::string last_error_;
    bool is_overlay_ = false;
    std::unique_ptr<host::Host> host_;
};

}  // namespace thimble::apply
