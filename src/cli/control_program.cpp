#include "thimble/cli/control_program.hpp"

#include <algorithm>
#include <array>

namespace thimble::cli {
namespace {

constexpr std::array<std::string_view, 10> kOfServer{
    "list",
    "show",
    "propose",
    "request",
    "approve",
    "enforce",
    "attest",
    "retire",
    "resume",
    "renew"};
constexpr std::array<std::string_view, 2> kOfBoth{"deploy", "verify"};

template <std::size_t Size>
bool is_one_of(const std::array<std::string_view, Size>& verbs, std::string_view verb) {
    return std::ranges::find(verbs, verb) != verbs.end();
}

}  // namespace

std::span<const std::string_view> control_verbs_of_server() {
    return kOfServer;
}

const char* control_program(const std::vector<std::string_view>& arguments) {
    const auto verb = std::ranges::find_if(
        arguments, [](std::string_view word) { return !word.starts_with('-'); });
    const bool is_here = std::ranges::any_of(arguments, [](std::string_view word) {
        return word == "--id" || word.starts_with("--id=");
    });
    const bool asks_server = verb != arguments.end()
        && (is_one_of(kOfServer, *verb) || (is_one_of(kOfBoth, *verb) && !is_here));
    return asks_server ? "thimble-fleet" : "thimble-control";
}

}  // namespace thimble::cli
