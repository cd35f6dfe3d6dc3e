#include "thimble/verify/running_interpreters.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/inventory/proc_maps.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace thimble::verify {
namespace {

constexpr std::size_t kMaxMaps = std::size_t{16} << 20;
constexpr std::size_t kMaxSmall = std::size_t{256} << 10;
constexpr std::uint64_t kTicksPerSecond = 100;  // USER_HZ, fixed in Linux' interface

struct LanguageSigns {
    Language language;
    std::string_view name;
    std::string_view program;  ///< its name begins so
    std::string_view library;  ///< of a program that has it built in: its file's name begins so
    std::array<std::string_view, 3> endings;  ///< of its modules
    std::array<std::string_view, 3> folders;  ///< where it looks for them, anywhere in a path
};

constexpr std::array<LanguageSigns, 6> kLanguages{{
    {Language::Python,
     "Python",
     "python",
     "libpython",
     {".py", ".pyc", ".pyo"},
     {"/dist-packages/", "/site-packages/", "/lib/python"}},
    {Language::Perl,
     "Perl",
     "perl",
     "libperl.so",
     {".pm", ".pl", ".al"},
     {"/perl5/", "/perl/", "/perl-base/"}},
    {Language::Ruby,
     "Ruby",
     "ruby",
     "libruby",
     {".rb", ".rb", ".rb"},
     {"/lib/ruby/", "/share/ruby/", "/rubygems"}},
    {Language::Java, "Java", "java", "libjvm.so", {".jar", ".war", ".jmod"}, {"/", "/", "/"}},
    {Language::JavaScript,
     "JavaScript",
     "node",
     "libnode.so",
     {".js", ".mjs", ".cjs"},
     {"/nodejs/", "/node_modules/", "/lib/node/"}},
    {Language::Php,
     "PHP",
     "php",
     "libphp",
     {".php", ".inc", ".phar"},
     {"/share/php/", "/share/pear/", "/lib/php/"}},
}};

std::string_view file_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string text_of(host::Host& host, const std::string& path, std::size_t limit) {
    auto text = host.read_file(path, limit);
    return text ? *std::move(text) : std::string();
}

/// @return none: it has gone, is the kernel's, or interprets nothing
std::optional<RunningInterpreter> read_one(host::Host& host, std::uint32_t pid, Instant booted_at) {
    const std::string folder = "/proc/" + std::to_string(pid);
    auto stat = inventory::parse_process_stat(text_of(host, folder + "/stat", kMaxSmall));
    const auto executable = host.read_link(folder + "/exe");
    if (!stat || stat->kernel_thread || !executable) {
        return std::nullopt;
    }
    const auto language =
        language_of_process(*executable, text_of(host, folder + "/maps", kMaxMaps));
    if (!language) {
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
        const bool ends = std::ranges::any_of(
            signs.endings, [&](std::string_view ending) { return path.ends_with(ending); });
        const bool lies = std::ranges::any_of(
            signs.folders, [&](std::string_view folder) { return path.contains(folder); });
        if (ends && lies) {
            return signs.language;
        }
    }
    return std::nullopt;
}

std::optional<Language> language_of_process(std::string_view executable, std::string_view maps) {
    const std::string_view program = file_name(executable);
    for (const LanguageSigns& signs : kLanguages) {
        if (program.starts_with(signs.program)) {
            return signs.language;
        }
    }
    Lines lines(maps);
    for (std::string_view line; lines.next(line);) {
        const std::string_view name = file_name(line);
        const auto signs = std::ranges::find_if(kLanguages, [&](const LanguageSigns& one) {
            return line.contains('/') && name.starts_with(one.library);
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

}  // namespace thimble::verify
