/// @file thimble-gate: stands between apt and dpkg. apt runs it as a DPkg::Pre-Install-Pkgs hook with the
/// list of what it is about to do on standard input; the argument is the file of what it is meant to
/// do. Status 0 only if the two are the same, so that apt stops before dpkg is started.
///
/// Linked statically, since it also runs in directories with other libraries than ours.

#include "thimble/apply/expected_actions.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

Result<std::string> read_all(std::FILE* file) {
    std::string text;
    std::array<char, 1 << 14> piece{};
    while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), file)) {
        text.append(piece.data(), got);
        if (text.size() > kMaxBytes) {
            return failure(ErrorKind::Invalid, "apply.bad_action_list", "the list is too long");
        }
    }
    if (std::ferror(file) != 0) {
        return failure(ErrorKind::Unavailable, "apply.bad_action_list", "the list is cut off");
    }
    return text;
}

Result<std::vector<std::string>> compare(const char* expectation) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
        std::fopen(expectation, "rbe"), &std::fclose);
    if (file == nullptr) {
        return failure(
            ErrorKind::NotFound, "apply.bad_expectation", "the expectation cannot be read");
    }
    THIMBLE_TRY(const std::string expected_text, read_all(file.get()));
    THIMBLE_TRY(const auto expected, parse_expected_actions(expected_text));
    THIMBLE_TRY(const std::string list, read_all(stdin));
    THIMBLE_TRY(const auto actions, parse_apt_actions(list));
    return differences(expected, actions);
}

/// The lines that we print are read by whoever started apt: kGateRefuses and kGatePasses.
int guard(const char* expectation) {
    const auto found = compare(expectation);
    if (!found) {
        std::printf("%s%s\n", kGateRefuses, found.error().text().c_str());
        return 2;
    }
    for (const std::string& sentence : *found) {
        std::printf("%s%s\n", kGateRefuses, sentence.c_str());
    }
    if (found->empty()) {
        std::printf("%s\n", kGatePasses);
    }
    return found->empty() ? 0 : 1;
}

}  // namespace
}  // namespace thimble::apply

int main(int argc, char** argv) {
    try {
        if (argc != 2) {
            std::fputs("usage: thimble-gate EXPECTED\n", stderr);
            return 64;
        }
        const int status = thimble::apply::guard(argv[1]);
        return std::fflush(stdout) == 0 ? status : 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "thimble-gate: %s\n", error.what());
        return 2;
    }
}
