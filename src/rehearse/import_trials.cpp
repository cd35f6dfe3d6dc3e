#include "thimble/rehearse/import_trials.hpp"

#include "thimble/rehearse/file_tree.hpp"
#include "thimble/rehearse/linking.hpp"
#include "thimble/rehearse/trial.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

constexpr std::size_t kMaxModules = 40;

/// A module and who loads it.
struct Module {
    std::string interpreter;  // a path
    std::string kind;         // "python3"
    std::string name;
    std::vector<std::string> argv;
};

bool is_word(std::string_view text) {
    return !text.empty() && (std::isdigit(static_cast<unsigned char>(text.front())) == 0)
        && std::ranges::all_of(text, [](char c) {
               return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
           });
}

/// "a/b" as "a.b"; nothing where a part is not a name.
std::optional<std::string> joined_name(std::string_view path, std::string_view separator) {
    std::string name;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, end);
        if (!is_word(part)) {
            return std::nullopt;
        }
        name += (name.empty() ? "" : std::string(separator)) + std::string(part);
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return name.empty() ? std::nullopt : std::optional(name);
}

std::string_view after(std::string_view path, std::string_view folder) {
    const std::size_t at = path.find(folder);
    return at == std::string_view::npos ? std::string_view() : path.substr(at + folder.size());
}

/// /usr/lib/python3.11/… and /usr/local/lib/python3.11/… have an interpreter of that version.
std::string python_of(const FileTree& tree, std::string_view path) {
    const std::size_t at = path.find("/lib/python3");
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = path.substr(at + 5);
    const std::string program =
        std::string(path.substr(0, at)) + "/bin/" + std::string(rest.substr(0, rest.find('/')));
    const std::string resolved = resolve_links(tree, program);
    return tree.elf.contains(resolved) ? program : std::string();
}

std::optional<Module> python_module(const FileTree& tree, std::string_view path) {
    std::string_view rest;
    for (const std::string_view folder : {"/dist-packages/", "/site-packages/", "/lib-dynload/"}) {
        rest = rest.empty() ? after(path, folder) : rest;
    }
    const std::string interpreter = python_of(tree, path);
    if (rest.empty() || interpreter.empty()) {
        return std::nullopt;
    }
    const bool compiled = rest.ends_with(".so");
    if (!compiled && !rest.ends_with(".py")) {
        return std::nullopt;
    }
    // A package stands for its files; a compiled module is asked for by its own name.
    const std::size_t slash = rest.rfind('/');
    const std::size_t dot = rest.find('.', slash == std::string_view::npos ? 0 : slash);
    const auto name = joined_name(
        compiled ? rest.substr(0, dot) : rest.substr(0, std::min(rest.find('/'), dot)), ".");
    if (!name) {
        return std::nullopt;
    }
    constexpr const char* kCode = "import importlib, sys; importlib.import_module(sys.argv[1])";
    return Module{
        .interpreter = interpreter,
        .kind = "python3",
        .name = *name,
        .argv = {interpreter, "-c", kCode, *name}};
}

std::optional<Module> perl_module(std::string_view path) {
    const std::string_view rest = after(path, "/auto/");
    if (!path.contains("/perl") || !rest.ends_with(".so")) {
        return std::nullopt;
    }
    const auto name = joined_name(rest.substr(0, std::min(rest.rfind('/'), rest.size())), "::");
    if (!name) {
        return std::nullopt;
    }
    return Module{
        .interpreter = "/usr/bin/perl",
        .kind = "perl",
        .name = *name,
        .argv = {"/usr/bin/perl", "-M" + *name, "-e", "1"}};
}

std::optional<Module> ruby_module(std::string_view path) {
    if (!path.contains("/ruby/") || !path.ends_with(".so")) {
        return std::nullopt;
    }
    return Module{
        .interpreter = "/usr/bin/ruby",
        .kind = "ruby",
        .name = std::string(path),
        .argv = {"/usr/bin/ruby", "-e", "require ARGV[0]", std::string(path)}};
}

std::optional<Module> node_module(std::string_view path) {
    if (!path.ends_with(".node")) {
        return std::nullopt;
    }
    return Module{
        .interpreter = "/usr/bin/node",
        .kind = "node",
        .name = std::string(path),
        .argv = {"/usr/bin/node", "-e", "require(process.argv[1])", std::string(path)}};
}

std::optional<Module> module_of(const FileTree& tree, std::string_view path) {
    if (auto module = python_module(tree, path)) {
        return module;
    }
    if (auto module = perl_module(path)) {
        return module;
    }
    if (auto module = ruby_module(path)) {
        return module;
    }
    return node_module(path);
}

}  // namespace

std::vector<ImportTrials> find_import_trials(
    const FileTree& tree, const std::set<std::string, std::less<>>& files) {
    const std::set<std::string, std::less<>> dependents = find_dependents(tree, files);
    struct Found {
        std::map<std::string, Trial> trials;  // by name
        std::set<std::string> left_out;
    };
    std::map<std::string, Found> found;  // by kind
    const auto add = [&](std::string_view path, bool affected) {
        const auto module = module_of(tree, path);
        if (!module) {
            return;
        }
        const std::string interpreter = resolve_links(tree, module->interpreter);
        if (!tree.elf.contains(interpreter) || (!affected && !dependents.contains(interpreter))) {
            return;
        }
        auto& [trials, left_out] = found[module->kind];
        if (trials.size() < kMaxModules) {
            trials.try_emplace(
                module->name,
                Trial{.name = module->name, .argv = module->argv, .user = {}, .run_folder = {}});
        } else if (!trials.contains(module->name)) {
            left_out.insert(module->name);
        }
    };
    // What changes itself first: there may be more than are tried.
    for (const std::string& path : files) {
        add(path, true);
    }
    for (const auto& [path, file] : tree.elf) {
        add(path, dependents.contains(path));
    }
    std::vector<ImportTrials> all;
    for (auto& [kind, one_kind] : found) {
        ImportTrials one{
            .name = "imports " + kind, .trials = {}, .left_out = one_kind.left_out.size()};
        for (auto& [name, trial] : one_kind.trials) {
            one.trials.push_back(std::move(trial));
        }
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace thimble::rehearse
