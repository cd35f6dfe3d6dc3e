#include "thimble/cli/nearest_package.hpp"

#include "thimble/cli/nearest_word.hpp"

#include <set>
#include <vector>

namespace thimble::cli {

std::string nearest_package(const std::string& word, const model::Inventory& inventory) {
    std::set<std::string> names;
    for (const model::InstalledPackage& package : inventory.packages) {
        names.insert(package.name);
        names.insert(package.source_name);
    }
    const std::string name = word.substr(0, word.find(':'));
    return names.contains(name)
        ? name
        : nearest_word(name, std::vector<std::string>(names.begin(), names.end()));
}

}  // namespace thimble::cli
