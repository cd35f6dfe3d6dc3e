#include "thimble/rehearse/linking.hpp"

#include "thimble/rehearse/elf_object.hpp"
#include "thimble/rehearse/file_tree.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

constexpr std::size_t kMaxLoaded = 4096;

/// Where glibc of a multi-arch distribution looks by itself. @source elf.h, e_machine
constexpr auto kMultiarch = std::to_array<std::pair<std::uint16_t, std::string_view>>(
    {{3, "i386-linux-gnu"},
     {21, "powerpc64le-linux-gnu"},
     {22, "s390x-linux-gnu"},
     {40, "arm-linux-gnueabihf"},
     {62, "x86_64-linux-gnu"},
     {183, "aarch64-linux-gnu"},
     {243, "riscv64-linux-gnu"}});

std::string_view multiarch_of(std::uint16_t machine) {
    const auto* const found =
        std::ranges::find(kMultiarch, machine, &std::pair<std::uint16_t, std::string_view>::first);
    return found == kMultiarch.end() ? std::string_view() : found->second;
}

std::string_view last_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string joined(std::string_view folder, std::string_view name) {
    std::string path(folder);
    return path.append("/").append(name);
}

/// Replaces both forms of a token of ld.so(8).
void substitute(std::string& text, std::string_view token, std::string_view value) {
    for (const std::string& form : {"$" + std::string(token), "${" + std::string(token) + "}"}) {
        for (std::size_t at = text.find(form); at != std::string::npos;
             at = text.find(form, at + value.size())) {
            text.replace(at, form.size(), value);
        }
    }
}

using Node = std::map<std::string, ElfFile, std::less<>>::value_type;

/// What one program or library has loaded, itself first, in the order of the dynamic linker.
struct Loaded {
    std::vector<const Node*> objects;
    std::vector<std::string> missing;  // names that were not found; sorted

    /// What was loaded for a name that is needed.
    [[nodiscard]] const Node* named(std::string_view name) const {
        const auto found = std::ranges::find_if(objects, [&](const Node* object) {
            return object->second->soname == name || last_of(object->first) == name;
        });
        return found == objects.end() ? nullptr : *found;
    }
};

/// Finds libraries in one tree.
class Linker {
public:
    explicit Linker(const FileTree& tree) : tree_(tree) {}

    Loaded load(const Node& root) {
        Loaded loaded;
        loaded.objects.push_back(&root);
        std::set<const Node*> seen{&root};
        for (std::size_t at = 0; at < loaded.objects.size() && at < kMaxLoaded; ++at) {
            add_needed(*loaded.objects[at], loaded, seen);
        }
        std::ranges::sort(loaded.missing);
        const auto twice = std::ranges::unique(loaded.missing);
        loaded.missing.erase(twice.begin(), twice.end());
        return loaded;
    }

    /// Whether anything in the tree defines the symbol.
    bool is_defined_anywhere(std::uint64_t key) {
        if (!all_defined_) {
            std::vector<std::uint64_t> all;
            for (const auto& [path, file] : tree_.elf) {
                all.insert(all.end(), file->defined.begin(), file->defined.end());
            }
            std::ranges::sort(all);
            all_defined_ = std::move(all);
        }
        return std::ranges::binary_search(*all_defined_, key);
    }

    /// Whether a library of that name is anywhere in the tree.
    bool is_library_anywhere(std::string_view name) {
        if (!all_names_) {
            std::set<std::string, std::less<>> all;
            for (const auto& [path, file] : tree_.elf) {
                all.emplace(last_of(path));
                all.insert(file->soname);
            }
            all_names_ = std::move(all);
        }
        return all_names_->contains(last_of(name));
    }

private:
    using Search = std::tuple<bool, std::uint16_t, std::string, std::string>;

    void add_needed(const Node& object, Loaded& loaded, std::set<const Node*>& seen) {
        const auto& found = direct(object);
        for (std::size_t n = 0; n < found.size(); ++n) {
            const std::string& name = object.second->needed[n];
            if (found[n] == nullptr && loaded.named(name) == nullptr) {
                loaded.missing.push_back(name);
            } else if (found[n] != nullptr && seen.insert(found[n]).second) {
                loaded.objects.push_back(found[n]);
            }
        }
    }

    /// What each name that an object needs leads to; null where nothing does.
    const std::vector<const Node*>& direct(const Node& object) {
        const auto [entry, is_new] = direct_.try_emplace(&object);
        if (is_new) {
            const ElfObject& elf = *object.second;
            const std::string own = own_folders(object);
            for (std::string name : elf.needed) {
                substitute(name, "ORIGIN", folder_of(object.first));
                entry->second.push_back(search(elf, own, name));
            }
        }
        return entry->second;
    }

    /// RUNPATH, or RPATH where there is none, with the tokens replaced.
    static std::string own_folders(const Node& object) {
        const ElfObject& elf = *object.second;
        std::string folders = elf.runpath.empty() ? elf.rpath : elf.runpath;
        substitute(folders, "ORIGIN", folder_of(object.first));
        const std::string_view multiarch = multiarch_of(elf.machine);
        substitute(
            folders,
            "LIB",
            multiarch.empty() ? std::string(elf.is_64 ? "lib64" : "lib")
                              : joined("lib", multiarch));
        return folders;
    }

    const Node* search(const ElfObject& elf, const std::string& own, const std::string& name) {
        const auto [entry, is_new] =
            found_.try_emplace(Search{elf.is_64, elf.machine, own, name}, nullptr);
        if (!is_new) {
            return entry->second;
        }
        const Node* found = nullptr;
        if (name.contains('/')) {
            found = at(elf, name);
        } else {
            found = search_folders(elf, own, name);
        }
        entry->second = found;
        return found;
    }

    const Node* search_folders(
        const ElfObject& elf, std::string_view own, const std::string& name) const {
        while (!own.empty()) {
            const std::size_t colon = std::min(own.find(':'), own.size());
            if (const Node* found = at(elf, joined(own.substr(0, colon), name))) {
                return found;
            }
            own.remove_prefix(std::min(colon + 1, own.size()));
        }
        for (const std::string& folder : tree_.loader_folders) {
            if (const Node* found = at(elf, joined(folder, name))) {
                return found;
            }
        }
        const std::string_view multiarch = multiarch_of(elf.machine);
        for (const std::string_view folder : {"/lib", "/usr/lib"}) {
            if (const Node* found = at(elf, joined(joined(folder, multiarch), name))) {
                return found;
            }
        }
        return nullptr;
    }

    /// The library at a path, if it is one for the same machine.
    const Node* at(const ElfObject& elf, const std::string& path) const {
        const auto found = tree_.elf.find(resolve_links(tree_, path));
        const bool fits = found != tree_.elf.end() && found->second->is_64 == elf.is_64
            && found->second->machine == elf.machine;
        return fits ? &*found : nullptr;
    }

    const FileTree& tree_;
    std::map<const Node*, std::vector<const Node*>> direct_;
    std::map<Search, const Node*> found_;
    std::optional<std::vector<std::uint64_t>> all_defined_;
    std::optional<std::set<std::string, std::less<>>> all_names_;
};

bool is_defined_by(const ElfObject& object, const NeededSymbol& symbol) {
    // A library without versions satisfies every version.
    const std::uint64_t key =
        object.has_versions ? symbol_key(symbol.name, symbol.version) : symbol_key(symbol.name, {});
    return std::ranges::binary_search(object.defined, key);
}

bool is_found(const Loaded& loaded, const NeededSymbol& symbol) {
    return std::ranges::any_of(
        loaded.objects, [&](const Node* object) { return is_defined_by(*object->second, symbol); });
}

std::string text_of(const NeededSymbol& symbol) {
    return symbol.version.empty() ? symbol.name : symbol.name + "@" + symbol.version;
}

std::set<std::string> version_problems(const Loaded& loaded) {
    std::set<std::string> problems;
    if (loaded.objects.empty()) {
        return problems;
    }
    for (const VersionNeed& need : loaded.objects.front()->second->version_needs) {
        const Node* const library = loaded.named(need.library);
        if (need.weak || library == nullptr || !library->second->has_versions) {
            continue;  // a library without versions is taken as it is
        }
        const auto& versions = library->second->version_definitions;
        if (std::ranges::find(versions, need.version) == versions.end()) {
            problems.insert(
                "needs version " + need.version + " of " + need.library
                + ", which does not have it");
        }
    }
    return problems;
}

bool loads_the_same(const Loaded& then, const Loaded& now) {
    return then.missing == now.missing
        && std::ranges::equal(then.objects, now.objects, [](const Node* left, const Node* right) {
               return left->first == right->first && left->second == right->second;
           });
}

class Comparing {
public:
    Comparing(const FileTree& before, const FileTree& after)
        : before_(before), after_(after), linker_before_(before), linker_after_(after) {}

    LinkComparison run() {
        for (const auto& [path, file] : before_.elf) {
            result_.changed += after_.elf.contains(path) ? 0 : 1;
        }
        for (const Node& node : after_.elf) {
            const auto earlier = before_.elf.find(node.first);
            const Node* const was = earlier == before_.elf.end() ? nullptr : &*earlier;
            const bool changed = was == nullptr || was->second != node.second;
            result_.changed += changed ? 1 : 0;
            const Loaded now = linker_after_.load(node);
            const Loaded then = was == nullptr ? Loaded() : linker_before_.load(*was);
            if (!loads_the_same(then, now)) {
                ++result_.examined;
                compare_libraries(node.first, then, now);
                compare_symbols(node, then, now);
            }
        }
        std::ranges::sort(result_.broken);
        std::ranges::sort(result_.earlier);
        return std::move(result_);
    }

private:
    void compare_libraries(const std::string& path, const Loaded& then, const Loaded& now) {
        const std::set<std::string> had = version_problems(then);
        for (const std::string& problem : version_problems(now)) {
            (had.contains(problem) ? result_.earlier : result_.broken).push_back({path, problem});
        }
        for (const std::string& name : now.missing) {
            const bool was_needed = !then.objects.empty() && needs_library(then, name);
            const bool was_missing = std::ranges::binary_search(then.missing, name);
            const bool was_found = was_needed && !was_missing;
            if (!was_found && linker_after_.is_library_anywhere(name)) {
                continue;  // whoever loads it has loaded that one: the libraries of a Java machine
            }
            (was_missing ? result_.earlier : result_.broken)
                .push_back({path, "needs " + name + ", which is not there"});
        }
    }

    static bool needs_library(const Loaded& loaded, const std::string& name) {
        return std::ranges::any_of(loaded.objects, [&](const Node* object) {
            const auto& needed = object->second->needed;
            return std::ranges::find(needed, name) != needed.end();
        });
    }

    void compare_symbols(const Node& node, const Loaded& then, const Loaded& now) {
        for (const NeededSymbol& symbol : node.second->needed_symbols) {
            if (symbol.weak || is_found(now, symbol)) {
                continue;
            }
            const LinkProblem problem{
                node.first, "needs symbol " + text_of(symbol) + ", which nothing defines"};
            if (is_needed_by(then, symbol) && is_found(then, symbol)) {
                result_.broken.push_back(problem);
                continue;
            }
            const std::uint64_t key = symbol_key(symbol.name, symbol.version);
            if (linker_after_.is_defined_anywhere(key)) {
                continue;  // a plug-in: the program that loads it has it
            }
            const bool was_missing =
                is_needed_by(then, symbol) && !linker_before_.is_defined_anywhere(key);
            (was_missing ? result_.earlier : result_.broken).push_back(problem);
        }
    }

    static bool is_needed_by(const Loaded& loaded, const NeededSymbol& symbol) {
        if (loaded.objects.empty()) {
            return false;
        }
        const auto& needed = loaded.objects.front()->second->needed_symbols;
        return std::ranges::find(needed, symbol) != needed.end();
    }

    const FileTree& before_;
    const FileTree& after_;
    Linker linker_before_;
    Linker linker_after_;
    LinkComparison result_;
};

}  // namespace

LinkComparison compare_linking(const FileTree& before, const FileTree& after) {
    return Comparing(before, after).run();
}

std::set<std::string, std::less<>> find_dependents(
    const FileTree& tree, const std::set<std::string, std::less<>>& files) {
    Linker linker(tree);
    std::set<std::string, std::less<>> dependents;
    for (const Node& node : tree.elf) {
        const Loaded loaded = linker.load(node);
        if (std::ranges::any_of(loaded.objects, [&](const Node* object) {
                return files.contains(object->first);
            })) {
            dependents.insert(node.first);
        }
    }
    return dependents;
}

}  // namespace thimble::rehearse
