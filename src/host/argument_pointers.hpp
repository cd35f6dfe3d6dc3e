#pragma once
/// @file Texts as execve(2) wants them. Private to this folder.

#include <string>
#include <vector>

namespace thimble::host {

/// Pointers to the texts, which must outlive them unchanged, and the null pointer that ends the list.
inline std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace thimble::host
