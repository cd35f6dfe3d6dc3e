#include "thimble/rehearse/concerned_trials.hpp"

#include "thimble/rehearse/linking.hpp"

namespace thimble::rehearse {

std::set<std::string, std::less<>> concerned_trials(
    const std::vector<Trial>& trials,
    const FileTree& tree,
    const std::set<std::string, std::less<>>& planned) {
    std::set<std::string, std::less<>> concerned;
    if (trials.empty()) {
        return concerned;
    }
    const auto dependents = find_dependents(tree, planned);
    for (const Trial& trial : trials) {
        const std::string& script = trial.argv.front();
        const std::string program =
            resolve_links(tree, trial.worker.empty() ? script : trial.worker);
        const bool is_known = tree.complete && tree.elf.contains(program);
        if (!is_known || planned.contains(script) || planned.contains(resolve_links(tree, script))
            || dependents.contains(program)) {
            concerned.insert(trial.name);
        }
    }
    return concerned;
}

}  // namespace thimble::rehearse
