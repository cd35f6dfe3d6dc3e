#include "thimble/rehearse/examine_files.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/rehearse/file_tree.hpp"
#include "thimble/rehearse/linking.hpp"
#include "thimble/rehearse/rehearsal.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

// What every transaction may change without owning it: databases of package managers, caches, logs, and
// what triggers generate. One line each.
constexpr auto kExpectedPrefixes = std::to_array<std::string_view>(
    {"/boot/grub/",
     "/boot/initrd.img-",
     "/etc/alternatives/",
     "/etc/dnf/aliases.d",  // dnf makes these where they are missing
     "/etc/dnf/modules.d",
     "/etc/ld.so.cache",
     "/etc/.pwd.lock",
     "/etc/ssl/certs/",
     "/lib/apk/db/",
     "/usr/lib/locale/locale-archive",
     "/usr/lib/sysimage/rpm/",
     "/usr/share/applications/mimeinfo.cache",
     "/usr/share/glib-2.0/schemas/gschemas.compiled",
     "/usr/share/icons/",
     "/usr/share/info/dir",
     "/usr/share/mime/",
     "/var/backups/",
     "/var/cache/",
     "/var/lib/apt/",
     "/var/lib/dnf/",
     "/var/lib/dpkg/",
     "/var/lib/initramfs-tools/",
     "/var/lib/pam/",
     "/var/lib/rpm/",
     "/var/lib/systemd/deb-systemd-helper-enabled/",
     "/var/lib/ucf/",
     "/var/lib/update-notifier/",
     "/var/lib/zypp/",
     "/var/log/"});

constexpr auto kExpectedParts = std::to_array<std::string_view>(
    {"/__pycache__", "/giomodule.cache", "/loaders.cache", "/gconv-modules.cache", "/.pyc"});

constexpr auto kExpectedEnds = std::to_array<std::string_view>(
    {".pyc",
     ".dpkg-dist",
     ".dpkg-old",
     ".dpkg-new",
     ".dpkg-bak",
     ".ucf-dist",
     ".ucf-old",
     ".rpmnew",
     ".rpmsave",
     ".apk-new",
     ".distrib"});

// The halves of a merged /usr.
constexpr auto kMerged =
    std::to_array<std::string_view>({"/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/"});

constexpr std::uint32_t kSetuid = 04000;
constexpr std::uint32_t kSetgid = 02000;
constexpr std::uint32_t kRunByMore = 00011;  // by the group, by others
constexpr std::uint32_t kWrittenByOthers = 00002;
constexpr std::uint32_t kReadByOthers = 00004;

bool is_expected(std::string_view path) {
    return std::ranges::any_of(
               kExpectedPrefixes, [&](std::string_view part) { return path.starts_with(part); })
        || std::ranges::any_of(
               kExpectedParts, [&](std::string_view part) { return path.contains(part); })
        || std::ranges::any_of(
               kExpectedEnds, [&](std::string_view part) { return path.ends_with(part); })
        // The folders themselves, where the package manager makes them.
        || std::ranges::any_of(kExpectedPrefixes, [&](std::string_view part) {
               return part.ends_with('/') && part.substr(0, part.size() - 1) == path;
           });
}

std::string octal(std::uint32_t mode) {
    std::string digits;
    for (int shift = 9; shift >= 0; shift -= 3) {
        digits += static_cast<char>('0' + (mode >> static_cast<unsigned>(shift) & 7U));
    }
    return digits;
}

std::string text_of(const PrivilegedFile& file) {
    std::string text = "mode " + octal(file.mode) + ", owner " + std::to_string(file.uid) + ":"
        + std::to_string(file.gid);
    if (!file.capabilities.empty()) {
        text += ", capabilities " + file.capabilities;
    }
    return text;
}

/// Whether `now` gives a right that `then` did not.
bool gives_more(const PrivilegedFile& then, const PrivilegedFile& now) {
    const std::uint32_t bits = now.mode & (kSetuid | kSetgid);
    const std::uint32_t wanted = bits | (now.mode & kWrittenByOthers);
    const bool more_bits = (wanted & ~then.mode) != 0;
    // Who may run it is told by its owner and group, whichever of the two it runs as.
    const bool other_owner = bits != 0 && (now.uid != then.uid || now.gid != then.gid);
    const bool more_runners = bits != 0 && (now.mode & kRunByMore & ~then.mode) != 0;
    const bool more_capabilities =
        !now.capabilities.empty() && now.capabilities != then.capabilities;
    return more_bits || other_owner || more_runners || more_capabilities;
}

std::vector<std::string> added(
    const std::vector<std::string>& before, const std::vector<std::string>& after) {
    std::vector<std::string> difference;
    std::ranges::set_difference(after, before, std::back_inserter(difference));
    return difference;
}

}  // namespace

void OwnedFiles::add_list(std::string_view list) {
    Lines lines(list);
    for (std::string_view path; lines.next(path);) {
        if (path.starts_with('/')) {
            paths_.emplace(path);
        }
    }
}

bool OwnedFiles::contains(std::string_view path) const {
    if (paths_.contains(path)) {
        return true;
    }
    if (path.starts_with("/usr/")) {
        const std::string_view other = path.substr(4);
        return std::ranges::any_of(
                   kMerged, [&](std::string_view half) { return other.starts_with(half); })
            && paths_.contains(other);
    }
    return std::ranges::any_of(
               kMerged, [&](std::string_view half) { return path.starts_with(half); })
        && paths_.contains("/usr" + std::string(path));
}

Check examine_ownership(const std::vector<std::string>& changed_paths, const OwnedFiles& owned) {
    Check check = named_check("unowned files");
    if (owned.empty()) {
        check.verdict = CheckVerdict::Warn;
        check.summary = "which files belong to packages is not known on this system";
        return check;
    }
    std::vector<std::string> unowned;
    for (const std::string& path : changed_paths) {
        if (!is_expected(path) && !owned.contains(path)) {
            unowned.push_back(path);
        }
    }
    if (changed_paths.empty()) {
        check.summary = "no path changed: there was nothing to check";
        return check;
    }
    check.summary = unowned.empty()
        ? counted(changed_paths.size(), "path") + " changed, none outside the packages"
        : counted(unowned.size(), "path") + " changed that belong to no package";
    if (!unowned.empty()) {
        check.verdict = CheckVerdict::Warn;
        add_evidence(check, unowned);
    }
    return check;
}

namespace {

/// Also a script in a folder of programs, and a folder with one in it.
bool held_program(const FileTree& before, const std::string& path) {
    const auto below = before.elf.lower_bound(path + "/");
    return before.elf.contains(path) || path.contains("/bin/") || path.contains("/sbin/")
        || (below != before.elf.end() && below->first.starts_with(path + "/"));
}

}  // namespace

Check examine_other_packages(const ChangedFiles& facts) {
    Check check = named_check("other packages");
    std::vector<std::string> found;
    const auto note = [&](const std::string& path, bool is_program, std::string_view what) {
        check.verdict =
            std::max(check.verdict, is_program ? CheckVerdict::Fail : CheckVerdict::Warn);
        found.push_back(path);
        found.back().append(what).append(is_program ? ": a program or library" : "");
    };
    const auto is_other = [&](const std::string& path) {
        return !is_expected(path) && facts.owned.contains(path) && !facts.planned.contains(path);
    };
    for (const std::string& path : facts.changed | std::views::filter(is_other)) {
        note(path, facts.before.elf.contains(path) || facts.after.elf.contains(path), "");
    }
    for (const std::string& path : facts.gone | std::views::filter(is_other)) {
        note(path, held_program(facts.before, path), ": removed");
    }
    check.summary = found.empty() ? "no file of a package outside the plan changed"
                                  : counted(found.size(), "file")
            + " changed or removed of packages that the plan leaves as they are";
    add_evidence(check, found);
    return check;
}

namespace {

/// Empty: it gives no right that it did not give.
std::string wider_words(
    const FileTree& before, const std::string& path, const PrivilegedFile& now) {
    const auto earlier = before.privileged.find(path);
    const bool was_one = earlier != before.privileged.end();
    const PrivilegedFile then = was_one ? earlier->second : PrivilegedFile();
    if (!gives_more(then, now)) {
        return {};
    }
    return path + ": " + text_of(now) + (was_one ? "; before " + text_of(then) : "");
}

/// What lost the capabilities that it had and is still there; without them it may not do its work.
std::vector<std::string> without_capabilities(const FileTree& before, const FileTree& after) {
    std::vector<std::string> found;
    for (const auto& [path, file] : before.privileged) {
        const auto now = after.privileged.find(path);
        const bool has_none = now == after.privileged.end() ? after.elf.contains(path)
                                                            : now->second.capabilities.empty();
        if (!file.capabilities.empty() && has_none) {
            found.push_back(path + ": capabilities " + file.capabilities + " are gone");
        }
    }
    return found;
}

/// Files of the configuration that were kept from others.
std::vector<std::string> opened_to_others(const FileTree& before, const FileTree& after) {
    std::vector<std::string> found;
    for (const auto& [path, mode] : after.etc_modes) {
        const auto then = before.etc_modes.find(path);
        if (then != before.etc_modes.end() && (mode & ~then->second & kReadByOthers) != 0) {
            found.push_back(path + ": mode " + octal(mode) + ", before " + octal(then->second));
        }
    }
    return found;
}

}  // namespace

Check examine_privileges(const FileTree& before, const FileTree& after, const OwnedFiles& owned) {
    Check check = named_check("privileges");
    std::vector<std::string> found;
    for (const auto& [path, file] : after.privileged) {
        if (std::string words = wider_words(before, path, file); !words.empty()) {
            found.push_back(std::move(words));
            const bool foreign = !owned.empty() && !owned.contains(path);
            check.verdict =
                std::max(check.verdict, foreign ? CheckVerdict::Fail : CheckVerdict::Warn);
        }
    }
    const bool is_foreign = check.verdict == CheckVerdict::Fail;
    std::ranges::move(without_capabilities(before, after), std::back_inserter(found));
    std::ranges::move(opened_to_others(before, after), std::back_inserter(found));
    if (!found.empty()) {
        check.verdict = std::max(check.verdict, CheckVerdict::Warn);
    }
    check.summary = found.empty()
        ? "no set-id file or capability is new or wider, nothing more may be written by others, or "
          "in /etc be read by them"
        : counted(found.size(), "file gives", "files give") + " other rights than before"
            + (is_foreign ? ", one of them of no package" : "");
    add_evidence(check, found);
    return check;
}

Check examine_schedules(const FileTree& before, const FileTree& after) {
    Check check = named_check("schedules");
    const std::vector<std::string> found = added(before.schedules, after.schedules);
    check.summary = found.empty() ? "no new timer or cron table"
                                  : counted(found.size(), "new timer or cron table");
    if (!found.empty()) {
        check.verdict = CheckVerdict::Warn;
        add_evidence(check, found);
    }
    return check;
}

namespace {

/// "2 miss something that they found before: /usr/bin/a needs libx.so.1, which is not there, and 1 more".
std::string missing_words(const std::vector<LinkProblem>& problems, std::string_view before) {
    std::set<std::string_view> programs;
    for (const LinkProblem& problem : problems) {
        programs.insert(problem.path);
    }
    return counted(programs.size(), "misses", "miss") + " something " + std::string(before) + ": "
        + problems.front().path + " " + problems.front().what
        + (problems.size() == 1 ? std::string()
                                : ", and " + std::to_string(problems.size() - 1) + " more");
}

std::string linking_words(const LinkComparison& comparison) {
    if (comparison.examined == 0) {
        return comparison.changed == 0
            ? "no program or library file changed: there was nothing to check"
            : counted(comparison.changed, "program or library file")
                + " changed, and none is left that could be checked";
    }
    std::string words =
        counted(comparison.examined, "program or library", "programs and libraries") + " checked";
    if (comparison.broken.empty() && comparison.earlier.empty()) {
        return words + "; none misses anything";
    }
    if (!comparison.broken.empty()) {
        words += "; " + missing_words(comparison.broken, "that was found before");
    }
    if (!comparison.earlier.empty()) {
        words += "; " + missing_words(comparison.earlier, "that was missed before, too");
    }
    return words;
}

}  // namespace

Check examine_linking(const LinkComparison& comparison, bool complete) {
    Check check = named_check("linking");
    check.summary = linking_words(comparison);
    std::vector<std::string> lines;
    lines.reserve(comparison.broken.size() + comparison.earlier.size());
    for (const LinkProblem& problem : comparison.broken) {
        lines.push_back(problem.path + ": " + problem.what);
    }
    for (const LinkProblem& problem : comparison.earlier) {
        lines.push_back("as before: " + problem.path + ": " + problem.what);
    }
    add_evidence(check, lines);
    if (!comparison.broken.empty()) {
        check.verdict = CheckVerdict::Fail;
        return check;
    }
    if (!complete) {
        check.verdict = CheckVerdict::Warn;
        check.summary += "; there are more files than are looked at";
    }
    return check;
}

Check examine_listeners(
    const std::vector<std::string>& before,
    const std::vector<std::string>& after,
    verify::PortRange ports) {
    Check check = named_check("listeners");
    std::vector<std::string> found = added(before, after);
    std::vector<std::string> gone;
    std::ranges::set_difference(before, after, std::back_inserter(gone));
    const std::size_t moved = verify::pair_moved(ports, gone, found);
    check.summary =
        found.empty() ? "no new listening socket" : counted(found.size(), "new listening socket");
    if (moved > 0) {
        check.summary +=
            "; " + std::to_string(moved) + " on another of the ports that the kernel chooses";
    }
    if (!found.empty()) {
        check.verdict = CheckVerdict::Warn;
        add_evidence(check, found);
    }
    return check;
}

}  // namespace thimble::rehearse
