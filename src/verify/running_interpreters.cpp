#include "thimble/verify/running_interpreters.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/inventory/living_thread.hpp"
#include "thimble/inventory/proc_maps.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string>
#include <utility>

namespace thimble::verify {
namespace {

constexpr std::size_t kMaxMaps = std::size_t{64} << 20;
constexpr std::size_t kMaxSmall = std::size_t{256} << 10;
constexpr std::uint64_t kTicksPerSecond = 100;  // USER_HZ, fixed in Linux' interface

struct LanguageSigns {
    Language language;
    std::string_view name;
    std::array<std::string_view, 2> programs;  ///< their names begin so
    std::string_view
        library;  ///< of a program that has it built in: its file's name begins so; empty: none
    std::array<std::string_view, 3> endings;  ///< of its modules
    std::array<std::string_view, 3> folders;  ///< where it looks for them, anywhere in a path
    /// Of modules that an application keeps in a folder of its own, as Debian's policy wants. Empty: none do by their
    /// name alone; JavaScript's need a manifest beside them, and PHP reads its own anew at each request unless it is told otherwise.
    std::array<std::string_view, 3> own_endings;
};

constexpr std::array<LanguageSigns, 8> kLanguages{{
    {Language::Python,
     "Python",
     {"python", "python"},
     "libpython",
     {".py", ".pyc", ".pyo"},
     {"/dist-packages/", "/site-packages/", "/lib/python"},
     {".py", ".pyc", ".pyo"}},
    {Language::Perl,
     "Perl",
     {"perl", "perl"},
     "libperl.so",
     {".pm", ".pl", ".al"},
     {"/perl5/", "/perl/", "/perl-base/"},
     {".pm", ".pm", ".pm"}},  // a .pl elsewhere is a program by itself
    {Language::Ruby,
     "Ruby",
     {"ruby", "ruby"},
     "libruby",
     {".rb", ".rb", ".rb"},
     {"/lib/ruby/", "/share/ruby/", "/rubygems"},
     {".rb", ".rb", ".rb"}},
    {Language::Java,
     "Java",
     {"java", "java"},
     "libjvm.so",
     {".jar", ".war", ".jmod"},
     {"/usr/share/java/", "/usr/share/maven-repo/", "/usr/lib/jvm/"},
     {".jar", ".war", ".jmod"}},
    {Language::JavaScript,
     "JavaScript",
     {"node", "node"},
     "libnode.so",
     {".js", ".mjs", ".cjs"},
     {"/nodejs/", "/node_modules/", "/lib/node/"},
     {}},
    {Language::Php,
     "PHP",
     {"php", "php"},
     "libphp",
     {".php", ".inc", ".phar"},
     {"/share/php/", "/share/pear/", "/lib/php/"},
     {}},
    {Language::Erlang,
     "Erlang",
     {"beam", "beam"},
     "",
     {".beam", ".ez", ".beam"},
     {"/erlang/", "/elixir/", "/rabbitmq/"},
     {".beam", ".ez", ".beam"}},
    // Many programs have Lua built in for their own scripts alone; those with LuaJIT load what packages bring.
    {Language::Lua,
     "Lua",
     {"lua", "luajit"},
     "libluajit",
     {".lua", ".lua", ".lua"},
     {"/share/lua/", "/lib/lua/", "/share/luajit"},
     {".lua", ".lua", ".lua"}},
}};

/// Whether a file lies where no program that runs on looks for modules: for debuggers, browsers, editors, builds, maintainer
/// scripts and crash reports, or it is a program itself, which scan sees by name.
bool is_read_by_others(std::string_view path) {
    constexpr std::array<std::string_view, 19> kFolders{
        "/apport/",
        "/awk/",
        "/bin/",
        "/cmake",
        "/dh-python/",
        "/emacs/",
        "/examples/",
        "/games/",
        "/gcc/python/",
        "/gdb/",
        "/linux-kbuild-",
        "/perf-core/",
        "/sbin/",
        "/share/doc/",
        "/share/javascript/",
        "/share/python3/",
        "/systemtap/",
        "/usr/src/",
        "/vim"};
    return std::ranges::any_of(
        kFolders, [path](std::string_view folder) { return path.contains(folder); });
}

/// Whether a package has an application of Node: else its scripts are a browser's, or settings.
bool has_manifest_of_node(const PackageFiles& files) {
    return std::ranges::any_of(files.paths, [](const std::string& path) {
        return path.starts_with("/usr/") && path.ends_with("/package.json")
            && !is_read_by_others(path);
    });
}

bool ends_with_any(std::string_view path, const std::array<std::string_view, 3>& endings) {
    return std::ranges::any_of(endings, [path](std::string_view ending) {
        return !ending.empty() && path.ends_with(ending);
    });
}

std::string_view file_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

/// "python" in "python3.11" and "php-fpm8.2", "node" in "nodejs"; not in "node_exporter".
bool is_program(std::string_view program, std::string_view name) {
    if (!program.starts_with(name)) {
        return false;
    }
    const std::string_view rest = program.substr(name.size());
    return rest.empty() || rest == "js" || std::string_view("0123456789.-").contains(rest.front());
}

/// Whether a program is one that looks for modules where packages put them.
bool is_of_a_package(std::string_view executable, Language language) {
    if (language == Language::Java && file_name(executable).starts_with("java")) {
        return executable.starts_with("/usr/lib/jvm/");
    }
    constexpr std::array<std::string_view, 4> kFolders{"/usr/", "/bin/", "/sbin/", "/lib"};
    return !executable.starts_with("/usr/local/")
        && std::ranges::any_of(
            kFolders, [&](std::string_view folder) { return executable.starts_with(folder); });
}

/// Whether a process sees another directory as its root than we do.
bool has_another_root(host::Host& host, const std::string& folder) {
    const auto ours = host.look("/", host::Follow::Yes);
    const auto theirs = host.look(folder + "/root", host::Follow::Yes);
    return ours && theirs
        && (ours->inode != theirs->inode || ours->device_major != theirs->device_major
            || ours->device_minor != theirs->device_minor);
}

std::string text_of(host::Host& host, const std::string& path, std::size_t limit) {
    auto text = host.read_file(path, limit);
    return text ? *std::move(text) : std::string();
}

/// @return none: it has gone, is the kernel's, or interprets nothing
std::optional<RunningInterpreter> read_one(host::Host& host, std::uint32_t pid, Instant booted_at) {
    auto stat = inventory::parse_process_stat(
        text_of(host, "/proc/" + std::to_string(pid) + "/stat", kMaxSmall));
    if (!stat || stat->kernel_thread) {
        return std::nullopt;
    }
    const auto living = inventory::find_living_thread(host, pid);
    if (!living || !*living) {
        return std::nullopt;
    }
    const auto& [folder, executable] = **living;
    const auto language =
        language_of_process(executable, text_of(host, folder + "/maps", kMaxMaps));
    if (!language || !is_of_a_package(executable, *language) || has_another_root(host, folder)) {
        return std::nullopt;
    }
    inventory::UnitMembership membership =
        inventory::unit_of(text_of(host, folder + "/cgroup", kMaxSmall));
    RunningInterpreter found;
    found.language = *language;
    found.process.pid = pid;
    found.process.command = std::move(stat->command);
    found.process.unit = std::move(membership.unit);
    found.process.unit_kind = std::move(membership.kind);
    found.process.heuristic = true;
    found.started_at = booted_at + std::chrono::seconds(stat->start_ticks / kTicksPerSecond);
    return found;
}

}  // namespace

std::string_view language_name(Language language) {
    return std::ranges::find(kLanguages, language, &LanguageSigns::language)->name;
}

std::optional<Language> language_of_module(std::string_view path) {
    for (const LanguageSigns& signs : kLanguages) {
        const bool lies = std::ranges::any_of(
            signs.folders, [&](std::string_view folder) { return path.contains(folder); });
        const bool is_own = path.starts_with("/usr/") && ends_with_any(path, signs.own_endings)
            && !is_read_by_others(path);
        if ((lies && ends_with_any(path, signs.endings)) || is_own) {
            return signs.language;
        }
    }
    return std::nullopt;
}

std::optional<Language> language_of_process(std::string_view executable, std::string_view maps) {
    const std::string_view program = file_name(executable);
    for (const LanguageSigns& signs : kLanguages) {
        if (std::ranges::any_of(signs.programs, [program](std::string_view name) {
                return is_program(program, name);
            })) {
            return signs.language;
        }
    }
    Lines lines(maps);
    for (std::string_view line; lines.next(line);) {
        const std::string_view name = file_name(line);
        const auto* const signs = std::ranges::find_if(kLanguages, [&](const LanguageSigns& one) {
            return line.contains('/') && !one.library.empty() && name.starts_with(one.library);
        });
        if (signs != kLanguages.end()) {
            return signs->language;
        }
    }
    return std::nullopt;
}

std::vector<RunningInterpreter> read_interpreters(host::Host& host, Instant booted_at) {
    std::vector<RunningInterpreter> found;
    const auto names = host.list("/proc");
    if (!names) {
        return found;
    }
    for (const std::string& name : *names) {
        const auto pid = number_in<std::uint32_t>(name);
        if (!pid) {
            continue;
        }
        if (auto one = read_one(host, *pid, booted_at)) {
            found.push_back(*std::move(one));
        }
    }
    std::ranges::sort(found, {}, [](const RunningInterpreter& one) { return one.process.pid; });
    return found;
}

std::set<Language> languages_of(const PackageFiles& files) {
    std::set<Language> languages;
    bool has_scripts = false;
    for (const std::string& path : files.paths) {
        if (const auto language = language_of_module(path)) {
            languages.insert(*language);
        }
        has_scripts = has_scripts
            || (path.starts_with("/usr/") && ends_with_any(path, {".js", ".mjs", ".cjs"})
                && !is_read_by_others(path));
    }
    if (has_scripts && has_manifest_of_node(files)) {
        languages.insert(Language::JavaScript);
    }
    return languages;
}

std::vector<const RunningInterpreter*> readers_before(
    const PackageFiles& files, const std::vector<RunningInterpreter>& interpreters) {
    // Both instants are whole seconds, and that of the boot may be one off.
    constexpr std::chrono::seconds kBlur{2};
    const std::set<Language> languages = languages_of(files);
    std::vector<const RunningInterpreter*> readers;
    for (const RunningInterpreter& running : interpreters) {
        if (languages.contains(running.language) && files.unpacked_at
            && running.started_at + kBlur <= *files.unpacked_at) {
            readers.push_back(&running);
        }
    }
    return readers;
}

}  // namespace thimble::verify
