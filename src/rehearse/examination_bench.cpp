// The examination of a root: THIMBLE_ROOT, or this machine's own.
#include "thimble/rehearse/file_tree.hpp"
#include "thimble/rehearse/linking.hpp"
#include "thimble/rehearse/read_file_tree.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace thimble::rehearse {
namespace {

std::string root() {
    const char* const chosen = std::getenv("THIMBLE_ROOT");
    return chosen == nullptr ? "/" : chosen;
}

void count(benchmark::State& state, const FileTree& tree) {
    state.counters["files"] = static_cast<double>(tree.files_seen);
    state.counters["elf"] = static_cast<double>(tree.elf.size());
}

void read_tree_for_the_first_time(benchmark::State& state) {
    FileTree tree;
    for (auto _ : state) {
        tree = read_file_tree(root()).value_or(FileTree());
    }
    count(state, tree);
}
BENCHMARK(read_tree_for_the_first_time)->Unit(benchmark::kMillisecond);

/// As if a transaction had changed all of /usr/bin.
void read_what_has_changed(benchmark::State& state) {
    const FileTree before = read_file_tree(root()).value_or(FileTree());
    FileTree tree;
    for (auto _ : state) {
        tree = read_changed_files(root(), before, {"/usr/bin"}).value_or(FileTree());
    }
    count(state, tree);
}
BENCHMARK(read_what_has_changed)->Unit(benchmark::kMillisecond);

/// The worst case: the C library is new, so that everything is examined.
void compare_linking_after_a_new_libc(benchmark::State& state) {
    const FileTree before = read_file_tree(root()).value_or(FileTree());
    FileTree after = before;
    for (auto& [path, file] : after.elf) {
        if (path.ends_with("/libc.so.6")) {
            file = std::make_shared<const ElfObject>(*file);
        }
    }
    LinkComparison comparison;
    for (auto _ : state) {
        comparison = compare_linking(before, after);
    }
    count(state, after);
    state.counters["examined"] = static_cast<double>(comparison.examined);
    state.counters["broken"] = static_cast<double>(comparison.broken.size());
    state.counters["earlier"] = static_cast<double>(comparison.earlier.size());
}
BENCHMARK(compare_linking_after_a_new_libc)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace thimble::rehearse
