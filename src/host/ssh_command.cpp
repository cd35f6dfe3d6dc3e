#include "thimble/host/ssh_command.hpp"

#include "thimble/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::host {
namespace {

constexpr std::size_t kMaxWordsBytes = 500;

/// Nothing in it means anything to a shell.
bool is_plain(std::string_view word) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%";
    return !word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos;
}

}  // namespace

std::vector<std::string> ssh_words(
    const SshTarget& target,
    std::span<const std::string> options,
    std::span<const std::string> remote) {
    constexpr std::array kFixed{
        "ssh",
        "-T",
        "-oBatchMode=yes",
        "-oConnectTimeout=10",
        "-oServerAliveInterval=10",
        "-oClearAllForwardings=yes",
        "-oForwardAgent=no",
        "-oForwardX11=no",
        "-oPermitLocalCommand=no"};
    std::vector<std::string> words(kFixed.begin(), kFixed.end());
    words.insert(words.end(), options.begin(), options.end());
    if (!target.user.empty()) {
        words.insert(words.end(), {"-l", target.user});
    }
    if (target.port != 0) {
        words.insert(words.end(), {"-p", std::to_string(target.port)});
    }
    words.insert(words.end(), {"--", target.name});
    std::ranges::transform(remote, std::back_inserter(words), [](const std::string& word) {
        return is_plain(word) ? word : shell_quoted(word);
    });
    return words;
}

std::string last_words(std::string_view errors) {
    const std::size_t end = errors.find_last_not_of(" \r\n");
    std::string_view rest = errors.substr(0, end == std::string_view::npos ? 0 : end + 1);
    if (rest.size() > kMaxWordsBytes) {
        rest.remove_prefix(rest.size() - kMaxWordsBytes);
        rest.remove_prefix(
            std::min(rest.find('\n') + 1, rest.size()));  // a line is whole, if one fits
    }
    std::string words;
    while (!rest.empty()) {
        const std::size_t line = std::min(rest.find('\n'), rest.size());
        const std::size_t stop = rest.substr(0, line).find_last_not_of(" \r");
        words += words.empty() ? "" : "; ";
        words += rest.substr(0, stop == std::string_view::npos ? 0 : stop + 1);
        rest.remove_prefix(std::min(line + 1, rest.size()));
    }
    return printable(words, 2 * kMaxWordsBytes);
}

}  // namespace thimble::host
