#include "thimble/verify/volatile_evidence.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string_view>

namespace thimble::verify {
namespace {

constexpr std::size_t kMaxText = std::size_t{1} << 20;
constexpr std::size_t kMaxStatus = std::size_t{16} << 10;
constexpr std::size_t kMaxProcesses = 8192;
constexpr std::size_t kMaxProgram = std::size_t{128} << 20;
constexpr std::size_t kMaxPrograms = std::size_t{2} << 30;
constexpr std::size_t kMaxFiles = 4096;

constexpr auto kTexts = std::to_array<std::string_view>({
    "/proc/sys/kernel/random/boot_id",
    "/proc/version",
    "/proc/cmdline",
    "/proc/uptime",
    "/proc/sys/kernel/tainted",
    "/proc/modules",
    "/proc/mounts",
    "/proc/net/tcp",
    "/proc/net/tcp6",
    "/proc/net/udp",
    "/proc/net/udp6",
    "/proc/net/unix",
    "/proc/net/route",
    "/proc/net/arp",
    "/etc/passwd",
    "/etc/ld.so.preload",
    "/etc/resolv.conf",
    "/etc/hosts",
});
/// Their output is kept, not read.
std::vector<std::vector<std::string>> commands() {
    return {
        {"who", "-a"},
        {"last", "-n", "200", "-w"},
        {"systemctl",
         "list-units",
         "--type=service,timer,socket",
         "--all",
         "--no-pager",
         "--plain"}};
}
/// Folders in which something says who may sign in or what starts.
constexpr auto kFolders = std::to_array<std::string_view>({
    "/etc/cron.d",
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/var/spool/cron/crontabs",
    "/etc/systemd/system",
    "/etc/profile.d",
    "/etc/sudoers.d",
    "/etc/pam.d",
    "/root/.ssh",
});
constexpr auto kFiles = std::to_array<std::string_view>({
    "/etc/shadow",
    "/etc/sudoers",
    "/etc/crontab",
    "/etc/rc.local",
    "/etc/ssh/sshd_config",
});

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Arguments are told apart by NUL.
std::string with_blanks(std::string text) {
    std::ranges::replace(text, '\0', ' ');
    while (text.ends_with(' ')) {
        text.pop_back();
    }
    return text;
}

class Collector {
public:
    Collector(host::Host& host, VolatileEvidence& evidence) : host_(host), evidence_(evidence) {}

    void read_texts() {
        for (const std::string_view path : kTexts) {
            auto text = host_.read_file(path, kMaxText);
            if (text) {
                evidence_.texts.emplace_back(path, *std::move(text));
            } else {
                miss(path, text.error());
            }
        }
        for (const std::vector<std::string>& argv : commands()) {
            auto outcome = host_.run({.argv = argv, .output_limit = kMaxText});
            if (outcome) {
                evidence_.texts.emplace_back(argv.front(), std::move(outcome->output));
            } else {
                miss(argv.front(), outcome.error());
            }
        }
    }

    void read_processes() {
        const auto names = host_.list("/proc");
        if (!names) {
            miss("/proc", names.error());
            return;
        }
        for (const std::string& name : *names) {
            if (!is_number(name)) {
                continue;
            }
            if (evidence_.processes.size() == kMaxProcesses) {
                evidence_.gaps.emplace_back("/proc: there are more than 8192 processes");
                return;
            }
            read_process(name);
        }
    }

    void read_files() {
        for (const std::string_view path : kFiles) {
            digest_file(std::string(path));
        }
        for (const std::string_view folder : kFolders) {
            const auto names = host_.list(folder);
            if (!names) {
                miss(folder, names.error());
                continue;
            }
            for (const std::string& name : *names) {
                digest_file(std::string(folder) + "/" + name);
            }
        }
    }

    void read_packages(std::span<const PackageName> packages) {
        for (const PackageName& package : packages) {
            auto files = check_package_files(host_, package);
            if (!files) {
                // Also one that has no list of its files: nobody then knows what was changed.
                evidence_.gaps.push_back("package " + package.name + ": " + files.error().text());
                continue;
            }
            std::ranges::move(files->differences, std::back_inserter(evidence_.differences));
        }
    }

private:
    void miss(std::string_view what, const Error& error) {
        if (error.kind != ErrorKind::NotFound) {  // what is not there is no evidence, and no gap
            evidence_.gaps.push_back(std::string(what) + ": " + error.text());
        }
    }

    void read_process(const std::string& name) {
        const std::string folder = "/proc/" + name;
        auto status = host_.read_file(folder + "/status", kMaxStatus);
        if (!status) {
            miss(folder, status.error());  // it has ended, unless it may not be seen
            return;
        }
        EvidenceProcess process;
        std::from_chars(name.data(), name.data() + name.size(), process.id);
        process.status = *std::move(status);
        process.command =
            with_blanks(host_.read_file(folder + "/cmdline", kMaxText).value_or(std::string()));
        process.program = host_.read_link(folder + "/exe").value_or(std::string());
        if (!process.program.empty()) {
            process.program_sha256 = digest_of_program(folder + "/exe", process.program);
        }
        evidence_.processes.push_back(std::move(process));
    }

    /// What is deleted may be another file for each process; what is on the disk is read once.
    std::string digest_of_program(const std::string& link, const std::string& program) {
        const bool is_deleted = program.ends_with(" (deleted)");
        if (const auto known = digests_.find(program); known != digests_.end() && !is_deleted) {
            return known->second;
        }
        if (read_bytes_ >= kMaxPrograms) {
            evidence_.gaps.push_back(program + ": more than 2 GiB of programs were read before it");
            return "";
        }
        const auto bytes = host_.read_file(link, kMaxProgram);
        if (!bytes) {
            miss(program, bytes.error());
            return "";
        }
        read_bytes_ += bytes->size();
        return digests_[program] = sha256_of(*bytes);
    }

    void digest_file(const std::string& path) {
        const auto info = host_.look(path, host::Follow::No);
        if (!info) {
            miss(path, info.error());
            return;
        }
        if (info->type != host::FileType::Regular || evidence_.files.size() == kMaxFiles) {
            return;
        }
        const auto bytes = host_.read_file(path, kMaxProgram);
        if (!bytes) {
            miss(path, bytes.error());
            return;
        }
        evidence_.files.emplace_back(path, sha256_of(*bytes));
    }

    host::Host& host_;
    VolatileEvidence& evidence_;
    std::map<std::string, std::string> digests_;
    std::size_t read_bytes_ = 0;
};

}  // namespace

VolatileEvidence collect_evidence(
    host::Host& host, std::span<const PackageName> packages, Instant now) {
    VolatileEvidence evidence;
    evidence.at = now;
    evidence.host = host.name();
    Collector collector(host, evidence);
    // What changes fastest first.
    collector.read_texts();
    collector.read_processes();
    collector.read_files();
    collector.read_packages(packages);
    return evidence;
}

std::string format_evidence(const VolatileEvidence& evidence) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.evidence/1");
    json.member("at", format_instant(evidence.at)).member("host", evidence.host);
    json.key("texts").open_array();
    for (const auto& one : evidence.texts) {
        json.open_object().member("of", one.first).member("text", one.second).close_object();
    }
    json.close_array().key("processes").open_array();
    for (const EvidenceProcess& process : evidence.processes) {
        json.open_object().key("id").number(static_cast<std::int64_t>(process.id));
        json.member("status", process.status).member("command", process.command);
        json.member_or_null("program", process.program);
        json.member_or_null("program_sha256", process.program_sha256).close_object();
    }
    json.close_array().key("files").open_array();
    for (const auto& file : evidence.files) {
        json.open_object().member("path", file.first).member("sha256", file.second).close_object();
    }
    json.close_array().key("differences").open_array();
    for (const FileDifference& one : evidence.differences) {
        json.open_object().member("package", one.package).member("path", one.path);
        json.member("what", one.what).close_object();
    }
    json.close_array().member("gaps", evidence.gaps).close_object();
    return text;
}

}  // namespace thimble::verify
