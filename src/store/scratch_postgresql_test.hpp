#pragma once
/// @file A PostgreSQL for one test: a cluster of its own behind a socket in its own folder.

#include "thimble/store/connection.hpp"

#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace thimble::store {

inline constexpr const char* kPostgresqlPrograms = "/usr/lib/postgresql/15/bin";

/// Why none can run here; empty when it can.
inline std::string why_no_postgresql() {
    if (::access((std::string(kPostgresqlPrograms) + "/initdb").c_str(), X_OK) != 0) {
        return "skipped: postgresql-15 is not installed";
    }
    return ::geteuid() == 0 && ::getpwnam("postgres") == nullptr ? "skipped: no user postgres" : "";
}

/// Stopped and removed at the end.
class ScratchPostgresql {
public:
    ScratchPostgresql() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-pg-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        if (::geteuid() == 0) {  // it refuses to run as root
            const passwd* user = ::getpwnam("postgres");
            (void)!::chown(folder_.c_str(), user->pw_uid, user->pw_gid);
        }
        is_running_ = run(
                          {"initdb",
                           "-D",
                           data(),
                           "-U",
                           "thimble",
                           "--auth=trust",
                           "--no-sync",
                           "-E",
                           "UTF8"})
            && start();
    }
    ScratchPostgresql(const ScratchPostgresql&) = delete;
    ScratchPostgresql& operator=(const ScratchPostgresql&) = delete;
    ScratchPostgresql(ScratchPostgresql&&) = delete;
    ScratchPostgresql& operator=(ScratchPostgresql&&) = delete;
    ~ScratchPostgresql() {
        if (is_running_) {
            stop();
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    /// Again, after `stop`.
    bool start() const {
        return run(
            {"pg_ctl",
             "-D",
             data(),
             "-w",
             "-l",
             folder_ + "/log",
             "-o",
             "-k " + folder_ + " -c listen_addresses= -c fsync=off",
             "start"});
    }
    /// As if it were killed.
    bool stop() const { return run({"pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop"}); }

    [[nodiscard]] bool is_running() const { return is_running_; }
    /// What `--database` is given.
    [[nodiscard]] std::string option(const std::string& name = "postgres") const {
        return "postgresql:host=" + folder_ + " user=thimble dbname=" + name;
    }
    [[nodiscard]] DatabaseAddress address(const std::string& name = "postgres") const {
        return *parse_database_address(option(name));
    }

private:
    [[nodiscard]] std::string data() const { return folder_ + "/data"; }

    /// @return whether it ended well
    static bool run(std::vector<std::string> words) {
        words[0] = std::string(kPostgresqlPrograms) + "/" + words[0];
        if (::geteuid() == 0) {
            words.insert(words.begin(), {"/usr/sbin/runuser", "-u", "postgres", "--"});
        }
        std::vector<char*> argv;
        for (std::string& word : words) {
            argv.push_back(word.data());
        }
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions{};
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
        pid_t child = 0;
        int status = 1;
        if (::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ) == 0) {
            ::waitpid(child, &status, 0);
        }
        ::posix_spawn_file_actions_destroy(&actions);
        return status == 0;
    }

    std::string folder_;
    bool is_running_ = false;
};

}  // namespace thimble::store
