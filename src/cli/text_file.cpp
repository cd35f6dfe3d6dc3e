#include "thimble/cli/text_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

namespace thimble::cli {

Result<std::string> read_text_file(const std::string& name, std::size_t most) {
    std::ifstream file;
    if (name != "-") {
        file.open(name, std::ios::binary);
    }
    std::istream& in = name == "-" ? std::cin : file;
    if (name != "-" && !file.is_open()) {
        return failure(ErrorKind::NotFound, "cli.no_file", name + ": " + std::strerror(errno));
    }
    std::string text(most + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

}  // namespace thimble::cli
