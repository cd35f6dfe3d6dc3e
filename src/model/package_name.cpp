#include "thimble/model/package_name.hpp"

#include <string>
#include <string_view>

namespace thimble::model {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string fold_case(std::string_view name) {
    std::string folded;
    folded.reserve(name.size());
    for (const char c : name) {
        folded += lower(c);
    }
    return folded;
}

std::string fold_pypi(std::string_view name) {
    std::string folded;
    for (const char c : name) {
        const bool separator = c == '-' || c == '_' || c == '.';
        if (!separator) {
            folded += lower(c);
        } else if (folded.empty() || folded.back() != '-') {
            folded += '-';
        }
    }
    return folded;
}

std::string fold_crate(std::string_view name) {
    std::string folded = fold_case(name);
    for (char& c : folded) {
        c = c == '_' ? '-' : c;
    }
    return folded;
}

}  // namespace

std::string fold_package_name(std::string_view ecosystem, std::string_view name) {
    if (ecosystem == "PyPI") {
        return fold_pypi(name);
    }
    if (ecosystem == "crates.io") {
        return fold_crate(name);
    }
    if (ecosystem == "NuGet" || ecosystem == "Packagist") {
        return fold_case(name);
    }
    return std::string(name);
}

std::string patch_source(std::string_view name, std::string_view source_name) {
    return name.starts_with("linux-image-") ? "linux" : std::string(source_name);
}

}  // namespace thimble::model
