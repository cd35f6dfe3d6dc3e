#include "temporary_folder.hpp"

#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace thimble::inventory::apt {

TemporaryFolder::~TemporaryFolder() {
    std::error_code none;
    std::filesystem::remove_all(path_, none);
}

Result<std::unique_ptr<TemporaryFolder>> TemporaryFolder::make() {
    std::error_code error;
    std::string pattern =
        (std::filesystem::temp_directory_path(error) / "thimble-apt-XXXXXX").string();
    if (error || ::mkdtemp(pattern.data()) == nullptr) {
        return host::system_error(error ? error.value() : errno, pattern);
    }
    return std::unique_ptr<TemporaryFolder>(new TemporaryFolder(std::move(pattern)));
}

}  // namespace thimble::inventory::apt
